//! Everybody's mail.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::get;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::handle::World;
use crate::render::{count, page, time};
use crate::world::{Channel, Mail, MailKind, SENDER_EMAIL, SENDER_NAME};

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/inbox", get(people))
        .route("/inbox/{address}", get(mails))
        .route("/outbox", get(|| async { Redirect::to("/inbox") }))
}

/// Where somebody's mails are.
pub(super) fn address_of(address: &str) -> String {
    format!("/inbox/{}", utf8_percent_encode(address, NON_ALPHANUMERIC))
}

#[derive(Template)]
#[template(path = "inbox/people.html")]
struct People {
    now: String,
    here: &'static str,
    people: Vec<Person>,
}

struct Person {
    address: String,
    href: String,
    mails: String,
    newest: String,
    at: String,
}

#[derive(Template)]
#[template(path = "inbox/mails.html")]
struct Mails {
    now: String,
    here: &'static str,
    address: String,
    mails: Vec<Letter>,
}

struct Letter {
    id: String,
    subject: String,
    from: String,
    to: String,
    at: String,
    by_phone: bool,
    lines: &'static str,
    message: String,
    link: Option<String>,
}

async fn people(State(world): State<World>) -> Response {
    let mut by_address: BTreeMap<String, Vec<Mail>> = BTreeMap::new();
    for mail in world.outbox() {
        by_address.entry(mail.to.to_lowercase()).or_default().push(mail);
    }
    let person = |(address, mails): (String, Vec<Mail>)| {
        let newest = mails.last()?;
        Some(Person {
            href: address_of(&address),
            mails: count(mails.len(), "message"),
            newest: newest.subject.clone(),
            at: time(newest.at),
            address,
        })
    };
    let people = by_address.into_iter().filter_map(person).collect();
    page(StatusCode::OK, &People { now: time(world.now()), here: "inbox", people })
}

async fn mails(State(world): State<World>, Path(address): Path<String>) -> Response {
    let all = world.outbox().into_iter().rev();
    // As the list of people puts them together.
    let wanted = address.to_lowercase();
    let mails = all.filter(|mail| mail.to.to_lowercase() == wanted).map(letter).collect();
    page(StatusCode::OK, &Mails { now: time(world.now()), here: "inbox", address, mails })
}

fn letter(mail: Mail) -> Letter {
    let lines = match mail.kind {
        MailKind::Request => "asks you to read and sign documents.",
        MailKind::Resend => {
            "asks you once more to read and sign documents. Links in earlier mails may have ended."
        }
        MailKind::Reminder => "reminds you of documents that are waiting for your signature.",
        MailKind::Correction => "has corrected how you are reached, and asks you to read and sign documents.",
        MailKind::Copy => "sends you a copy. There is nothing to do for you.",
    };
    Letter {
        id: mail.id,
        subject: mail.subject,
        from: format!("{SENDER_NAME} via {} <{SENDER_EMAIL}>", mail.vendor.name()),
        to: mail.to,
        at: time(mail.at),
        by_phone: mail.channel == Channel::Sms,
        lines,
        message: mail.message,
        link: mail.link.map(|link| link.expose().to_owned()),
    }
}
