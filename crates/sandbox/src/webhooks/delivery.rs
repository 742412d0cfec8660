//! One webhook on its way: what is to be told, how often it was tried, what became of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::Mischief;
use crate::secret::Secret;
use crate::world::Vendor;

/// A webhook, as the log shows it. What is in it is told by [`Webhooks::request`](crate::Webhooks::request).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// Names it in this sandbox: `1`, `2`, … in the order in which things happened.
    pub id: u64,
    /// Whose it is.
    pub vendor: Vendor,
    /// The event, in the vendor's word.
    pub event: String,
    /// Envelope or document id.
    pub envelope: String,
    /// Id within the envelope of whom it is about, if it is about one of them.
    pub recipient: Option<String>,
    /// The world's time at which it happened.
    pub happened_at: Timestamp,
    /// Where it stands.
    pub state: WebhookState,
    /// While it waits: the world's time of the next attempt.
    pub due_at: Option<Timestamp>,
    /// The attempts so far, oldest first.
    pub attempts: Vec<WebhookAttempt>,
}

/// Where a webhook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookState {
    /// To be sent: soon, or again after a failure.
    Waiting,
    /// Being sent now.
    UnderWay,
    /// The receiver took it.
    Delivered,
    /// No attempt is left.
    GivenUp,
    /// Lost on purpose, or its target was taken away.
    Lost,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookAttempt {
    /// The world's time.
    pub at: Timestamp,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub failure: Option<String>,
    /// Sent once more although the receiver had taken it.
    pub duplicate: bool,
    /// What was done to it on purpose.
    pub mischief: Option<String>,
}

impl WebhookAttempt {
    /// Whether the receiver took it.
    pub fn taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// What an attempt sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebhookRequest {
    /// Where it went.
    pub url: String,
    /// Names and values, the signatures among them.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte. It can hold access codes, as the vendors' do.
    pub body: Secret,
}

pub(super) struct Delivery {
    pub(super) shown: WebhookDelivery,
    /// The message without what an attempt adds.
    pub(super) body: Value,
    pub(super) mischief: Mischief,
    /// Goes after the next one of its vendor.
    pub(super) overtaken: bool,
    pub(super) copies_left: u32,
    pub(super) last: Option<WebhookRequest>,
}

impl Delivery {
    pub(super) fn is_waiting(&self) -> bool {
        self.shown.state == WebhookState::Waiting
    }

    /// Tries that the receiver did not take.
    pub(super) fn failures(&self) -> usize {
        self.shown.attempts.iter().filter(|attempt| !attempt.taken()).count()
    }

    pub(super) fn was_taken(&self) -> bool {
        self.shown.attempts.iter().any(WebhookAttempt::taken)
    }
}
