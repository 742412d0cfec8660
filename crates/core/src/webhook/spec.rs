//! How a vendor's webhooks are checked: the adapter's part is one function.

use std::time::Duration;

use http::HeaderMap;
use secrecy::SecretString;

use super::notification::Notification;
use super::refusal::WebhookRefused;
use crate::model::Timestamp;

/// Checks and reads one webhook: the adapter's part of a vendor's webhooks, whose data is in
/// [`Facts::webhook`](crate::vendor::Facts::webhook). The body is within the limit. It must reject a webhook with an
/// invalid signature before it uses any of its content.
pub type ReceiveWebhook = fn(&IncomingWebhook<'_>) -> Result<Received, WebhookRefused>;

/// A received webhook, with the values to check it against.
#[derive(Debug, Clone, Copy)]
pub struct IncomingWebhook<'a> {
    /// The unchanged query of the URL, without the `?`; empty if there is none.
    pub query: &'a str,
    /// The unchanged headers.
    pub headers: &'a HeaderMap,
    /// The unchanged body.
    pub body: &'a [u8],
    /// The secrets; any of them may have signed.
    pub secrets: &'a [SecretString],
    /// The current time.
    pub now: Timestamp,
    /// The maximum age.
    pub max_age: Duration,
}

/// The content of an accepted webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// What happened, in the vendor's order; the vendor signed it. Most vendors send one notification per webhook.
    Notifications(Vec<Notification>),
    /// The vendor checks whether the address answers. It may be unsigned, so it carries no information: answer 200
    /// and do nothing.
    Check,
}

impl Received {
    /// A webhook with one notification.
    #[must_use]
    pub fn one(told: Notification) -> Self {
        Self::Notifications(vec![told])
    }

    /// The notifications; none for an address check.
    #[must_use]
    pub fn notifications(self) -> Vec<Notification> {
        match self {
            Received::Notifications(told) => told,
            Received::Check => Vec::new(),
        }
    }
}
