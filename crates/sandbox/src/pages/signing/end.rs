//! The end of a visit: the return to the application, or a page that explains what happened and what to do.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::shown::{Shell, Visitor};
use crate::render::{self, PageText, TEXTS, framed_page};
use crate::world::{Attempt, Ending, Envelope, Reason, RecipientState, Refused, State, Terms, Visit};

#[derive(Template)]
#[template(path = "signing/told.html")]
struct ToldPage {
    shell: Shell,
    told: Told,
}

/// A page for a signer who cannot do anything here.
pub(super) struct Told {
    /// Identifies the page's state for programs.
    page: &'static str,
    text: &'static PageText,
    lines: Vec<String>,
    subject: String,
    /// Back to the documents.
    again: Option<String>,
    /// Back to the application.
    back: Option<String>,
    /// The message for a framing page.
    posts: Option<&'static String>,
    /// Where the browser goes then.
    next: Option<String>,
}

impl Told {
    fn new(page: &'static str, text: &'static PageText) -> Self {
        let (lines, subject) = (text.lines.clone(), String::new());
        Self { page, text, lines, subject, again: None, back: None, posts: None, next: None }
    }

    fn show(mut self, state: &State, visit: Option<&Visit>) -> Response {
        let env = visit.and_then(|visit| state.envelope(&visit.envelope));
        self.subject = env.map(|env| env.subject.clone()).unwrap_or_default();
        let vendor = env.map_or("e-signature vendors", |env| env.vendor.name());
        let shell = Shell { vendor, now: state.now(), ping: None };
        let status = StatusCode::from_u16(self.text.status).unwrap_or_default();
        let terms = visit.map_or_else(Terms::default, |visit| visit.terms.clone());
        framed_page(status, &ToldPage { shell, told: self }, &terms, "no-referrer")
    }
}

/// An unknown link or visit.
pub(super) fn unknown(state: &State) -> Response {
    Told::new("unknown", &TEXTS.unknown).show(state, None)
}

/// The application's address for a visit that ended like this.
fn way_back(state: &State, visit: &Visit, ending: Ending) -> Option<String> {
    state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending)
}

/// Redirects the browser, or explains how the visit ended if there is no return URL. A page that frames this one is
/// notified first, in the vendor's words.
pub(super) fn leave(state: &State, visit: &Visit, ending: Ending, framed: bool) -> Response {
    let env = state.envelope(&visit.envelope);
    let posts = env.and_then(|env| env.vendor.traits().frame_messages.get(&ending));
    let text = match ending {
        Ending::CodeFailed => locked(env),
        Ending::IdCheckFailed => &TEXTS.unidentified,
        _ => TEXTS.endings.get(&ending).unwrap_or(&TEXTS.unknown),
    };
    match way_back(state, visit, ending) {
        Some(url) if !(framed && posts.is_some()) => {
            (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
        }
        url => {
            let told = Told { posts, back: url.clone(), next: url, ..Told::new("ended", text) };
            told.show(state, Some(visit))
        }
    }
}

/// Vendors differ in what gives new attempts.
fn locked(env: Option<&Envelope>) -> &'static PageText {
    let new_code = env.is_some_and(|env| env.policy.new_code_unlocks);
    if new_code { &TEXTS.locked_until_new_code } else { &TEXTS.locked_until_resent }
}

/// An old tab, or the back button, after the visit has ended.
pub(super) fn over(state: &State, visit: &Visit, ending: Ending) -> Response {
    let mut told = Told::new("over", &TEXTS.over);
    told.lines.splice(..0, TEXTS.endings.get(&ending).map(|text| text.over.clone()));
    told.back = way_back(state, visit, ending);
    told.show(state, Some(visit))
}

/// An action that the vendor could not complete; the visit continues.
pub(super) fn failed(state: &State, visitor: &Visitor<'_>, attempt: Attempt) -> Response {
    let env = state.envelope(&visitor.visit.envelope);
    let posts = env.and_then(|env| env.vendor.traits().frame_failures.get(&attempt));
    let again = Some(format!("/session/{}", visitor.session));
    let text = TEXTS.failed.get(&attempt).unwrap_or(&TEXTS.unknown);
    Told { posts, again, ..Told::new("failed", text) }.show(state, Some(visitor.visit))
}

/// Why there is nothing to see or do: another tab, another recipient, or the sender was faster.
pub(super) fn refused(state: &State, visit: &Visit, refused: &Refused, attempt: Option<Attempt>) -> Response {
    let Some(env) = state.envelope(&visit.envelope) else { return unknown(state) };
    let (page, text, ending) = match refused.reason {
        Reason::RecipientDone => {
            let text = match env.recipient(visit.at).map(|recipient| recipient.state) {
                Ok(RecipientState::Declined) => &TEXTS.done_declined,
                Ok(RecipientState::Reassigned) => &TEXTS.done_reassigned,
                _ => &TEXTS.done,
            };
            ("done", text, Ending::OnlyViewed)
        }
        Reason::NotTheirTurn => ("waiting", &TEXTS.waiting, Ending::Exception),
        Reason::Locked => ("locked", locked(Some(env)), Ending::CodeFailed),
        Reason::IdCheckFailed => ("locked", &TEXTS.unidentified, Ending::IdCheckFailed),
        Reason::EnvelopeClosed | Reason::NotSent => {
            ("closed", TEXTS.closed.get(&env.status).unwrap_or(&TEXTS.unknown), Ending::Exception)
        }
        _ => return unknown(state),
    };
    let mut told = Told::new(page, text);
    if page == "closed" {
        let reason = env.close_reason.iter().filter(|reason| !reason.is_empty());
        told.lines.extend(reason.map(|reason| format!("The reason given: {reason}")));
    }
    told.back = way_back(state, visit, ending);
    told.posts = attempt.and_then(|attempt| env.vendor.traits().frame_failures.get(&attempt));
    told.show(state, Some(visit))
}
