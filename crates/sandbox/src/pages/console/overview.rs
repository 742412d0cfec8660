//! The console's first page: clock, envelopes, accounts.

use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::handle::World;
use crate::render::{self, Frame, Pager, page};
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
