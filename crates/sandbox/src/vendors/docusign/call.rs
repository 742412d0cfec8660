//! A call, and DocuSign's error messages.

use std::sync::LazyLock;

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::account::Account;
use crate::vendors::fields::{Object, Query};
use crate::vendors::known::Known;
use crate::world::{Context, Envelope, Live, Reason, Refused, State, Vendor};

/// What the vendor's specification knows and the sandbox does not simulate.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::read(include_str!("known.toml")));

/// A call with everything needed to answer it.
pub(super) struct Call<'a> {
    pub(super) live: &'a Live,
    pub(super) account: &'a Account,
    pub(super) query: Query,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
}

impl Call<'_> {
    /// The body, which must be a JSON object sent as JSON.
    pub(super) fn object(&self) -> Result<Object, ApiError> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|text| {
            text.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if content_type.is_some_and(|text| text.starts_with("multipart/")) {
            return Err(ApiError::not_played("multipart bodies"));
        }
        if self.body.is_empty() {
            return Err(ApiError::bad("INVALID_REQUEST_BODY"));
        }
        if !is_json {
            return Err(ApiError::bad("INVALID_CONTENT_TYPE"));
        }
        let invalid = |more: &str| ApiError::bad("INVALID_REQUEST_BODY").and(more);
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(invalid("Expected an object.")),
            Err(error) => {
                Err(invalid(&format!("Not JSON at line {}, column {}.", error.line(), error.column())))
            }
        }
    }
}

impl Call<'_> {
    /// Rejects members of a body that would change something and are not simulated.
    pub(super) fn check_members(&self, object: &str, body: &Object) -> Result<(), ApiError> {
        match KNOWN.refused(object, body) {
            Some(member) => Err(ApiError::not_played(&format!("`{member}`"))),
            None => Ok(()),
        }
    }

    /// The same for the parameters of a route.
    pub(super) fn check_parameters(&self, route: &str) -> Result<(), ApiError> {
        match KNOWN.refused_parameter(route, &self.query) {
            Some(parameter) => Err(ApiError::not_played(&format!("the parameter `{parameter}`"))),
            None => Ok(()),
        }
    }
}

pub(super) type Answer = Result<(StatusCode, Value), ApiError>;

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

/// `{"errorCode", "message"}`: the documented shape, without a reference id.
#[derive(Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl ApiError {
    /// With the text of the code.
    pub(super) fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, message: KNOWN.message(code).to_owned() }
    }

    pub(super) fn bad(code: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code)
    }

    /// With another sentence behind the text.
    pub(super) fn and(self, more: &str) -> Self {
        Self { message: format!("{} {more}", self.message), ..self }
    }

    pub(super) fn invalid_parameter(what: &str) -> Self {
        Self::bad("INVALID_REQUEST_PARAMETER").and(what)
    }

    /// A feature of the vendor that the sandbox does not simulate.
    pub(super) fn not_played(what: &str) -> Self {
        let message = format!("the sandbox does not simulate {what}");
        Self { message, ..Self::new(StatusCode::NOT_IMPLEMENTED, "NOT_PLAYED_BY_THE_SANDBOX") }
    }

    /// Sources disagree about the status: 404 is documented for missing things on GET, 400 elsewhere.
    pub(super) fn no_such_envelope(reading: bool) -> Self {
        let status = if reading { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
        Self::new(status, "ENVELOPE_DOES_NOT_EXIST")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"errorCode": self.code, "message": self.message}))).into_response()
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
