//! The account: what a client needs, newly created at every start; limits; whose key a call has.

use axum::http::{StatusCode, header};
use serde::{Deserialize, Serialize};

use super::refusal::ApiError;
use crate::secret::{Secret, unguessable};
use crate::vendors::Call;
use crate::vendors::code_grant::Grants;
use crate::vendors::played::Start;
use crate::world::SENDER_EMAIL;

/// How to reach the simulated Documenso.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocumensoAccess {
    /// Base URL of the server, without `/api/v2`.
    pub base_url: String,
    /// The team's API key.
    pub api_key: Secret,
    /// A key of another team, which sees none of the envelopes.
    pub other_key: Secret,
    /// An expired key.
    pub expired_key: Secret,
    /// Address of the key's user.
    pub sender_email: String,
}

/// Limits of Documenso. The defaults are those of a server of version 2.17.0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DocumensoSettings {
    /// Calls per clock minute.
    pub minute_limit: u32,
    /// Mails that the organization may send in five minutes of the clock, if that is limited.
    pub mail_window: Option<u32>,
    /// Mails of the calendar month, if the plan limits them.
    pub mail_quota: Option<u32>,
}

impl Default for DocumensoSettings {
    fn default() -> Self {
        Self { minute_limit: 1_000, mail_window: None, mail_quota: None }
    }
}

impl DocumensoSettings {
    /// Its window is the minute: what is allowed for an hour is allowed for one.
    pub(crate) fn limit_calls(&mut self, hourly: u32) {
        self.minute_limit = hourly;
    }
}

pub(crate) type Account = crate::vendors::account::Account<DocumensoAccess, DocumensoSettings>;

impl Account {
    pub(crate) fn start(start: &Start<'_>) -> std::io::Result<Self> {
        // `api_` and 16 letters and digits, as the real ones.
        let key = || Secret::new(format!("api_{}", unguessable().get(..16).unwrap_or_default()));
        let access = DocumensoAccess {
            base_url: start.base_url.to_owned(),
            api_key: key(),
            other_key: key(),
            expired_key: key(),
            sender_email: SENDER_EMAIL.to_owned(),
        };
        Ok(Self::new(access, Grants::default(), ()))
    }

    /// Whether the key is the account's own, or that of another team.
    pub(super) fn admit(&self, call: &Call<'_>) -> Result<bool, ApiError> {
        let value = call.header(header::AUTHORIZATION).unwrap_or_default();
        let key = value.strip_prefix("Bearer ").unwrap_or(value).trim();
        let DocumensoAccess { api_key, other_key, expired_key, .. } = &self.access;
        match key {
            "" => Err(ApiError::plain(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "no key")),
            key if key == api_key.expose() => Ok(true),
            key if key == other_key.expose() => Ok(false),
            key if key == expired_key.expose() => Err(ApiError::expired_key()),
            _ => Err(ApiError::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "wrong key")),
        }
    }
}
