//! Acme, as the sandbox plays it: one account, and no route yet.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use super::code_grant::Grants;
use super::played::{Attempt, Played, Start};
use crate::secret::{Secret, unguessable};
use crate::webhooks::WebhookRequest;
use crate::world::{Event, Vendor};

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

pub(crate) type Account = super::account::Account<AcmeAccess, AcmeSettings>;

impl Account {
    pub(crate) fn start(start: &Start<'_>) -> std::io::Result<Self> {
        let (base_url, api_key) = (start.base_url.to_owned(), Secret::new(unguessable()));
        Ok(Self::new(AcmeAccess { base_url, api_key }, Grants::default(), ()))
    }
}

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::ACME
    }

    fn answer(&self, call: &Call<'_>) -> Response {
        let error = format!("the sandbox does not play {}", call.head.uri.path());
        (StatusCode::NOT_IMPLEMENTED, axum::Json(json!({ "error": error }))).into_response()
    }

    fn too_large(&self) -> Response {
        StatusCode::PAYLOAD_TOO_LARGE.into_response()
    }

    /// There are no tokens but the key.
    fn issue_token(&self, _: Timestamp) -> Secret {
        self.access.api_key.clone()
    }

    fn message(&self, _: &Event, _: &str, _: Timestamp, _: bool) -> Value {
        Value::Null
    }

    /// No webhook is posted yet.
    fn sign(&self, _: &mut WebhookRequest, _: &Attempt<'_>) {}
}
