//! Acme, as the sandbox plays it: one account, and no route yet.

use std::sync::{Mutex, MutexGuard};

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::played::{Answering, Configuration, Played, SignIn, Start, Targets, WRONG_KEY, with_key};
use crate::secret::{Secret, unguessable};
use crate::world::{Event, Live, Vendor, lock};

/// How to reach the simulated Acme.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AcmeAccess {
    /// Base URL of the API.
    pub base_url: String,
    /// The API key.
    pub api_key: Secret,
}

/// Limits and switches of Acme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AcmeSettings {
    /// Calls per hour, if they are limited.
    pub hourly_limit: Option<u32>,
}

impl AcmeSettings {
    pub(crate) fn limit_calls(&mut self, hourly: u32) {
        self.hourly_limit = Some(hourly);
    }
}

pub(crate) struct Account {
    pub(crate) access: AcmeAccess,
    settings: Mutex<AcmeSettings>,
}

impl Account {
    pub(crate) fn start(start: &Start<'_>) -> std::io::Result<Self> {
        let (base_url, api_key) = (start.base_url.to_owned(), Secret::new(unguessable()));
        Ok(Self { access: AcmeAccess { base_url, api_key }, settings: Mutex::default() })
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, AcmeSettings> {
        lock(&self.settings)
    }
}

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::ACME
    }

    fn answer<'a>(&'a self, _: &'a Live, _: &'a dyn Targets, parts: Parts, _: Bytes) -> Answering<'a> {
        Box::pin(async move {
            let error = format!("the sandbox does not play {}", parts.uri.path());
            (StatusCode::NOT_IMPLEMENTED, axum::Json(json!({ "error": error }))).into_response()
        })
    }

    fn too_large(&self) -> Response {
        StatusCode::PAYLOAD_TOO_LARGE.into_response()
    }

    fn access(&self) -> Value {
        json!(self.access)
    }

    fn configuration(&self, sign_in: SignIn) -> Option<Configuration> {
        let key = match sign_in {
            SignIn::Own => self.access.api_key.clone(),
            SignIn::Refused => WRONG_KEY.into(),
            _ => return None,
        };
        Some(with_key("acme", &self.access.base_url, key))
    }

    fn public_access(&self) -> Vec<(&'static str, String)> {
        vec![("API", self.access.base_url.clone())]
    }

    fn issue_token(&self, _: Timestamp) -> Secret {
        self.access.api_key.clone()
    }

    fn revoke_tokens(&self) {}

    fn message(&self, _: &Event, _: &str, _: Timestamp, _: bool) -> Value {
        Value::Null
    }

    fn headers(&self, _: &str, _: &[Secret], _: Timestamp, _: &str) -> Vec<(String, String)> {
        Vec::new()
    }
}
