//! How pages are made, and the words in which they say what the world knows.

use askama::{DynTemplate, Template};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::world::{Framing, RecipientState, Role, What};

/// What may be loaded: the sandbox's own files and nothing else. Where forms lead is left free, since a signing page
/// goes back to the application.
const OWN_FILES: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'";

/// A field of a form that has to be filled in otherwise.
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}

/// A page that no other page may frame.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    let nobody = Framing { ancestors: Some(Vec::new()), x_frame_options: None };
    framed_page(status, template, &nobody, "same-origin")
}

/// A page that may be framed as the application has asked.
pub(crate) fn framed_page(
    status: StatusCode,
    template: &dyn DynTemplate,
    framing: &Framing,
    referrer: &'static str,
) -> Response {
    let html = match template.dyn_render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut policy = OWN_FILES.to_owned();
    if let Some(ancestors) = &framing.ancestors {
        let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
        policy.push_str(&format!("; frame-ancestors {ancestors}"));
    }
    // Pages hold links and names: no cache may keep them.
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response();
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    set(&mut response, header::REFERRER_POLICY, referrer);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(value) = &framing.x_frame_options {
        set(&mut response, header::X_FRAME_OPTIONS, value);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A word as it stands in the control API's JSON, so that page and API say the same.
pub(crate) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

/// The world's time, for people.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// "1 attempt", "2 attempts".
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Where a recipient stands, as people say it.
pub(crate) fn state(state: RecipientState, role: Role) -> &'static str {
    match state {
        RecipientState::Waiting => "waiting for others",
        RecipientState::InTurn => "asked to act",
        RecipientState::Viewed => "has opened it",
        RecipientState::Completed if role.signs() => "signed",
        RecipientState::Completed => "done",
        RecipientState::Declined => "declined",
        RecipientState::Reassigned => "passed on to somebody else",
    }
}

/// What happened to an envelope, as people say it.
pub(crate) fn happening(what: What) -> &'static str {
    match what {
        What::Created => "made",
        What::Sent => "sent",
        What::Viewed => "opened",
        What::Signed => "signed",
        What::Reviewed => "read",
        What::SignedEmbedded => "signed within the application",
        What::ReviewedEmbedded => "read within the application",
        What::Completed => "completed",
        What::Declined => "declined",
        What::Voided => "voided",
        What::Reminded => "reminded",
        What::LinkMade => "signing link made",
        What::CodeFailed => "locked out after wrong access codes",
        What::IdCheckFailed => "identity check failed",
        What::Reassigned => "passed on to somebody else",
        What::CodeChanged => "access code changed",
        What::CodeAdded => "access code set",
        What::CodeRemoved => "access code taken away",
    }
}
