//! Reads a refusal from any answer, including one inside a success. BoldSign has no error codes, only a status and an
//! English text, and the same status for different causes; the rows of `vendor.toml` state which step they are for.

use bytes::Bytes;
use countersign_core::{Error, ErrorKind, Operation, Problem, Result, Retry, VendorResponse};
use http::HeaderMap;
use serde_json::Value;

use crate::DESCRIPTOR;
use crate::wire::Refusal;

/// The meaning of a 403 when the document is read, for any operation.
///
/// `EnvelopeNotReady` and not `PermissionDenied`: immediately after sending, every caller gets this, and retrying
/// for a while is harmless in the other cases.
pub(crate) fn not_shown(error: Error) -> Error {
    let problem = error.problem().filter(|problem| problem.status == 403);
    let row = problem.and_then(|problem| DESCRIPTOR.facts.refusals.find(Operation::ListRecipients, problem));
    let Some(row) = row else { return error };
    let outcome = error.outcome();
    error
        .reworded(row.kind, row.meaning.as_str())
        .with_hint(row.remedy.as_str())
        .with_outcome(outcome, Retry::After(None))
}

/// A 403 that says "no such document" about one that was just read: it exists, so waiting does not help.
pub(crate) fn shown_but_refused(error: Error) -> Error {
    if error.status() != Some(403) || error.kind() != ErrorKind::EnvelopeNotReady {
        return error;
    }
    let outcome = error.outcome();
    error
        .reworded(
            ErrorKind::PermissionDenied,
            "BoldSign shows the document and the recipient to this key, but refuses this step for them without a \
             reason",
        )
        .with_hint(
            "check that the key's user may act for this document's sender; for links, that the document was sent with \
             enableEmbeddedSigning (whether BoldSign insists on it is not documented)",
        )
        .with_outcome(outcome, Retry::Never)
}

/// Reads the answer to a reminder or a change. BoldSign reports success without a body: 204 by its OpenAPI document,
/// and also 200 in recorded traffic.
///
/// # Errors Any content with a success status: a refusal if it describes one, otherwise `InvalidResponse`, because it may come from a gateway or a portal, and the outcome is unknown then.
pub(crate) fn accepted(answer: &VendorResponse) -> Result<()> {
    if answer.body().trim_ascii().is_empty() {
        return Ok(());
    }
    let said: Refusal = serde_json::from_slice(answer.body()).unwrap_or_default();
    Err(match said.message() {
        Some(message) => answer.refusal(None, Some(message)),
        None => answer.unreadable("the answer has content, but BoldSign's success answer has none"),
    })
}

/// Reads BoldSign's description of a refusal: `{"error"}`, `{"errorType", "error"}`, a validation problem with
/// texts by field, or plain text. Unreadable parts stay empty.
pub(crate) fn read_problem(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem {
    let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let mut problem = Problem::new(status);
    if let Some(word) = said.oauth_word() {
        problem = problem.with_code(Some(word)).with_message(said.error_description.as_ref().and_then(text));
    } else {
        problem.message = said.message().or_else(|| plain(headers, body));
        problem.request_id = said.trace_id.as_ref().and_then(text);
    }
    // BoldSign documents no header for it, and recorded answers have none.
    problem.with_request_id_of(headers, &["x-request-id", "request-id", "x-correlation-id"])
}

impl Refusal {
    /// The code of a refused sign-in. The API itself has none: its `error` is a sentence.
    fn oauth_word(&self) -> Option<String> {
        let said = self.error.as_ref()?.as_str()?;
        DESCRIPTOR.facts.refusals.knows(said).then(|| said.to_owned())
    }

    fn message(&self) -> Option<String> {
        let error = self.error.as_ref().and_then(text);
        let parts = [
            self.error_type.as_ref().and_then(text).filter(|_| error.is_some()),
            error,
            self.title.as_ref().and_then(text),
            self.errors.as_ref().and_then(fields),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// `Field: text; text. Other: text.`, in the order of the names.
fn fields(errors: &Value) -> Option<String> {
    let line = |(field, texts): (&String, &Value)| {
        let texts: Vec<String> = match texts {
            Value::Array(texts) => texts.iter().filter_map(text).collect(),
            one => text(one).into_iter().collect(),
        };
        format!("{field}: {}", texts.join("; "))
    };
    let mut lines: Vec<String> = errors.as_object()?.iter().map(line).collect();
    lines.sort_unstable();
    (!lines.is_empty()).then(|| lines.join(" "))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// A short plain text, as some refusals may be; an HTML page contains no description and is left to the excerpt.
fn plain(headers: &HeaderMap, body: &Bytes) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let kind =
        headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let markup = kind.contains("html") || kind.contains("json") || text.starts_with(['<', '{', '[']);
    (!text.is_empty() && text.len() <= 500 && !markup).then(|| text.trim_matches('"').to_owned())
}
