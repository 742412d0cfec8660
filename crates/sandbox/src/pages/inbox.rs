//! All mails.

use std::cmp::Reverse;
use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::get;

use crate::handle::World;
use crate::render::{self, Frame, Pager, page};
use crate::world::{Channel, Mail, MailKind};

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/inbox", get(people))
        .route("/inbox/{address}", get(mails))
        .route("/outbox", get(|| async { Redirect::to("/inbox") }))
}

#[derive(Template)]
#[template(path = "inbox/people.html")]
struct People<'a> {
    frame: Frame,
    /// Each recipient's address, number of mails, and newest mail.
    people: Vec<(String, usize, &'a Mail)>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "inbox/mails.html")]
struct Mails<'a> {
    frame: Frame,
    address: String,
    mails: Vec<&'a Mail>,
    pager: Pager,
}

async fn people(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let state = world.lock();
    // The number of mails per recipient, and the position of the newest. The list starts with the most recent.
    let mut by_address: HashMap<String, (usize, usize)> = HashMap::new();
    for (at, mail) in state.mails.iter().enumerate() {
        let (mails, newest) = by_address.entry(mail.to.to_lowercase()).or_default();
        (*mails, *newest) = (*mails + 1, at);
    }
    let mut people: Vec<_> = by_address.into_iter().collect();
    people.sort_by_key(|(_, (_, newest))| Reverse(*newest));
    let (pager, people) = Pager::cut(query.as_deref(), "/inbox", people);
    let newest = |(address, (mails, at))| Some((address, mails, state.mails.get(at)?));
    let people = people.into_iter().filter_map(newest).collect();
    page(StatusCode::OK, &People { frame: Frame { now: state.now(), here: "inbox" }, people, pager })
}

async fn mails(
    State(world): State<World>,
    Path(address): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let state = world.lock();
    // In the same form as the list of recipients.
    let wanted = address.to_lowercase();
    let mails = state.mails.iter().rev().filter(|mail| mail.to.to_lowercase() == wanted).collect();
    let path = format!("/inbox/{}", render::encoded(&address));
    let (pager, mails) = Pager::cut(query.as_deref(), &path, mails);
    page(StatusCode::OK, &Mails { frame: Frame { now: state.now(), here: "inbox" }, address, mails, pager })
}
