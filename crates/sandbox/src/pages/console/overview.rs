//! What concerns the whole sandbox: envelopes, clock and accounts, calls, rules, faults, and the page to which a signer
//! returns from a link created in the console.

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::calls::{CallSeen, DropWhen, Fault, FaultKind};
use crate::handle::World;
use crate::render::{self, Frame, Pager, TEXTS, page};
use crate::vendors::Query;
use crate::world::{Envelope, Vendor};

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Overview<'a> {
    frame: Frame,
    envelopes: Vec<&'a Envelope>,
    pager: Pager,
    mails: usize,
    calls: usize,
    webhooks: usize,
    faults: usize,
    accounts: Vec<(&'static str, Vec<(&'static str, String)>)>,
}

pub(super) async fn show(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let accounts = world.accounts().all().map(|one| (one.vendor().name(), one.public_access())).collect();
    let webhooks = world.webhooks().log().len();
    let state = world.lock();
    let (pager, envelopes) = Pager::cut(query.as_deref(), "/console", state.envelopes().rev().collect());
    let template = Overview {
        frame: Frame { now: state.now(), here: "console" },
        envelopes,
        pager,
        mails: state.mails.len(),
        calls: world.calls().len(),
        webhooks,
        faults: world.faults().len(),
        accounts,
    };
    page(StatusCode::OK, &template)
}

/// A year: long enough for everything to expire.
const FURTHEST: u64 = 366 * 24 * 60;

/// Moves the clock by whole minutes. An invalid number has no effect.
pub(super) fn advance(world: &World, form: &Query) {
    if let Ok(minutes) = form.text("minutes").parse::<u64>() {
        world.advance(Duration::from_secs(minutes.min(FURTHEST) * 60));
    }
}

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

#[derive(Template)]
#[template(path = "console/faults.html")]
struct Faults {
    frame: Frame,
    faults: Vec<Fault>,
}

pub(super) async fn faults(State(world): State<World>) -> Response {
    let frame = Frame { now: world.now(), here: "faults" };
    page(StatusCode::OK, &Faults { frame, faults: world.faults() })
}

pub(super) fn add_fault(world: &World, form: &Query) {
    if let Some((.., kind)) = TEXTS.faults.iter().find(|(name, ..)| name == form.text("kind")) {
        let times = form.text("times").parse().unwrap_or(1).clamp(1, 1_000);
        world.inject(Fault::on(form.text("method"), form.text("path"), kind.clone()).times(times));
    }
}
