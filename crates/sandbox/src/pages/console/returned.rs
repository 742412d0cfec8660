//! The console as the application that a signer comes back to.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::pages::page;
use crate::pages::words::time;
use crate::vendors::Query;
use crate::world::World;

#[derive(Template)]
#[template(path = "console/returned.html")]
struct Returned {
    now: String,
    here: &'static str,
    query: String,
    event: Option<String>,
    envelope: Option<String>,
}

pub(super) async fn show(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let read = Query::parse(query.as_deref());
    let get = |name: &str| read.get(name).map(str::to_owned);
    let template = Returned {
        now: time(world.now()),
        here: "",
        event: get("event"),
        envelope: get("documentId").filter(|id| world.envelope(id).is_some()),
        query: query.unwrap_or_default(),
    };
    page(StatusCode::OK, &template)
}
