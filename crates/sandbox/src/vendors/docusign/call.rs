//! The body of a call, and DocuSign's error messages.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::vendors::Call;
use crate::vendors::fields::Object;
use crate::vendors::known::{Known, NotSimulated};
use crate::world::{Context, Envelope, Reason, Refused, State, Vendor};

/// What the vendor's specification knows and the sandbox does not simulate.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::read(include_str!("known.toml")));

/// The body, which must be a JSON object sent as JSON.
pub(super) fn read(call: &Call<'_>) -> Result<Object, ApiError> {
    if call.is_multipart() {
        return Err(NotSimulated::new("multipart bodies").into());
    }
    if call.body.is_empty() {
        return Err(ApiError::bad("INVALID_REQUEST_BODY"));
    }
    let invalid = |more: &str| ApiError::bad("INVALID_REQUEST_BODY").and(more);
    match call.json() {
        None => Err(ApiError::bad("INVALID_CONTENT_TYPE")),
        Some(Ok(Value::Object(object))) => Ok(object),
        Some(Ok(_)) => Err(invalid("Expected an object.")),
        Some(Err(error)) => {
            Err(invalid(&format!("Not JSON at line {}, column {}.", error.line(), error.column())))
        }
    }
}

pub(super) type Answer = Result<Response, ApiError>;

/// Works on an envelope of this vendor; one of another vendor is unknown.
pub(super) fn on<T>(
    state: &mut State,
    id: &str,
    reading: bool,
    work: impl FnOnce(&mut Envelope, &mut Context<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    if state.envelope(id).is_none_or(|env| env.vendor != Vendor::DOCUSIGN) {
        return Err(ApiError::no_such_envelope(reading));
    }
    state.on(id, work)
}

/// A status and `{"errorCode", "message"}`: the documented shape, without a reference id.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    pub(super) body: Value,
}

impl ApiError {
    /// With the text of the code.
    pub(super) fn new(status: StatusCode, code: &str) -> Self {
        Self { status, body: json!({"errorCode": code, "message": KNOWN.message(code)}) }
    }

    pub(super) fn bad(code: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code)
    }

    /// With another sentence behind the text.
    pub(super) fn and(mut self, more: &str) -> Self {
        let text = self.body["message"].as_str().unwrap_or_default();
        self.body["message"] = format!("{text} {more}").into();
        self
    }

    pub(super) fn invalid_parameter(what: &str) -> Self {
        Self::bad("INVALID_REQUEST_PARAMETER").and(what)
    }

    /// Sources disagree about the status: 404 is documented for missing things on GET, 400 elsewhere.
    pub(super) fn no_such_envelope(reading: bool) -> Self {
        let status = if reading { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        Self::new(status, "ENVELOPE_DOES_NOT_EXIST")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

impl From<NotSimulated> for ApiError {
    fn from(what: NotSimulated) -> Self {
        let code = "NOT_PLAYED_BY_THE_SANDBOX";
        Self { status: StatusCode::NOT_IMPLEMENTED, body: json!({"errorCode": code, "message": what.text}) }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            Reason::NoSuchEnvelope => Self::no_such_envelope(false),
            Reason::NoSuchRecipient => Self::bad("UNKNOWN_ENVELOPE_RECIPIENT"),
            Reason::NotTheirTurn => Self::bad("RECIPIENT_NOT_IN_SEQUENCE"),
            Reason::Locked => Self::bad("ACTIVATION_FAILED"),
            Reason::IdCheckFailed => Self::bad("RECIPIENT_HAS_FAILED_SECURITY_CHECK"),
            Reason::EnvelopeClosed | Reason::NotSent => Self::bad("ENVELOPE_INVALID_STATUS"),
            Reason::RecipientDone => Self::bad("RECIPIENT_UPDATE_FAILED"),
            _ => Self::invalid_parameter(&refused.message),
        }
    }
}
