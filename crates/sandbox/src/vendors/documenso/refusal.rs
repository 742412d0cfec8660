//! Documenso's refusals.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::world::{Reason, Refused};

/// A refusal, without the name of the called function.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    body: Value,
    /// The organization's window that is used up.
    pub(super) window: Option<MailWindow>,
}

/// A window of the organization: its limit, and when the next one begins, in Unix seconds. The headers name it after
/// the limit of the address.
#[derive(Clone, Copy, Debug)]
pub(super) struct MailWindow {
    pub(super) limit: u32,
    pub(super) reset: i64,
}

pub(super) type Answer = Result<Value, ApiError>;

impl ApiError {
    /// One of the application's own errors.
    pub(super) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        let mut error = Self::plain(status, code, message);
        error.body["code"] = "INTERNAL_SERVER_ERROR".into();
        error.body["data"]["appError"] = json!({"code": code, "message": message});
        error
    }

    pub(super) fn bad(code: &str, message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// One of the framework's.
    pub(super) fn plain(status: StatusCode, code: &str, message: &str) -> Self {
        let data = json!({"code": code, "httpStatus": status.as_u16()});
        Self { status, body: json!({"message": message, "code": code, "data": data}), window: None }
    }

    /// Documenso throws a plain error: 500 with its text.
    pub(super) fn failed(message: &str) -> Self {
        Self::plain(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", message)
    }

    /// The status is another one than the body says.
    pub(super) fn expired_key() -> Self {
        let mut error = Self::bad("EXPIRED_CODE", "the key has expired");
        error.body["data"]["httpStatus"] = 401.into();
        error
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "no such envelope")
    }

    pub(super) fn issue(member: &str, text: &str) -> Self {
        let mut error = Self::plain(StatusCode::BAD_REQUEST, "BAD_REQUEST", "invalid input");
        error.body["issues"] = json!([{"path": [member], "message": text}]);
        error
    }

    /// With the name of the called function.
    pub(super) fn at(mut self, path: &str) -> Self {
        self.body["data"]["path"] = path.into();
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(window) = self.window {
            response.extensions_mut().insert(window);
        }
        response
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            Reason::NoSuchEnvelope => Self::not_found(),
            _ => Self::failed(&refused.message),
        }
    }
}
