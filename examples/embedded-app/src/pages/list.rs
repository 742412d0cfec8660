//! The contracts, each vendor's beside the other's.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Row, page};
use crate::app::App;

#[derive(Template)]
#[template(path = "list.html")]
struct List<'a> {
    sandbox: &'a str,
    vendors: Vec<Vendor<'a>>,
}

struct Vendor<'a> {
    id: &'a str,
    name: &'a str,
    rows: Vec<Row>,
}

pub(super) async fn show(State(app): State<App>) -> Response {
    let all = app.contracts().all();
    let vendors = app.desks().iter().map(|desk| {
        let own = all.iter().filter(|(contract, _)| contract.account == desk.name);
        let rows = own.zip(1..).map(|((contract, known), at)| Row::new(at, contract, known)).collect();
        Vendor { id: &desk.name, name: desk.vendor, rows }
    });
    page(StatusCode::OK, &List { sandbox: app.sandbox_url(), vendors: vendors.collect() })
}
