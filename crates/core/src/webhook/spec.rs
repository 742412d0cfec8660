//! How a vendor's webhooks are checked: the adapter's part, as data and one function.

use std::time::Duration;

use http::HeaderMap;
use secrecy::SecretString;

use super::notification::Notification;
use super::refusal::WebhookRefused;
use crate::model::Timestamp;

/// A vendor's webhooks, as data.
#[derive(Debug)]
pub struct WebhookSpec {
    /// Checks and reads one. Called with a body within the limit; must refuse whatever is not rightly signed before it
    /// believes anything in it.
    pub receive: fn(&IncomingWebhook<'_>) -> Result<Received, WebhookRefused>,
    /// How old a webhook may be at most, by whatever stamp the vendor signs.
    pub max_age: Duration,
    /// How to set webhooks up at the vendor, in a few lines for people.
    pub guide: &'static str,
    /// Within how many seconds the vendor wants an answer.
    pub answer_within: Duration,
}

/// A webhook as it came, with what it is checked against.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct IncomingWebhook<'a> {
    /// The headers as they came.
    pub headers: &'a HeaderMap,
    /// The body, byte for byte as it came.
    pub body: &'a [u8],
    /// The secrets; any of them may have signed.
    pub secrets: &'a [SecretString],
    /// The present time.
    pub now: Timestamp,
    /// How old it may be.
    pub max_age: Duration,
}

impl<'a> IncomingWebhook<'a> {
    /// How far a stamp may be in the future: what clocks may differ.
    pub const LEEWAY: Duration = Duration::from_secs(300);

    /// A webhook as it came.
    #[must_use]
    pub fn new(
        headers: &'a HeaderMap,
        body: &'a [u8],
        secrets: &'a [SecretString],
        now: Timestamp,
        max_age: Duration,
    ) -> Self {
        Self { headers, body, secrets, now, max_age }
    }

    /// Judges a stamp: within the age, and not beyond [`IncomingWebhook::LEEWAY`] in the future.
    #[must_use]
    pub fn judge(&self, stamp: Timestamp) -> Age {
        let age = self.now.duration_since(stamp);
        if age.is_negative() {
            if age.unsigned_abs() > Self::LEEWAY { Age::FromTheFuture } else { Age::Fresh }
        } else if age.unsigned_abs() > self.max_age {
            Age::TooOld
        } else {
            Age::Fresh
        }
    }
}

/// What a stamp says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Within what is allowed.
    Fresh,
    /// Too far in the past.
    TooOld,
    /// Too far in the future.
    FromTheFuture,
}

/// What a webhook that was taken is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// Something happened, and the vendor signed it.
    Notification(Box<Notification>),
    /// The vendor checks whether the address answers. It may not be signed, so it means nothing else: answer 200 and do
    /// nothing.
    Check,
}

impl Received {
    /// The notification, if it is one.
    #[must_use]
    pub fn notification(self) -> Option<Notification> {
        match self {
            Received::Notification(notification) => Some(*notification),
            Received::Check => None,
        }
    }
}
