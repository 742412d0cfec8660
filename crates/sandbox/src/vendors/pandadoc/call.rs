//! A call, and PandaDoc's error bodies.

use std::ops::Deref;
use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Key};
use super::show;
use crate::vendors;
use crate::vendors::fields::Object;
use crate::vendors::known::{Known, NotSimulated};
use crate::world::{Context, Envelope, Reason, Refused, Vendor};

/// What the vendor's own client and specification know and the sandbox does not simulate.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::read(include_str!("known.toml")));

/// An authorized call.
pub(super) struct Call<'a> {
    pub(super) account: &'a Account,
    pub(super) key: Key,
    pub(super) call: &'a vendors::Call<'a>,
}

impl<'a> Deref for Call<'a> {
    type Target = vendors::Call<'a>;

    fn deref(&self) -> &Self::Target {
        self.call
    }
}

pub(super) type Answer = Result<Response, ApiError>;

/// 204.
pub(super) fn empty() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A status and its body: mostly `{type, detail}`, where the detail is a text or an object with the fields.
#[derive(Debug)]
pub(super) struct ApiError(StatusCode, Value);

impl ApiError {
    pub(super) fn new(status: StatusCode, kind: &str, detail: impl Into<Value>) -> Self {
        Self(status, json!({"type": kind, "detail": detail.into()}))
    }

    pub(super) fn validation(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "validation_error", detail)
    }

    /// One problem of one member.
    pub(super) fn field(name: &str, text: &str) -> Self {
        Self::validation(json!({name: [text]}))
    }

    pub(super) fn state(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "state_error", detail.into())
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "request_error", "Not found")
    }

    pub(super) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "permissions_error", detail)
    }

    /// The document's state forbids the call.
    pub(super) fn conflict(env: &Envelope, now: Timestamp, text: &str) -> Self {
        let status = show::status_word(env, now);
        Self(StatusCode::CONFLICT, json!({"id": env.id, "status": status, "info_message": text}))
    }

    /// Another user edits the document, until this time.
    fn locked(until: Timestamp) -> Self {
        let mut body = show::lock(until);
        body["type"] = "document_locked".into();
        body["detail"] = "The document is locked by another user.".into();
        Self(StatusCode::LOCKED, body)
    }

    /// The same error as routes of the second version write it.
    pub(super) fn in_second_version(self) -> Self {
        let code = &self.1["type"];
        let details = json!([{"code": code, "pointer": null, "data": {"message": self.1["detail"]}}]);
        Self(self.0, json!({"code": code, "details": details}))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

impl From<NotSimulated> for ApiError {
    fn from(what: NotSimulated) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "not_simulated", what.text)
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused.reason {
            Reason::NoSuchEnvelope | Reason::NoSuchRecipient => Self::not_found(),
            _ => Self::state(refused.message),
        }
    }
}

impl Call<'_> {
    /// A JSON object, or an empty one if there is no body at all.
    pub(super) fn object(&self) -> Result<Object, ApiError> {
        if self.body.is_empty() {
            return Ok(Object::new());
        }
        let refused = |status, text: &str| Err(ApiError::new(status, "request_error", text));
        match self.json() {
            None => refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type in request."),
            Some(Ok(Value::Object(object))) => Ok(object),
            Some(Ok(_)) => Err(ApiError::validation("Invalid data. Expected a dictionary.")),
            Some(Err(_)) => refused(StatusCode::BAD_REQUEST, "JSON parse error"),
        }
    }

    /// Works on a document of the key's workspace that was not deleted.
    pub(super) fn on<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut Envelope, &mut Context<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut state = self.live.lock();
        let seen = |env: &&Envelope| env.vendor == Vendor::PANDADOC && env.id == id && !env.deleted;
        match state.envelope(id).filter(seen) {
            Some(_) if self.key != Key::OtherWorkspace => state.on(id, work),
            _ => Err(ApiError::not_found()),
        }
    }

    /// The same to change it: the member must be allowed to, and no editor at work.
    pub(super) fn change<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut Envelope, &mut Context<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let may_edit = self.account.settings().may_edit;
        self.on(id, |env, context| match (may_edit, env.edited_elsewhere) {
            (false, _) => Err(ApiError::forbidden("You do not have permission to perform this action.")),
            (_, true) => Err(ApiError::locked(show::lock_end(context.now))),
            _ => work(env, context),
        })
    }
}
