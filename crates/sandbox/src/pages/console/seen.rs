//! The pages of API calls and rules, and the page to which a signer returns from a link created in the console.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::calls::CallSeen;
use crate::handle::World;
use crate::render::{self, Frame, page};
use crate::vendors::Query;

#[derive(Template)]
#[template(path = "console/calls.html")]
struct Calls {
    frame: Frame,
    calls: Vec<CallSeen>,
}

pub(super) async fn calls(State(world): State<World>) -> Response {
    page(StatusCode::OK, &Calls { frame: Frame { now: world.now(), here: "calls" }, calls: world.calls() })
}

#[derive(Template)]
#[template(path = "console/rules.html")]
struct Rules {
    frame: Frame,
}

pub(super) async fn all_rules(State(world): State<World>) -> Response {
    page(StatusCode::OK, &Rules { frame: Frame { now: world.now(), here: "rules" } })
}

#[derive(Template)]
#[template(path = "console/returned.html")]
struct Returned {
    frame: Frame,
    query: String,
    event: Option<String>,
    envelope: Option<String>,
}

pub(super) async fn returned(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let read = Query::parse(query.as_deref());
    let get = |name: &str| read.get(name).map(str::to_owned);
    let template = Returned {
        frame: Frame { now: world.now(), here: "" },
        event: get("event"),
        envelope: get("documentId").filter(|id| world.envelope(id).is_some()),
        query: query.unwrap_or_default(),
    };
    page(StatusCode::OK, &template)
}
