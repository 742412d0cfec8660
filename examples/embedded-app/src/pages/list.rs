//! The contracts, each vendor's beside the others'; and the support page: who is locked out, and the state of each
//! recipient.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::contract::look;
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

#[derive(Template)]
#[template(path = "support.html")]
struct Support<'a> {
    sandbox: &'a str,
    locked: Vec<Line>,
    others: Vec<Line>,
}

struct Line {
    vendor: &'static str,
    unlock: String,
    row: Row,
}

pub(super) async fn support(State(app): State<App>) -> Response {
    let lines = app.contracts().all().into_iter().zip(1..).filter_map(|((contract, known), at)| {
        let vendor = app.desk(&contract)?.vendor;
        let unlock = format!("{}/unlock", contract.path().replacen("/contracts/", "/support/", 1));
        Some(Line { vendor, unlock, row: Row::new(at, &contract, &known) })
    });
    let (locked, others) = lines.partition(|line| line.row.locked);
    page(StatusCode::OK, &Support { sandbox: app.sandbox_url(), locked, others })
}

/// Asks the vendors about everything that is not finished, as seldom as they want to be asked.
pub(super) async fn ask(State(app): State<App>) -> Response {
    for (contract, known) in app.contracts().all() {
        if !known.is_final()
            && let Err(error) = look(&app, &contract).await
        {
            app.contracts().update(&contract, |known| known.note(app.now(), format!("Not asked: {error}.")));
        }
    }
    Redirect::to("/support").into_response()
}
