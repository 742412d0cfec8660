//! The console's first page: clock, envelopes, accounts.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use serde::Deserialize;

use crate::handle::World;
use crate::render::{PER_PAGE, Pager, count, page, state, time, word};
use crate::vendors::Query;
use crate::world::{EnvelopeStatus, EnvelopeView, RecipientView, Vendor};

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Overview {
    now: String,
    here: &'static str,
    envelopes: Vec<Row>,
    pager: Pager,
    mails: String,
    calls: String,
    webhooks: String,
    faults: String,
    vendors: String,
    accounts: Vec<(&'static str, Vec<(&'static str, String)>)>,
}

struct Row {
    href: String,
    subject: String,
    vendor: &'static str,
    status: Badge,
    people: Vec<String>,
}

/// A labelled box. The colour is only an aid; the word is sufficient.
pub(super) struct Badge {
    pub(super) word: String,
    pub(super) class: &'static str,
}

pub(super) fn status(status: EnvelopeStatus) -> Badge {
    let class = match status {
        EnvelopeStatus::Completed => "good",
        EnvelopeStatus::Declined | EnvelopeStatus::Voided | EnvelopeStatus::Expired => "bad",
        EnvelopeStatus::Sent | EnvelopeStatus::Viewed => "now",
        EnvelopeStatus::Draft => "",
    };
    Badge { word: word(status), class }
}

/// Name and status.
fn person(r: &RecipientView) -> String {
    let locked = if r.locked { ", locked out" } else { "" };
    format!("{}: {}{locked}", r.name, state(r.state, r.role))
}

pub(super) fn subject(env: &EnvelopeView) -> String {
    if env.subject.is_empty() { "(no subject)".to_owned() } else { env.subject.clone() }
}

pub(super) async fn show(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let row = |env: &EnvelopeView| Row {
        href: format!("/console/envelopes/{}", env.id),
        subject: subject(env),
        vendor: env.vendor.name(),
        status: status(env.status),
        people: env.recipients.iter().map(person).collect(),
    };
    let (pager, envelopes, mails) = {
        let state = world.lock();
        let now = state.now();
        let query = Query::parse(query.as_deref());
        let pager = Pager::new(&query, "/console", state.envelopes().count());
        let page = state.envelopes().rev().skip(pager.skip).take(PER_PAGE);
        let rows: Vec<Row> = page.map(|env| row(&EnvelopeView::of(env, now))).collect();
        (pager, rows, state.mails.len())
    };
    let template = Overview {
        now: time(world.now()),
        here: "console",
        envelopes,
        pager,
        mails: count(mails, "message"),
        calls: count(world.calls().len(), "call"),
        webhooks: count(world.webhooks().log().len(), "webhook"),
        faults: count(world.faults().len(), "fault"),
        vendors: Vendor::all().iter().map(|vendor| vendor.name()).collect::<Vec<_>>().join(", "),
        accounts: world.accounts().all().map(|one| (one.vendor().name(), one.public_access())).collect(),
    };
    page(StatusCode::OK, &template)
}

/// A year: long enough for everything to expire.
const FURTHEST: u64 = 366 * 24 * 60;

#[derive(Deserialize)]
pub(super) struct Advance {
    minutes: String,
}

/// Moves the clock by whole minutes. An invalid number has no effect.
pub(super) async fn advance(State(world): State<World>, Form(form): Form<Advance>) -> Redirect {
    if let Ok(minutes) = form.minutes.trim().parse::<u64>() {
        world.advance(Duration::from_secs(minutes.min(FURTHEST) * 60));
    }
    Redirect::to("/console")
}
