//! All mails.

use std::cmp::Reverse;
use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::get;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::handle::World;
use crate::render::{PER_PAGE, Pager, count, page, time};
use crate::vendors::Query;
use crate::world::{Channel, Mail, MailKind, SENDER_EMAIL, SENDER_NAME};

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/inbox", get(people))
        .route("/inbox/{address}", get(mails))
        .route("/outbox", get(|| async { Redirect::to("/inbox") }))
}

/// The address of a recipient's mails.
pub(super) fn address_of(address: &str) -> String {
    format!("/inbox/{}", utf8_percent_encode(address, NON_ALPHANUMERIC))
}

#[derive(Template)]
#[template(path = "inbox/people.html")]
struct People {
    now: String,
    here: &'static str,
    people: Vec<Person>,
    pager: Pager,
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
    pager: Pager,
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

async fn people(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let state = world.lock();
    // The number of mails per recipient, and the position of the newest. The list starts with the most recent.
    let mut by_address: HashMap<String, (usize, usize)> = HashMap::new();
    for (at, mail) in state.mails.iter().enumerate() {
        let (mails, newest) = by_address.entry(mail.to.to_lowercase()).or_default();
        *mails += 1;
        *newest = at;
    }
    let mut addresses: Vec<_> = by_address.into_iter().collect();
    addresses.sort_by_key(|(_, (_, newest))| Reverse(*newest));
    let pager = Pager::new(&Query::parse(query.as_deref()), "/inbox", addresses.len());
    let person = |(address, (mails, newest)): (String, (usize, usize))| {
        let newest = state.mails.get(newest)?;
        Some(Person {
            href: address_of(&address),
            mails: count(mails, "message"),
            newest: newest.subject.clone(),
            at: time(newest.at),
            address,
        })
    };
    let people = addresses.into_iter().skip(pager.skip).take(PER_PAGE).filter_map(person).collect();
    page(StatusCode::OK, &People { now: time(state.now()), here: "inbox", people, pager })
}

async fn mails(
    State(world): State<World>,
    Path(address): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let state = world.lock();
    // In the same form as the list of recipients.
    let wanted = address.to_lowercase();
    let all: Vec<&Mail> = state.mails.iter().rev().filter(|mail| mail.to.to_lowercase() == wanted).collect();
    let pager = Pager::new(&Query::parse(query.as_deref()), &address_of(&address), all.len());
    let mails = all.into_iter().skip(pager.skip).take(PER_PAGE).cloned().map(letter).collect();
    page(StatusCode::OK, &Mails { now: time(state.now()), here: "inbox", address, mails, pager })
}

fn letter(mail: Mail) -> Letter {
    let lines = match mail.kind {
        MailKind::Request => "asks you to read and sign documents.",
        MailKind::Resend => {
            "asks you again to read and sign documents. Links in earlier mails may no longer work."
        }
        MailKind::Reminder => "reminds you of documents that are waiting for your signature.",
        MailKind::Correction => {
            "has corrected your contact details, and asks you to read and sign documents."
        }
        MailKind::Copy => "sends you a copy. You do not need to do anything.",
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
