//! BoldSign's two error bodies, and the world's refusals in its words.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::world::{Reason, Refused};

/// `{"error"}` for business errors, a validation problem for bad input. There are no error codes.
#[derive(Debug)]
pub(super) enum ApiError {
    Plain(StatusCode, String),
    Validation { field: String, text: String },
}

impl ApiError {
    pub(super) fn plain(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Plain(status, text.into())
    }

    pub(super) fn forbidden(text: &str) -> Self {
        Self::plain(StatusCode::FORBIDDEN, text)
    }

    pub(super) fn validation(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Validation { field: field.into(), text: text.into() }
    }

    /// Unknown, of another account, or not made yet: one and the same answer.
    pub(super) fn invalid_document() -> Self {
        Self::forbidden("Invalid Document ID")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Plain(status, text) => (status, Json(json!({"error": text}))).into_response(),
            Self::Validation { field, text } => {
                let body = json!({
                    "errors": {field: [text]},
                    "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
                    "title": "One or more validation errors occurred.",
                    "status": 400,
                });
                (StatusCode::BAD_REQUEST, Json(body)).into_response()
            }
        }
    }
}

/// Apart from the document's id and the reminder limit these answers are guesses: 403 and a sentence.
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
