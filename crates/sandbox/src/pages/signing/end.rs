//! The end of a visit: the return to the application, or a page that explains what happened and what to do.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::shown::{Shell, Visitor};
use crate::render::{self, framed_page, time};
use crate::world::{
    Attempt, Ending, Envelope, Reason, RecipientState, Refused, SENDER_NAME, State, Terms, Visit,
};

#[derive(Template)]
#[template(path = "signing/told.html")]
struct ToldPage {
    shell: Shell,
    told: Told,
}

/// A page for a signer who cannot do anything here.
#[derive(Default)]
pub(super) struct Told {
    /// Identifies the page's state for programs.
    page: &'static str,
    status: StatusCode,
    subject: String,
    heading: String,
    lines: Vec<String>,
    /// The next steps, as a list.
    steps: Vec<&'static str>,
    /// Back to the documents.
    again: Option<String>,
    /// Back to the application.
    back: Option<String>,
    /// The message for a framing page.
    posts: Option<&'static str>,
    /// Where the browser goes then.
    next: Option<String>,
}

impl Told {
    fn new(page: &'static str, status: StatusCode, heading: &str, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Self { page, status, heading: heading.to_owned(), lines, ..Self::default() }
    }

    fn show(self, state: &State, vendor: &'static str, terms: &Terms) -> Response {
        let shell = Shell { vendor, now: time(state.now()), ping: None };
        framed_page(self.status, &ToldPage { shell, told: self }, terms, "no-referrer")
    }

    fn show_for(mut self, state: &State, visit: &Visit) -> Response {
        let env = state.envelope(&visit.envelope);
        self.subject = env.map(|env| env.subject.clone()).unwrap_or_default();
        self.show(state, env.map_or(NOBODY, |env| env.vendor.name()), &visit.terms)
    }
}

/// Replaces a vendor's name if a page does not know the vendor.
const NOBODY: &str = "e-signature vendors";

/// An unknown link or visit.
pub(super) fn unknown(state: &State) -> Response {
    let lines = [
        "The address is incomplete, or the link belongs to a sandbox that has stopped.",
        "Open the link in the newest mail, or ask the sender for a new one.",
    ];
    Told::new("unknown", StatusCode::NOT_FOUND, "This link does not exist", &lines).show(
        state,
        NOBODY,
        &Terms::default(),
    )
}

/// Redirects the browser, or explains how the visit ended if there is no return URL. A page that frames this one is
/// notified first, in the vendor's words.
pub(super) fn leave(state: &State, visit: &Visit, ending: Ending, framed: bool) -> Response {
    let url = state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending);
    let env = state.envelope(&visit.envelope);
    let posts = env.and_then(|env| env.vendor.traits().frame_message(ending));
    match url {
        Some(url) if !(framed && posts.is_some()) => {
            (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
        }
        url => Told { posts, back: url.clone(), next: url, ..ended(ending, env) }.show_for(state, visit),
    }
}

fn ended(ending: Ending, env: Option<&Envelope>) -> Told {
    match (ending, render::ending(ending)) {
        (Ending::CodeFailed, _) => locked("ended", env),
        (Ending::IdCheckFailed, _) => unidentified("ended"),
        (_, Some(text)) => {
            let status = StatusCode::from_u16(text.status).unwrap_or_default();
            Told { lines: text.lines.clone(), ..Told::new("ended", status, &text.heading, &[]) }
        }
        (_, None) => Told::default(),
    }
}

/// Vendors differ in what gives new attempts.
fn locked(page: &'static str, env: Option<&Envelope>) -> Told {
    let wrong = "You entered a wrong access code too many times. To protect the documents, they can no longer be \
                 opened in your name.";
    let told = Told::new(page, StatusCode::FORBIDDEN, "You are locked out", &[wrong]);
    let new_code = env.is_some_and(|env| env.policy.new_code_unlocks);
    let (ask, steps) = if new_code {
        (
            format!(
                "Ask {SENDER_NAME} for a new access code. It gives you new attempts, and this link works again."
            ),
            Vec::new(),
        )
    } else {
        let steps = vec![
            "tell you the right code, or give you a new one, and",
            "resend the request to you: this gives you new attempts.",
        ];
        (format!("Ask {SENDER_NAME} to"), steps)
    };
    Told { lines: told.lines.iter().cloned().chain([ask]).collect(), steps, ..told }
}

fn unidentified(page: &'static str) -> Told {
    let lines = [
        "Your identity could not be verified.",
        "Ask the sender to resend the request; you can then try again.",
    ];
    Told::new(page, StatusCode::FORBIDDEN, "Your identity was not confirmed", &lines)
}

/// An old tab, or the back button, after the visit has ended.
pub(super) fn over(state: &State, visit: &Visit, ending: Ending) -> Response {
    let what = render::ending(ending).map_or("", |text| &text.over);
    let more = "This page belongs to a visit that has ended, so you cannot do anything here.";
    let told = Told::new("over", StatusCode::GONE, "This visit has ended", &[what, more]);
    let back = state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending);
    Told { back, ..told }.show_for(state, visit)
}

/// An action that the vendor could not complete; the visit continues.
pub(super) fn failed(state: &State, visitor: &Visitor<'_>, attempt: Attempt) -> Response {
    let heading = match attempt {
        Attempt::Sign => "Signing has failed",
        Attempt::Decline => "Declining has failed",
        Attempt::Reassign => "Naming another signer has failed",
    };
    let lines = ["This is not your fault, and nothing has changed. You can try again."];
    let told = Told::new("failed", StatusCode::INTERNAL_SERVER_ERROR, heading, &lines);
    let env = state.envelope(&visitor.visit.envelope);
    let posts = env.and_then(|env| env.vendor.traits().frame_failure(attempt));
    let again = Some(format!("/session/{}", visitor.session));
    Told { posts, again, ..told }.show_for(state, visitor.visit)
}

/// Why there is nothing to see or do: another tab, another recipient, or the sender was faster.
pub(super) fn refused(state: &State, visit: &Visit, refused: &Refused, attempt: Option<Attempt>) -> Response {
    let Some(env) = state.envelope(&visit.envelope) else { return unknown(state) };
    let (told, ending) = match refused.reason {
        Reason::RecipientDone => (done(env, visit.at), Ending::OnlyViewed),
        Reason::NotTheirTurn => (
            Told::new(
                "waiting",
                StatusCode::CONFLICT,
                "It is not your turn yet",
                &["Others have to sign before you. You will be notified when it is your turn."],
            ),
            Ending::Exception,
        ),
        Reason::Locked => (locked("locked", Some(env)), Ending::CodeFailed),
        Reason::IdCheckFailed => (unidentified("locked"), Ending::IdCheckFailed),
        Reason::EnvelopeClosed | Reason::NotSent => (closed(env), Ending::Exception),
        _ => return unknown(state),
    };
    let back = state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending);
    let posts = attempt.and_then(|attempt| env.vendor.traits().frame_failure(attempt));
    Told { back, posts, ..told }.show_for(state, visit)
}

fn done(env: &Envelope, at: usize) -> Told {
    let what = match env.recipient(at).map(|recipient| recipient.state) {
        Ok(RecipientState::Declined) => "You have declined to sign.",
        Ok(RecipientState::Reassigned) => "You have named another signer in your place.",
        _ => "You have finished, here or in another tab. You do not need to do anything else.",
    };
    Told::new("done", StatusCode::OK, "You have already finished", &[what])
}

fn closed(env: &Envelope) -> Told {
    let [heading, line] =
        render::closed(env.status).map_or(["", ""], |texts| texts.each_ref().map(String::as_str));
    let told = Told::new("closed", StatusCode::GONE, heading, &[line]);
    let reason = env.close_reason.as_deref().filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| format!("The reason given: {reason}"));
    Told { lines: told.lines.iter().cloned().chain(reason).collect(), ..told }
}
