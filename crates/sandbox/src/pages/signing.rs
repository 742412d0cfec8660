//! The signing page: code, documents, signature, and the way back.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::page;
use crate::vendors::Vendor;
use crate::world::{
    CodeAnswer, Desk, Ending, Envelope, Opening, Reason, Refused, State as Everything, Visit, World,
};

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    vendor: &'static str,
    subject: String,
    name: String,
    attempts_left: u32,
    wrong: bool,
    gives_up: bool,
}

#[derive(Template)]
#[template(path = "sign.html")]
struct SignPage {
    vendor: &'static str,
    subject: String,
    message: String,
    name: String,
    signs: bool,
}

#[derive(Template)]
#[template(path = "note.html")]
struct Note {
    title: &'static str,
    text: &'static str,
    back: Option<String>,
}

fn note(status: StatusCode, title: &'static str, text: &'static str, back: Option<String>) -> Response {
    page(status, &Note { title, text, back })
}

fn unknown() -> Response {
    note(
        StatusCode::NOT_FOUND,
        "No such link",
        "This link leads nowhere. Ask the sender for a new one.",
        None,
    )
}

/// Follows a link. The page itself lives under another address, since opening may have used the link up.
pub(super) async fn open(State(world): State<World>, Path(token): Path<String>) -> Response {
    let mut state = world.lock();
    match state.open_link(&token) {
        Opening::Session(id) => Redirect::to(&format!("/session/{id}")).into_response(),
        Opening::UsedUp(link) => {
            let url = state.way_back(&link.envelope, link.return_url.as_deref(), Ending::LinkUsedUp);
            leave(url, Ending::LinkUsedUp)
        }
        Opening::Unknown => unknown(),
    }
}

/// Sends the browser back, or says how the visit ended where there is no way back.
fn leave(url: Option<String>, ending: Ending) -> Response {
    if let Some(url) = url {
        return (StatusCode::FOUND, [(header::LOCATION, url)]).into_response();
    }
    let (status, title, text) = match ending {
        Ending::Signed => (StatusCode::OK, "Signed", "Thank you. You have signed."),
        Ending::OnlyViewed => (StatusCode::OK, "Done", "Thank you. There is nothing more to do."),
        Ending::FinishedLater => (StatusCode::OK, "See you later", "Nothing is signed. You can come back."),
        Ending::Declined => (StatusCode::OK, "Declined", "You have declined to sign."),
        Ending::LinkUsedUp => {
            (StatusCode::GONE, "Link expired", "This link is too old or was used before. Ask for a new one.")
        }
        Ending::SessionTimeout => (StatusCode::GONE, "Session ended", "Nothing happened here for too long."),
        Ending::CodeFailed => (StatusCode::FORBIDDEN, "Locked", LOCKED),
    };
    note(status, title, text, None)
}

const LOCKED: &str = "Too many wrong access codes. The sender has to give you new attempts.";

/// Finds the visit behind a session, or the answer for one that is over.
fn visit(state: &mut Everything, id: &str) -> Result<Visit, Box<Response>> {
    match state.visit(id) {
        Err(_) => Err(Box::new(unknown())),
        Ok(Ok(visit)) => Ok(visit),
        Ok(Err((visit, ending))) => {
            let url = state.way_back(&visit.envelope, visit.return_url.as_deref(), ending);
            Err(Box::new(leave(url, ending)))
        }
    }
}

pub(super) async fn show(State(world): State<World>, Path(id): Path<String>) -> Response {
    let mut state = world.lock();
    let visit = match visit(&mut state, &id) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let shown = state.on(&visit.envelope, |env, desk| documents(env, desk, visit.at, false));
    shown.unwrap_or_else(|refused| {
        let back = state.way_back(&visit.envelope, visit.return_url.as_deref(), Ending::OnlyViewed);
        closed(&refused, back)
    })
}

/// The code's form, or the documents for those who may see them.
fn documents(env: &mut Envelope, desk: &mut Desk<'_>, at: usize, wrong: bool) -> Result<Response, Refused> {
    let recipient = env.check_can_act(at)?;
    let vendor = Vendor::name(env.vendor);
    if recipient.code_pending() {
        let attempts_left = recipient.max_attempts.saturating_sub(recipient.wrong_codes);
        let (subject, name) = (env.subject.clone(), recipient.name.clone());
        let gives_up = env.vendor.offers_giving_up_the_code();
        return Ok(page(StatusCode::OK, &CodePage { vendor, subject, name, attempts_left, wrong, gives_up }));
    }
    let (name, signs) = (recipient.name.clone(), recipient.role.signs());
    desk.open(env, at)?;
    let (subject, message) = (env.subject.clone(), env.message.clone());
    Ok(page(StatusCode::OK, &SignPage { vendor, subject, message, name, signs }))
}

/// Why there is nothing to see.
fn closed(refused: &Refused, back: Option<String>) -> Response {
    let (status, title, text) = match refused.reason {
        Reason::RecipientDone => {
            (StatusCode::OK, "Already done", "You have finished. Nothing is left to do.")
        }
        Reason::NotTheirTurn => (
            StatusCode::CONFLICT,
            "Not your turn",
            "Others have to sign first. You will be told when it is your turn.",
        ),
        Reason::Locked => (StatusCode::FORBIDDEN, "Locked", LOCKED),
        Reason::EnvelopeClosed | Reason::NotSent => {
            (StatusCode::GONE, "Closed", "The documents can no longer be signed.")
        }
        _ => return unknown(),
    };
    note(status, title, text, back)
}

pub(super) async fn act(
    State(world): State<World>,
    Path(id): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let mut state = world.lock();
    let visit = match visit(&mut state, &id) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let at = visit.at;
    let done = state.on(&visit.envelope, |env, desk| match field("action") {
        "code" => match desk.enter_code(env, at, field("code"))? {
            CodeAnswer::Accepted => Ok(Step::Stay(Redirect::to(&format!("/session/{id}")).into_response())),
            CodeAnswer::Wrong => documents(env, desk, at, true).map(Step::Stay),
            CodeAnswer::Locked => Ok(Step::Leave(Ending::CodeFailed)),
        },
        "no_code" => desk.give_up_code(env, at).map(Step::Leave),
        "sign" => desk.sign(env, at, Some(field("name"))).map(Step::Leave),
        "decline" => desk.decline(env, at, field("reason")).map(Step::Leave),
        "later" => desk.finish_later(env, at, Some(field("name"))).map(Step::Leave),
        _ => documents(env, desk, at, false).map(Step::Stay),
    });
    match done {
        Ok(Step::Stay(response)) => response,
        Ok(Step::Leave(ending)) => {
            state.links.end_session(&id);
            leave(state.way_back(&visit.envelope, visit.return_url.as_deref(), ending), ending)
        }
        Err(refused) if refused.reason == Reason::CodeNeeded => {
            Redirect::to(&format!("/session/{id}")).into_response()
        }
        Err(refused) => closed(&refused, None),
    }
}

/// What follows an action.
enum Step {
    Stay(Response),
    Leave(Ending),
}
