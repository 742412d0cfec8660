//! The outcome of one line, as stored in the results file.

use countersign::{Error, Outcome, Retry};
use serde::{Deserialize, Serialize};

/// The command whose results are read again.
pub(super) const DRAIN: &str = "drain";

/// The outcome of a line, without names and the vendor's texts, which may contain personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ending {
    pub(super) outcome: Ended,
    pub(super) kind: Option<String>,
    /// Whether the same call may be repeated.
    pub(super) retry: bool,
    pub(super) retry_after_seconds: Option<u64>,
    pub(super) status: Option<u16>,
    pub(super) vendor_code: Option<String>,
    pub(super) request_id: Option<String>,
    /// The command's details of a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<serde_json::Value>,
}

/// Whether the operation took effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ended {
    #[default]
    Done,
    NoEffect,
    Refused,
    Unknown,
}

impl Ending {
    pub(super) fn done(told: Option<serde_json::Value>) -> Self {
        Self { told, ..Self::default() }
    }

    /// The details of a success.
    pub(super) fn told_as<T: for<'d> Deserialize<'d>>(&self) -> Option<T> {
        T::deserialize(self.told.as_ref()?).ok()
    }

    pub(super) fn failed(error: &Error) -> Self {
        let (retry, wait) = match error.retry() {
            Retry::Never => (false, None),
            Retry::After(wait) => (true, wait.map(|wait| wait.as_secs())),
        };
        Self {
            outcome: match error.outcome() {
                Outcome::NoEffect => Ended::NoEffect,
                Outcome::Refused => Ended::Refused,
                Outcome::Unknown => Ended::Unknown,
            },
            kind: Some(error.kind().as_str().to_owned()),
            retry,
            retry_after_seconds: wait,
            status: error.status(),
            vendor_code: error.provider_code().map(str::to_owned),
            request_id: error.request_id().map(str::to_owned),
            told: None,
        }
    }
}

impl Ended {
    /// Whether it took effect; `None` if that is not known.
    pub(super) fn took_effect(self) -> Option<bool> {
        match self {
            Ended::Done => Some(true),
            Ended::NoEffect | Ended::Refused => Some(false),
            Ended::Unknown => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Ended::Done => "done",
            Ended::NoEffect => "no effect",
            Ended::Refused => "refused",
            Ended::Unknown => "unknown",
        }
    }
}
