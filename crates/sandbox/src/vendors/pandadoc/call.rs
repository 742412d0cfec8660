//! A call, and PandaDoc's error bodies.

use std::sync::LazyLock;

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{Account, Key};
use super::show;
use crate::vendors::fields::Object;
use crate::vendors::known::Known;
use crate::vendors::played::Targets;
use crate::world::{Context, Envelope, Live, Reason, Refused, Vendor};

/// What the vendor's own client and specification know and the sandbox does not simulate.
pub(super) static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::read(include_str!("known.toml")));

/// An authorized call.
pub(super) struct Call<'a> {
    pub(super) live: &'a Live,
    pub(super) targets: &'a dyn Targets,
    pub(super) account: &'a Account,
    pub(super) key: Key,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Bytes,
}

/// Status and body of a success.
pub(super) enum Done {
    /// 204.
    Empty,
    Json(StatusCode, Value),
}

pub(super) type Answer = Result<Done, ApiError>;

#[derive(Debug)]
pub(super) enum ApiError {
    /// `{type, detail}`, where the detail is a text or an object with the fields.
    Plain(StatusCode, &'static str, Value),
    /// The document's state forbids the call: its id, its status and a sentence.
    Conflict(String, &'static str, String),
    /// Another user edits the document, until this time.
    Locked(Timestamp),
}

impl ApiError {
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: impl Into<Value>) -> Self {
        Self::Plain(status, kind, detail.into())
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

    pub(super) fn conflict(env: &Envelope, now: Timestamp, text: &str) -> Self {
        Self::Conflict(env.id.clone(), show::status_word(env, now), text.to_owned())
    }

    /// A feature of the vendor that the sandbox does not simulate.
    pub(super) fn not_played(what: &str) -> Self {
        let text = format!("the sandbox does not simulate {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, "not_simulated", text)
    }

    /// The same error as routes of the second version write it.
    pub(super) fn in_second_version(self) -> Response {
        let (status, code, detail) = match self {
            Self::Plain(status, kind, detail) => (status, kind, detail),
            other => return other.into_response(),
        };
        let details = json!([{"code": code, "pointer": null, "data": {"message": detail}}]);
        (status, Json(json!({"code": code, "details": details}))).into_response()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Plain(status, kind, detail) => (status, json!({"type": kind, "detail": detail})),
            Self::Conflict(id, word, text) => {
                (StatusCode::CONFLICT, json!({"id": id, "status": word, "info_message": text}))
            }
            Self::Locked(until) => {
                let mut body = show::lock(until);
                body["type"] = "document_locked".into();
                body["detail"] = "The document is locked by another user.".into();
                (StatusCode::LOCKED, body)
            }
        };
        (status, Json(body)).into_response()
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

/// Rejects members of a body that would change something and are not simulated.
pub(super) fn check_members(object: &str, body: &Object) -> Result<(), ApiError> {
    match KNOWN.refused(object, body) {
        Some(member) => Err(ApiError::not_played(&format!("`{member}`"))),
        None => Ok(()),
    }
}

impl Call<'_> {
    /// A JSON object, or an empty one if there is no body at all.
    pub(super) fn object(&self) -> Result<Object, ApiError> {
        if self.body.is_empty() {
            return Ok(Object::new());
        }
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.unwrap_or_default().to_ascii_lowercase().starts_with("application/json") {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(ApiError::new(status, "request_error", "Unsupported media type in request."));
        }
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::validation("Invalid data. Expected a dictionary.")),
            Err(_) => Err(ApiError::new(StatusCode::BAD_REQUEST, "request_error", "JSON parse error")),
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
            (_, true) => Err(ApiError::Locked(show::lock_end(context.now))),
            _ => work(env, context),
        })
    }
}
