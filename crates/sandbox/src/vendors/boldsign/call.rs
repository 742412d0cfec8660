//! A call: its body in any kind of JSON, or a form whose parts become the same JSON; and BoldSign's two error
//! bodies.

use std::sync::LazyLock;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::account::Account;
use crate::vendors::fields::{Object, Query};
use crate::vendors::known::Known;
use crate::world::{Live, Reason, Refused};

/// What the vendor's own client knows and the sandbox does not simulate.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::read(include_str!("known.toml")));

/// An authorized call.
pub(super) struct Call<'a> {
    pub(super) live: &'a Live,
    pub(super) account: &'a Account,
    pub(super) query: Query,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
}

/// Status and body of a success.
pub(super) enum Done {
    Empty,
    /// 200 without a body.
    Nothing,
    Json(StatusCode, Value),
}

pub(super) type Answer = Result<Done, ApiError>;

/// `{"error"}` for business errors, a validation problem for bad input. There are no error codes.
#[derive(Debug)]
pub(super) enum ApiError {
    Plain(StatusCode, String),
    Validation(Problems),
}

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
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::Validation(self)) }
    }
}

impl ApiError {
    pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Plain(status, text.into())
    }

    pub(super) fn forbidden(text: &str) -> Self {
        Self::plain(StatusCode::FORBIDDEN, text)
    }

    pub(super) fn validation(field: impl Into<String>, text: impl Into<String>) -> Self {
        let mut problems = Problems::default();
        problems.add(field, text);
        Self::Validation(problems)
    }

    /// A feature of the vendor that the sandbox does not simulate.
    pub(super) fn not_played(what: &str) -> Self {
        Self::plain(StatusCode::NOT_IMPLEMENTED, format!("the sandbox does not simulate {what}"))
    }

    /// Unknown, of another account, or not created yet: the same answer.
    pub(super) fn invalid_document() -> Self {
        Self::forbidden("Invalid Document ID")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Plain(status, text) => (status, Json(json!({"error": text}))).into_response(),
            Self::Validation(Problems(errors)) => {
                let body = json!({
                    "errors": errors,
                    "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
                    "title": "One or more validation errors occurred.",
                    "status": 400,
                });
                (StatusCode::BAD_REQUEST, Json(body)).into_response()
            }
        }
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

/// Rejects members of a body that would change something and are not simulated.
pub(super) fn check_members(object: &str, body: &Object) -> Result<(), ApiError> {
    match KNOWN.refused(object, body) {
        Some(member) => Err(ApiError::not_played(&format!("`{member}`"))),
        None => Ok(()),
    }
}

impl Call<'_> {
    fn content_type(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A JSON object, or an empty one if there is no body at all.
    pub(super) fn optional_object(&self) -> Result<Object, ApiError> {
        match self.body.is_empty() {
            true => Ok(Object::new()),
            false => self.object(),
        }
    }

    /// A JSON object.
    pub(super) fn object(&self) -> Result<Object, ApiError> {
        if !self.content_type().to_ascii_lowercase().starts_with("application/json") {
            return Err(ApiError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"));
        }
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::validation("$", "The JSON value could not be converted.")),
            Err(error) => Err(ApiError::validation(
                "$",
                format!(
                    "The body is not JSON. LineNumber: {} | BytePositionInLine: {}.",
                    error.line(),
                    error.column()
                ),
            )),
        }
    }

    /// A JSON object, or the parts of a form in its shape.
    pub(super) async fn object_or_form(&self) -> Result<Object, ApiError> {
        if !self.content_type().to_ascii_lowercase().starts_with("multipart/form-data") {
            return self.object();
        }
        let bad = |_| ApiError::plain(StatusCode::BAD_REQUEST, "The form could not be read.");
        let mut request = Request::new(Body::from(self.body.clone()));
        *request.headers_mut() = self.headers.clone();
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| ApiError::plain(StatusCode::BAD_REQUEST, "The form could not be read."))?;
        let mut object = Object::new();
        while let Some(part) = form.next_field().await.map_err(bad)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(bad)?;
            if name.split('[').next().is_some_and(|base| base.eq_ignore_ascii_case("files")) {
                let file = json!({"fileName": file, "base64": STANDARD.encode(&bytes)});
                push(&mut object, "files", file)?;
                continue;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            add(&mut object, &name, text)?;
        }
        Ok(object)
    }
}

/// Puts a part where the JSON body would have it. Lists arrive as one part per member.
fn add(object: &mut Object, name: &str, text: String) -> Result<(), ApiError> {
    let base = name.split('[').next().unwrap_or(name);
    let key = name.split_once('[').map(|(_, key)| key.trim_end_matches(']').to_owned());
    let member = match base.to_ascii_lowercase().as_str() {
        "signers" | "cc" => {
            let name = if base.eq_ignore_ascii_case("cc") { "cc" } else { "signers" };
            // One JSON object per part; the vendor calls a list in one part an invalid value.
            return match serde_json::from_str::<Value>(&text) {
                Ok(value @ Value::Object(_)) => push(object, name, value),
                _ => {
                    let field = if name == "cc" { "CC" } else { "Signers" };
                    Err(ApiError::validation(field, "Value is invalid"))
                }
            };
        }
        "labels" => return push(object, "labels", text.into()),
        "metadata" => {
            let all = object.entry("metaData").or_insert_with(|| json!({}));
            if let (Some(all), Some(key)) = (all.as_object_mut(), key) {
                all.insert(key, text.into());
            }
            return Ok(());
        }
        // Objects arrive as JSON, and booleans as the client's language writes them.
        _ => match text.to_ascii_lowercase().as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ if text.starts_with('{') => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            _ => Value::String(text),
        },
    };
    object.insert(base.to_owned(), member);
    Ok(())
}

fn push(object: &mut Object, name: &str, value: Value) -> Result<(), ApiError> {
    if let Some(list) = object.entry(name).or_insert_with(|| json!([])).as_array_mut() {
        list.push(value);
    }
    Ok(())
}
