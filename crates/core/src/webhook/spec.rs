//! How a vendor's webhooks are checked: the adapter's part is one function.

use std::time::Duration;

use http::HeaderMap;
use secrecy::SecretString;

use super::notification::Notification;
use super::refusal::WebhookRefused;
use crate::model::Timestamp;
use crate::redact::hidden;

/// Checks and reads one webhook: the adapter's part of a vendor's webhooks, whose data is in
/// [`Facts::webhook`](crate::vendor::Facts::webhook). The body is within the limit. It must reject a webhook with an
/// invalid signature before it uses any of its content.
pub type ReceiveWebhook = fn(&IncomingWebhook<'_>) -> Result<Received, WebhookRefused>;

/// A received webhook, with the values to check it against.
#[derive(Clone, Copy)]
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

// Query and headers may hold the secret itself, and the body is about recipients.
hidden!(IncomingWebhook<'a> { now, max_age });

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

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn neither_secret_nor_body_is_in_debug() {
        let headers =
            HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::from_static("shared-secret"))]);
        let (query, body, secrets) = ("signature=abc", b"anna@example.com".as_slice(), &[][..]);
        let (now, max_age) = (Timestamp::UNIX_EPOCH, Duration::from_secs(300));
        let incoming = IncomingWebhook { query, headers: &headers, body, secrets, now, max_age };
        assert_eq!(
            format!("{incoming:?}"),
            "IncomingWebhook { now: 1970-01-01T00:00:00Z, max_age: 300s, .. }"
        );
    }
}
