//! Reads a refusal from any answer. Documenso has four forms, and its HTTP status is often wrong, so the rows of
//! `vendor.toml` go by the code and, for three lasting refusals under 500, by the text.

use bytes::Bytes;
use countersign_core::{Error, ErrorKind, Problem, Result, SigningLink};
use http::HeaderMap;
use serde_json::Value;

use crate::DESCRIPTOR;
use crate::wire::Refusal;

/// Reads Documenso's description of a refusal:
///
/// - `{"message", "code", "data": {"code", "httpStatus", "path"?, "appError"?: {"code", "message"}}, "issues"?}`;
/// - `{"error": "…"}` of the limit per address;
/// - `{"error": "…", "code"?}` of the downloads;
/// - `{"data", "error": […], "success": false}` of their parameters.
///
/// Unreadable parts stay empty.
pub(crate) fn read_problem(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem {
    let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let at = |place: &str| said.data.pointer(place).and_then(text);
    // The code on top says INTERNAL_SERVER_ERROR to almost everything.
    let code = at("/appError/code").or_else(|| at("/code")).or_else(|| text(&said.code));
    let sentence = text(&said.message).or_else(|| at("/appError/message")).or_else(|| text(&said.error));
    let issues = issues(&said.issues).or_else(|| issues(&said.error));
    let message = match (sentence, issues) {
        (Some(sentence), Some(issues)) => Some(format!("{sentence}: {issues}")),
        (sentence, issues) => sentence.or(issues),
    };
    // The three lasting refusals under 500 have only their sentence. Within another text it is the mail server's, say.
    let (code, message) = match message {
        Some(sentence) if status == 500 && DESCRIPTOR.facts.refusals.knows(&sentence) => {
            (Some(sentence), None)
        }
        message => (code, message),
    };
    let mut problem = Problem::new(status).with_code(code).with_message(message);
    // Only an unknown address is "not found" without the name of the called function: `base_url` is wrong then.
    if status == 404 && said.data.is_object() && at("/path").is_none() {
        (problem.code, problem.message) = (None, None);
    }
    problem.with_request_id_of(headers, &["x-request-id"])
}

/// `recipients: Required; data.0.email: Invalid email`.
fn issues(issues: &Value) -> Option<String> {
    let line = |issue: &Value| {
        let part = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
        let path: Vec<String> = issue.get("path")?.as_array()?.iter().map(part).collect();
        Some(format!("{}: {}", path.join("."), text(issue.get("message")?)?))
    };
    let lines: Vec<String> = issues.as_array()?.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// Templates have ids of the same form.
pub(crate) fn template() -> Error {
    Error::new(ErrorKind::EnvelopeNotFound, "the id is one of a template, not of an envelope")
        .with_hint("make an envelope from the template, and use that envelope's id")
}

/// The recipient is in the list, but has no token, or none that a link can have.
pub(crate) fn no_token() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the envelope has no signing token for the recipient")
}

/// The newest entry of the log has no id, so that nothing would tell which entries are newer.
pub(crate) fn no_mark() -> Error {
    Error::new(ErrorKind::InvalidResponse, "the newest entry of the envelope's log has no id")
}

pub(crate) fn link(text: String) -> Result<SigningLink> {
    SigningLink::new(text).map_err(|invalid| {
        Error::new(ErrorKind::InvalidResponse, format!("the signing link {}", invalid.problem()))
    })
}
