//! Why a webhook was rejected.

use serde::Serialize;

use crate::model::word::words;

words! {
    /// Why a webhook was rejected.
    WebhookRefusal {
        /// The body is longer than allowed. Nothing else was checked.
        TooLarge = "too_large";
        /// No secret is configured to check it with.
        NoSecret = "no_secret";
        /// There is no signature.
        SignatureMissing = "signature_missing";
        /// The signature is malformed.
        SignatureMalformed = "signature_malformed";
        /// None of the secrets signed this body: a wrong secret, a changed body, or a forgery.
        SignatureWrong = "signature_wrong";
        /// Correctly signed, but the timestamp is too old: delayed, replayed, or a wrong clock.
        TooOld = "too_old";
        /// Correctly signed, but the timestamp is in the future: a wrong clock.
        FromTheFuture = "from_the_future";
        /// Correctly signed, but not a message of this vendor.
        Unreadable = "unreadable";
    }
}

/// A rejected webhook: the reason, and a sentence without any of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{vendor} webhook refused: {message} ({reason})")]
#[non_exhaustive]
pub struct WebhookRefused {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// For programs.
    pub reason: WebhookRefusal,
    /// A readable sentence. It repeats neither body nor signature.
    pub message: String,
}

impl WebhookRefused {
    /// Rejects a webhook of this vendor.
    #[must_use]
    pub fn new(vendor: &'static str, reason: WebhookRefusal, message: impl Into<String>) -> Self {
        Self { vendor, reason, message: message.into() }
    }

    /// The HTTP status to answer with: 401 if the webhook is not authentic, 400 if it cannot be read, 413 for too
    /// large a body, 503 if the receiver is not set up. None of them is a success, so the vendor tries again.
    pub fn status(&self) -> u16 {
        match self.reason {
            WebhookRefusal::TooLarge => 413,
            WebhookRefusal::NoSecret => 503,
            WebhookRefusal::Unreadable => 400,
            _ => 401,
        }
    }

    /// What to check next.
    pub fn hint(&self) -> &'static str {
        match self.reason {
            WebhookRefusal::TooLarge => {
                "raise the limit (`with_body_limit`, on the command line --body-limit) if the vendor is \
                 configured to send documents, or configure it to send none"
            }
            WebhookRefusal::NoSecret => "set the account's `webhook_secrets` to the vendor's secret",
            WebhookRefusal::SignatureMissing => {
                "enable signing at the vendor; without it anyone could send this"
            }
            WebhookRefusal::SignatureMalformed => {
                "pass the vendor's headers on unchanged; a proxy may have changed them"
            }
            WebhookRefusal::SignatureWrong => {
                "compare the secret with the vendor's, and check the raw body before it is parsed or rewritten"
            }
            WebhookRefusal::TooOld => {
                "set this machine's clock; if it is correct, an old message was sent again"
            }
            WebhookRefusal::FromTheFuture => "set this machine's clock",
            WebhookRefusal::Unreadable => {
                "make sure that this address receives only this vendor's webhooks, in the format that the \
                 adapter's README names"
            }
        }
    }
}
