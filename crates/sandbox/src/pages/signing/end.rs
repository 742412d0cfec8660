//! How a visit ends: the way back to the application, or a page that says what happened and what to do.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::shown::{Shell, Visitor};
use crate::render::{framed_page, time};
use crate::world::{
    Attempt, Ending, Envelope, EnvelopeStatus, Framing, Reason, RecipientState, Refused, SENDER_NAME, State,
    Visit,
};

#[derive(Template)]
#[template(path = "signing/told.html")]
struct ToldPage {
    shell: Shell,
    told: Told,
}

/// What a page tells somebody for whom there is nothing to do here.
#[derive(Default)]
pub(super) struct Told {
    /// Names the page's state to programs.
    page: &'static str,
    status: StatusCode,
    subject: String,
    heading: String,
    lines: Vec<String>,
    /// What to do, point by point.
    steps: Vec<&'static str>,
    /// Back to the documents.
    again: Option<String>,
    /// Back to the application.
    back: Option<String>,
    /// What a framing page is told.
    posts: Option<&'static str>,
    /// Where the browser goes then.
    next: Option<String>,
}

impl Told {
    fn new(page: &'static str, status: StatusCode, heading: &str, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Self { page, status, heading: heading.to_owned(), lines, ..Self::default() }
    }

    fn show(self, state: &State, vendor: &'static str, framing: &Framing) -> Response {
        let shell = Shell { vendor, now: time(state.now()) };
        framed_page(self.status, &ToldPage { shell, told: self }, framing, "no-referrer")
    }

    fn show_for(mut self, state: &State, visit: &Visit) -> Response {
        let env = state.envelope(&visit.envelope);
        self.subject = env.map(|env| env.subject.clone()).unwrap_or_default();
        self.show(state, env.map_or(NOBODY, |env| env.vendor.name()), &visit.terms.framing)
    }
}

/// In the place of a vendor's name, where a page does not know whose it is.
const NOBODY: &str = "e-signature vendors";

/// A link or a visit that never was.
pub(super) fn unknown(state: &State) -> Response {
    let lines = [
        "The address is incomplete, or the link comes from a sandbox that has stopped since.",
        "Open the link in the newest mail once more, or ask the sender for a new one.",
    ];
    Told::new("unknown", StatusCode::NOT_FOUND, "There is no such link", &lines).show(
        state,
        NOBODY,
        &Framing::default(),
    )
}

/// Sends the browser back, or says how the visit ended where there is no way back. A page that frames this one is told
/// first, in the vendor's words.
pub(super) fn leave(state: &State, visit: &Visit, ending: Ending, framed: bool) -> Response {
    let url = state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending);
    let env = state.envelope(&visit.envelope);
    let posts = env.and_then(|env| (env.vendor.traits().frame_message)(ending));
    match url {
        Some(url) if !(framed && posts.is_some()) => {
            (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
        }
        url => Told { posts, back: url.clone(), next: url, ..ended(ending, env) }.show_for(state, visit),
    }
}

fn ended(ending: Ending, env: Option<&Envelope>) -> Told {
    let told = |status, heading: &str, lines: &[&str]| Told::new("ended", status, heading, lines);
    match ending {
        Ending::Signed => told(StatusCode::OK, "You have signed", &["Thank you. You can close this page."]),
        Ending::OnlyViewed => told(
            StatusCode::OK,
            "You have finished viewing",
            &["Thank you. There is nothing more to do for you."],
        ),
        Ending::FinishedLater => told(
            StatusCode::OK,
            "Nothing is signed yet",
            &["You can come back and go on where you were: open the link in your mail once more."],
        ),
        Ending::Declined => told(
            StatusCode::OK,
            "You have declined",
            &["The sender is told why. Nobody can sign these documents any more."],
        ),
        Ending::LinkUsedUp => told(
            StatusCode::GONE,
            "This link has expired",
            &[
                "It is too old, was opened before, or a newer mail has taken its place. That protects you: nobody else can use it.",
                "Look for a newer mail, or ask the sender to send the request once more.",
            ],
        ),
        Ending::SessionTimeout => told(
            StatusCode::GONE,
            "Your session has timed out",
            &[
                "Nothing happened here for too long, so the page was closed to protect you. Nothing is signed.",
                "Open the link in your mail once more to go on.",
            ],
        ),
        Ending::CodeFailed => locked("ended", env),
        Ending::IdCheckFailed => unidentified("ended"),
        Ending::Exception => told(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            &["The fault is not yours, and nothing is signed. Try again in a while."],
        ),
        Ending::FaxPending => told(
            StatusCode::OK,
            "Send the signed paper by fax",
            &[
                "Print the documents, sign them with a pen, and fax them. Until they arrive they count as not signed.",
            ],
        ),
        Ending::Reassigned => told(
            StatusCode::OK,
            "Somebody else will sign",
            &[
                "The person whom you have named gets a mail of their own. There is nothing more to do for you.",
            ],
        ),
    }
}

/// What gives new attempts differs between vendors.
fn locked(page: &'static str, env: Option<&Envelope>) -> Told {
    let wrong = "The access code was wrong too often. To protect the documents, nobody can open them in your name now.";
    let told = Told::new(page, StatusCode::FORBIDDEN, "You are locked out", &[wrong]);
    let new_code = env.is_some_and(|env| env.policy.new_code_unlocks);
    let (ask, steps) = if new_code {
        (
            format!(
                "Ask {SENDER_NAME} for a new access code. With it you have new attempts, and this link works again."
            ),
            Vec::new(),
        )
    } else {
        let steps = vec![
            "tell you the right code, or give you a new one, and",
            "send the request to you once more: then you have new attempts.",
        ];
        (format!("Ask {SENDER_NAME} to"), steps)
    };
    Told { lines: told.lines.iter().cloned().chain([ask]).collect(), steps, ..told }
}

fn unidentified(page: &'static str) -> Told {
    let lines = [
        "It could not be made sure that you are the person who is to sign.",
        "Ask the sender to send the request to you once more; you can then try again.",
    ];
    Told::new(page, StatusCode::FORBIDDEN, "Your identity was not confirmed", &lines)
}

/// An old tab, or the back button, after the visit has ended.
pub(super) fn over(state: &State, visit: &Visit, ending: Ending) -> Response {
    let what = match ending {
        Ending::Signed => "You have signed.",
        Ending::OnlyViewed => "You have finished viewing.",
        Ending::FinishedLater => "You chose to finish later. Nothing is signed yet.",
        Ending::Declined => "You have declined to sign.",
        Ending::CodeFailed => "The access code was wrong too often.",
        Ending::IdCheckFailed => "Your identity was not confirmed.",
        Ending::LinkUsedUp | Ending::SessionTimeout => "Nothing happened here for too long.",
        Ending::Exception => "Something went wrong on our side. Nothing is signed.",
        Ending::FaxPending => "You chose to send the signed paper by fax.",
        Ending::Reassigned => "You have named somebody else to sign.",
    };
    let more = "This page belongs to a visit that has ended, so nothing can be done here any more.";
    let told = Told::new("over", StatusCode::GONE, "This visit is over", &[what, more]);
    let back = state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending);
    Told { back, ..told }.show_for(state, visit)
}

/// Something that the vendor could not do, where the visit goes on.
pub(super) fn failed(state: &State, visitor: &Visitor<'_>, attempt: Attempt) -> Response {
    let heading = match attempt {
        Attempt::Sign => "Signing has failed",
        Attempt::Decline => "Declining has failed",
        Attempt::Reassign => "Naming somebody else has failed",
    };
    let lines = ["The fault is not yours, and nothing has changed. You can try again."];
    let told = Told::new("failed", StatusCode::INTERNAL_SERVER_ERROR, heading, &lines);
    let posts =
        state.envelope(&visitor.visit.envelope).and_then(|env| (env.vendor.traits().frame_failure)(attempt));
    let again = Some(format!("/session/{}", visitor.session));
    Told { posts, again, ..told }.show_for(state, visitor.visit)
}

/// Why there is nothing to see or to do: another tab, another person, or the sender was faster.
pub(super) fn refused(state: &State, visit: &Visit, refused: &Refused, attempt: Option<Attempt>) -> Response {
    let Some(env) = state.envelope(&visit.envelope) else { return unknown(state) };
    let (told, ending) = match refused.reason {
        Reason::RecipientDone => (done(env, visit.at), Ending::OnlyViewed),
        Reason::NotTheirTurn => (
            Told::new(
                "waiting",
                StatusCode::CONFLICT,
                "It is not your turn yet",
                &["Others have to sign before you. You are told when it is your turn."],
            ),
            Ending::Exception,
        ),
        Reason::Locked => (locked("locked", Some(env)), Ending::CodeFailed),
        Reason::IdCheckFailed => (unidentified("locked"), Ending::IdCheckFailed),
        Reason::EnvelopeClosed | Reason::NotSent => (closed(env), Ending::Exception),
        _ => return unknown(state),
    };
    let back = state.way_back(&visit.envelope, visit.terms.return_url.as_deref(), ending);
    let posts = attempt.and_then(|attempt| (env.vendor.traits().frame_failure)(attempt));
    Told { back, posts, ..told }.show_for(state, visit)
}

fn done(env: &Envelope, at: usize) -> Told {
    let what = match env.recipient(at).map(|recipient| recipient.state) {
        Ok(RecipientState::Declined) => "You have declined to sign.",
        Ok(RecipientState::Reassigned) => "You have named somebody else to sign in your place.",
        _ => "Your part is done, here or in another tab. Nothing is left to do for you.",
    };
    Told::new("done", StatusCode::OK, "You have already finished", &[what])
}

fn closed(env: &Envelope) -> Told {
    let (heading, line) = match env.status {
        EnvelopeStatus::Declined => {
            ("These documents were declined", "Somebody has declined to sign, so nobody can sign any more.")
        }
        EnvelopeStatus::Voided => {
            ("These documents were taken back", "The sender has voided them; they can no longer be signed.")
        }
        EnvelopeStatus::Completed => {
            ("These documents are complete", "Everybody has signed. Nothing is left to do.")
        }
        EnvelopeStatus::Expired => (
            "These documents have expired",
            "They were not finished in time. Ask the sender to send them anew.",
        ),
        _ => ("These documents have not been sent", "The sender is still preparing them."),
    };
    let told = Told::new("closed", StatusCode::GONE, heading, &[line]);
    let reason = env.close_reason.as_deref().filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| format!("The reason that was given: {reason}"));
    Told { lines: told.lines.iter().cloned().chain(reason).collect(), ..told }
}
