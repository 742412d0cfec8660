//! Faults of webhooks.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::world::Vendor;

/// A fault and the webhooks that it applies to, counted from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[must_use]
pub struct WebhookFault {
    /// Only this vendor's; any if absent.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// Only this event, in the vendor's exact word; any if absent.
    #[serde(default)]
    pub event: Option<String>,
    /// How many webhooks it applies to.
    #[serde(default = "crate::calls::one")]
    pub times: u32,
    /// The type of fault.
    pub fault: WebhookFaultKind,
}

/// The type of fault of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookFaultKind {
    /// It is delivered this many times more after it was accepted.
    Duplicate(u32),
    /// It is delivered this many seconds late, by the world's clock.
    Delay(u32),
    /// It is delivered after the next one of its vendor; after a minute of the world's clock if there is none.
    Overtaken,
    /// It is never delivered.
    Lose,
    /// The first attempt is signed with another key.
    WrongSignature,
    /// The first attempt is not signed.
    NoSignature,
    /// The first attempt has a timestamp that is this many seconds too late (or, if negative, too early), and a
    /// matching signature.
    WrongStamp(i32),
    /// The first attempt's body is cut in half, with a matching signature.
    TornBody,
}

impl WebhookFaultKind {
    /// In the control API's word, with its number.
    pub(super) fn word(self) -> String {
        match self {
            Self::WrongStamp(seconds) => format!("wrong_stamp {seconds}"),
            other => json!(other).as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl WebhookFault {
    /// The next webhook of any kind.
    pub fn next(fault: WebhookFaultKind) -> Self {
        Self { vendor: None, event: None, times: 1, fault }
    }

    /// Only this vendor's.
    pub fn of(mut self, vendor: Vendor) -> Self {
        self.vendor = Some(vendor);
        self
    }

    /// Only this event, in the vendor's word.
    pub fn on(mut self, event: impl Into<String>) -> Self {
        self.event = Some(event.into());
        self
    }

    /// This many webhooks.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    pub(super) fn befalls(&self, vendor: Vendor, event: &str) -> bool {
        self.times > 0
            && self.vendor.is_none_or(|wanted| wanted == vendor)
            && self.event.as_deref().is_none_or(|wanted| wanted == event)
    }
}
