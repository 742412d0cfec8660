//! Reads a refusal from any answer, and from a reminder's 200. `vendor.toml` has the meaning of each.

use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Error, ErrorKind, Problem};
use http::HeaderMap;
use serde_json::Value;

use crate::wire::Refusal;

/// Reads PandaDoc's description of a refusal:
///
/// - `{"type", "detail"}`, where `detail` is a text, or texts by field;
/// - `{"id", "status", "info_message"}` of a document in the wrong state: the status is the code;
/// - `{"type", "detail", "expires_at", …}` of a locked document;
/// - "available in 13 seconds" within the text of a 429, because no header says it;
/// - `{"error", "error_description"?}` of a sign-in;
/// - `{"code", "details": [{"code", …}]}` of the second version's routes.
///
/// Unreadable parts stay empty.
pub(crate) fn read_problem(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem {
    let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let state = text(&said.status).filter(|_| status == 409);
    let code =
        state.or_else(|| text(&said.r#type)).or_else(|| text(&said.code)).or_else(|| text(&said.error));
    let texts = [&said.detail, &said.info_message, &said.error_description, &said.details];
    let message = texts.into_iter().filter_map(sentence).collect::<Vec<_>>().join(" ");
    let wait = available_in(&message).filter(|_| status == 429);
    let mut problem =
        Problem::new(status).with_code(code).with_message(Some(message).filter(|m| !m.is_empty()));
    problem.retry_at = said.expires_at.0.filter(|_| status == 423);
    problem.retry_after = wait;
    problem.with_request_id_of(headers, &["x-request-id"])
}

fn available_in(message: &str) -> Option<Duration> {
    let (_, after) = message.split_once("available in ")?;
    let (seconds, unit) = after.split_once(' ')?;
    let seconds = seconds.parse().ok().filter(|_| unit.starts_with("second"));
    seconds.map(Duration::from_secs)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A text, or `field: text; text. Other: text.` of any depth.
fn sentence(value: &Value) -> Option<String> {
    let parts: Vec<String> = match value {
        Value::Array(values) => values.iter().filter_map(sentence).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| Some(format!("{name}: {}", sentence(value)?));
            fields.iter().filter_map(field).collect()
        }
        one => text(one).into_iter().collect(),
    };
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The document was listed just now, so that PandaDoc's "not found" can only be about the recipient. Another 404 is that
/// of a gateway or a portal.
pub(crate) fn recipient_gone(error: Error) -> Error {
    if error.kind() != ErrorKind::EnvelopeNotFound {
        return error;
    }
    error
        .reworded(ErrorKind::RecipientNotFound, "the document does not have this recipient any more")
        .with_hint(ErrorKind::RecipientNotFound.remedy())
}
