//! A webhook in delivery: its content, its attempts, and its result.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::WebhookFaultKind;
use crate::secret::Secret;
use crate::world::Vendor;

/// A webhook in the log. [`Webhooks::request`](crate::Webhooks::request) shows its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Identifies it in this sandbox: `1`, `2`, … in the order of the events.
    pub id: u64,
    /// The vendor.
    pub vendor: Vendor,
    /// The event, in the vendor's word.
    pub event: String,
    /// Envelope or document id.
    pub envelope: String,
    /// The recipient's id within the envelope, if the event is about one.
    pub recipient: Option<String>,
    /// When it happened, in the world's time.
    pub happened_at: Timestamp,
    /// Its state.
    pub state: WebhookState,
    /// While it waits: the world's time of the next attempt.
    pub due_at: Option<Timestamp>,
    /// The attempts so far, oldest first.
    pub attempts: Vec<WebhookAttempt>,
}

/// The state of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookState {
    /// To be sent: soon, or again after a failure.
    Waiting,
    /// Being sent now.
    UnderWay,
    /// Accepted by the receiver.
    Delivered,
    /// No attempt is left.
    GivenUp,
    /// Lost because of a fault, or because its target was removed.
    Lost,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookAttempt {
    /// The sandbox's time.
    pub at: Timestamp,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub failure: Option<String>,
    /// Sent again although the receiver had accepted it.
    pub duplicate: bool,
    /// The fault applied to it.
    pub mischief: Option<String>,
}

impl WebhookAttempt {
    /// The receiver's status, or why there is none.
    pub(super) fn new(at: Timestamp, outcome: Result<u16, String>) -> Self {
        let (status, failure) = (outcome.as_ref().ok().copied(), outcome.err());
        Self { at, status, failure, duplicate: false, mischief: None }
    }

    /// Whether the receiver accepted it.
    pub fn taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// What an attempt sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookRequest {
    /// The URL.
    pub url: String,
    /// Names and values, including the signatures.
    pub headers: Vec<(String, String)>,
    /// The exact body. Like the vendors' bodies, it may contain access codes.
    pub body: Secret,
}

pub(super) struct Delivery {
    pub(super) shown: WebhookDelivery,
    /// The message without the parts that an attempt adds.
    pub(super) body: Value,
    /// The fault of the first attempt.
    pub(super) mischief: Option<WebhookFaultKind>,
    /// Is sent after the next one of its vendor.
    pub(super) overtaken: bool,
    pub(super) copies_left: u32,
    pub(super) last: Option<WebhookRequest>,
}

impl Delivery {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.shown.state, WebhookState::Waiting | WebhookState::UnderWay)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.shown.state == WebhookState::Waiting
    }

    /// Attempts that the receiver did not accept.
    pub(super) fn failures(&self) -> usize {
        self.shown.attempts.iter().filter(|attempt| !attempt.taken()).count()
    }

    pub(super) fn was_taken(&self) -> bool {
        self.shown.attempts.iter().any(WebhookAttempt::taken)
    }
}
