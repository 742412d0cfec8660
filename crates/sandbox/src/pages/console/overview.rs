//! The console's first page: clock, envelopes, accounts.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::access::{BoldsignAccess, DocusignAccess};
use crate::pages::page;
use crate::pages::words::{count, state, time, word};
use crate::world::{EnvelopeStatus, EnvelopeView, RecipientView, World, lock};

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Overview {
    now: String,
    here: &'static str,
    envelopes: Vec<Row>,
    mails: String,
    calls: String,
    webhooks: String,
    faults: String,
    docusign: DocusignAccess,
    boldsign: BoldsignAccess,
}

struct Row {
    href: String,
    subject: String,
    vendor: &'static str,
    status: Badge,
    people: Vec<String>,
}

/// A word in a box. The word says it all; the colour only helps to find it.
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

/// Name, and where they stand.
fn person(r: &RecipientView) -> String {
    let locked = if r.locked { ", locked out" } else { "" };
    format!("{}: {}{locked}", r.name, state(r.state, r.role))
}

pub(super) fn subject(env: &EnvelopeView) -> String {
    if env.subject.is_empty() { "(no subject)".to_owned() } else { env.subject.clone() }
}

pub(super) async fn show(State(world): State<World>) -> Response {
    let access = &world.shared.access;
    let envelopes = world.envelopes();
    let row = |env: &EnvelopeView| Row {
        href: format!("/console/envelopes/{}", env.id),
        subject: subject(env),
        vendor: env.vendor.name(),
        status: status(env.status),
        people: env.recipients.iter().map(person).collect(),
    };
    let template = Overview {
        now: time(world.now()),
        here: "console",
        envelopes: envelopes.iter().rev().map(row).collect(),
        mails: count(world.outbox().len(), "message"),
        calls: count(world.calls().len(), "call"),
        webhooks: count(world.webhooks().log().len(), "webhook"),
        faults: count(lock(&world.shared.faults).list().len(), "fault"),
        docusign: access.docusign.clone(),
        boldsign: access.boldsign.clone(),
    };
    page(StatusCode::OK, &template)
}
