//! The index and the outbox.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::page;
use crate::rules::rules;
use crate::vendors::Vendor;
use crate::world::{EnvelopeView, Mail, RecipientView, World};

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    url: String,
    now: String,
    account: String,
    mails: usize,
    envelopes: Vec<EnvelopeRow>,
    rules: Vec<RuleRow>,
}

struct EnvelopeRow {
    id: String,
    vendor: &'static str,
    subject: String,
    status: String,
    people: Vec<String>,
}

struct RuleRow {
    vendor: &'static str,
    what: &'static str,
    evidence: String,
    source: &'static str,
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct Outbox {
    mails: Vec<MailRow>,
}

struct MailRow {
    at: String,
    vendor: &'static str,
    kind: String,
    to: String,
    subject: String,
    message: String,
    link: Option<String>,
}

/// A word as it stands in the control API's JSON, so that page and API say the same.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

pub(super) async fn index(State(world): State<World>) -> Response {
    let access = &world.shared.access.docusign;
    let template = Index {
        url: access.base_url.clone(),
        now: world.now().strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        account: access.account_id.clone(),
        mails: world.outbox().len(),
        envelopes: world.envelopes().iter().rev().map(envelope).collect(),
        rules: rules()
            .map(|rule| RuleRow {
                vendor: rule.vendor.map_or("both", Vendor::name),
                what: rule.what,
                evidence: word(rule.evidence),
                source: rule.source,
            })
            .collect(),
    };
    page(StatusCode::OK, &template)
}

fn envelope(view: &EnvelopeView) -> EnvelopeRow {
    EnvelopeRow {
        id: view.id.clone(),
        vendor: view.vendor.name(),
        subject: view.subject.clone(),
        status: word(view.status),
        people: view.recipients.iter().map(person).collect(),
    }
}

fn person(r: &RecipientView) -> String {
    let locked = if r.locked { ", locked" } else { "" };
    let address = match (&r.phone, r.email.is_empty()) {
        (Some(phone), true) => format!("{}{}", phone.country_code, phone.number),
        _ => r.email.clone(),
    };
    format!("{}. {} <{address}>: {}{locked}", r.order, r.name, word(r.state))
}

pub(super) async fn outbox(State(world): State<World>) -> Response {
    let mails = world.outbox().into_iter().rev().map(mail).collect();
    page(StatusCode::OK, &Outbox { mails })
}

fn mail(mail: Mail) -> MailRow {
    MailRow {
        at: mail.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        vendor: mail.vendor.name(),
        kind: word(mail.kind),
        to: mail.to,
        subject: mail.subject,
        message: mail.message,
        link: mail.link.map(|link| link.expose().to_owned()),
    }
}
