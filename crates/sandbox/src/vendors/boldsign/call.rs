//! The body of a call in any kind of JSON, or a form whose parts become the same JSON; and BoldSign's two error bodies.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::vendors::Call;
use crate::vendors::fields::Object;
use crate::vendors::known::{Known, NotSimulated};
use crate::world::{Reason, Refused};

/// What the vendor's own client knows and the sandbox does not simulate.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::read(include_str!("known.toml")));

pub(super) type Answer = Result<Response, ApiError>;

/// A success without a body.
pub(super) fn empty() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A status and its body: `{"error"}` for business errors, a validation problem for bad input. There are no error codes.
#[derive(Debug)]
pub(super) struct ApiError(StatusCode, Value);

/// Mistakes in a request, by field: all of them are reported at once.
#[derive(Debug, Default)]
pub(super) struct Problems(Map<String, Value>);

impl Problems {
    pub(super) fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        let texts = self.0.entry(field.into()).or_insert_with(|| json!([]));
        if let Some(texts) = texts.as_array_mut() {
            texts.push(Value::String(text.into()));
        }
    }

    /// The error, if there was a mistake.
    pub(super) fn done(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl ApiError {
    pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Self {
        Self(status, json!({"error": text.into()}))
    }

    pub(super) fn forbidden(text: &str) -> Self {
        Self::plain(StatusCode::FORBIDDEN, text)
    }

    pub(super) fn validation(field: impl Into<String>, text: impl Into<String>) -> Self {
        let mut problems = Problems::default();
        problems.add(field, text);
        problems.into()
    }

    /// Unknown, of another account, or not created yet: the same answer.
    pub(super) fn invalid_document() -> Self {
        Self::forbidden("Invalid Document ID")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

impl From<Problems> for ApiError {
    fn from(Problems(errors): Problems) -> Self {
        let body = json!({
            "errors": errors,
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
        });
        Self(StatusCode::BAD_REQUEST, body)
    }
}

impl From<NotSimulated> for ApiError {
    fn from(what: NotSimulated) -> Self {
        Self::plain(StatusCode::NOT_IMPLEMENTED, what.text)
    }
}

/// Apart from the document's id and the reminder limit, these answers are guesses: 403 and a sentence.
impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            Reason::NoSuchEnvelope => Self::invalid_document(),
            Reason::RemindedEnough => {
                Self::forbidden("The manual reminders limit of this document has been reached for today.")
            }
            Reason::NoSuchRecipient => Self::forbidden("Forbidden"),
            Reason::NoCode => Self::forbidden("Access code authentication is not enabled for this signer."),
            Reason::EnvelopeClosed | Reason::NotSent => Self::forbidden("The document is not in progress."),
            Reason::RecipientDone => Self::forbidden("The signer has already completed the document."),
            _ => Self::forbidden(&refused.message),
        }
    }
}

/// A JSON object.
pub(super) fn read(call: &Call<'_>) -> Result<Object, ApiError> {
    match call.json() {
        None => Err(ApiError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")),
        Some(Ok(Value::Object(object))) => Ok(object),
        Some(Ok(_)) => Err(ApiError::validation("$", "The JSON value could not be converted.")),
        Some(Err(error)) => {
            let (line, place) = (error.line(), error.column());
            let text = format!("The body is not JSON. LineNumber: {line} | BytePositionInLine: {place}.");
            Err(ApiError::validation("$", text))
        }
    }
}

/// A JSON object, or the parts of a form in its shape.
pub(super) fn read_any(call: &Call<'_>) -> Result<Object, ApiError> {
    if !call.is("multipart/form-data") {
        return read(call);
    }
    let unreadable = || ApiError::plain(StatusCode::BAD_REQUEST, "The form could not be read.");
    let mut object = Object::new();
    for part in call.parts.as_ref().ok_or_else(unreadable)? {
        if part.name.split('[').next().is_some_and(|base| base.eq_ignore_ascii_case("files")) {
            push(
                &mut object,
                "files",
                json!({"fileName": part.file, "base64": STANDARD.encode(&part.bytes)}),
            );
        } else {
            add(&mut object, &part.name, String::from_utf8_lossy(&part.bytes).into_owned())?;
        }
    }
    Ok(object)
}

/// Puts a part where the JSON body would have it. Lists arrive as one part per member.
fn add(object: &mut Object, name: &str, text: String) -> Result<(), ApiError> {
    let base = name.split('[').next().unwrap_or(name);
    let key = name.split_once('[').map(|(_, key)| key.trim_end_matches(']').to_owned());
    match base.to_ascii_lowercase().as_str() {
        "signers" | "cc" => {
            let name = if base.eq_ignore_ascii_case("cc") { "cc" } else { "signers" };
            // One JSON object per part; the vendor calls a list in one part an invalid value.
            let Ok(value @ Value::Object(_)) = serde_json::from_str(&text) else {
                let field = if name == "cc" { "CC" } else { "Signers" };
                return Err(ApiError::validation(field, "Value is invalid"));
            };
            push(object, name, value);
        }
        "labels" => push(object, "labels", text.into()),
        "metadata" => {
            let all = object.entry("metaData").or_insert_with(|| json!({}));
            if let Some(key) = key {
                all[key] = text.into();
            }
        }
        _ => {
            // Objects arrive as JSON, and booleans as the client's language writes them.
            let member = match text.to_ascii_lowercase().as_str() {
                "true" => true.into(),
                "false" => false.into(),
                _ if text.starts_with('{') => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                _ => Value::String(text),
            };
            object.insert(base.to_owned(), member);
        }
    }
    Ok(())
}

fn push(object: &mut Object, name: &str, value: Value) {
    if let Some(list) = object.entry(name).or_insert_with(|| json!([])).as_array_mut() {
        list.push(value);
    }
}
