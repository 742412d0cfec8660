//! The account: what a client needs, newly created at every start; and the limit of a minute.

use std::sync::{Mutex, MutexGuard};

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secret::{Secret, unguessable};
use crate::vendors::played::Start;
use crate::world::{SENDER_EMAIL, lock};

const MINUTE: i64 = 60;

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

pub(crate) struct Account {
    pub(crate) access: DocumensoAccess,
    settings: Mutex<DocumensoSettings>,
    /// The current minute, and the calls in it.
    used: Mutex<(i64, u32)>,
}

/// The limit after a call.
pub(super) struct Reading {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Start of the next minute, Unix seconds.
    pub(super) reset: i64,
    pub(super) is_over: bool,
}

/// Whose key it is.
pub(super) enum Admission {
    Own,
    OtherTeam,
    Expired,
    Wrong,
    None,
}

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
        Ok(Self { access, settings: Mutex::default(), used: Mutex::default() })
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, DocumensoSettings> {
        lock(&self.settings)
    }

    /// Counts a call, whatever its key.
    pub(super) fn count(&self, now: Timestamp) -> Reading {
        let limit = self.settings().minute_limit;
        let minute = now.as_second().div_euclid(MINUTE);
        let mut used = lock(&self.used);
        if used.0 != minute {
            *used = (minute, 0);
        }
        let is_over = used.1 >= limit;
        used.1 = used.1.saturating_add(1).min(limit);
        Reading { limit, remaining: limit - used.1, reset: (minute + 1) * MINUTE, is_over }
    }

    pub(super) fn admit(&self, headers: &HeaderMap) -> Admission {
        let value =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let key = value.strip_prefix("Bearer ").unwrap_or(value).trim();
        let DocumensoAccess { api_key, other_key, expired_key, .. } = &self.access;
        match key {
            "" => Admission::None,
            key if key == api_key.expose() => Admission::Own,
            key if key == other_key.expose() => Admission::OtherTeam,
            key if key == expired_key.expose() => Admission::Expired,
            _ => Admission::Wrong,
        }
    }
}
