//! Why a webhook was not taken.

use std::fmt;

use serde::{Serialize, Serializer};

/// Why a webhook was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookRefusal {
    /// The body is longer than allowed. Nothing else was looked at.
    TooLarge,
    /// No secret is configured to check it with.
    NoSecret,
    /// There is no signature.
    SignatureMissing,
    /// There is something where the signature should be, but it cannot be one.
    SignatureMalformed,
    /// None of the secrets made the signature for this body: a wrong secret, a changed body, or a forgery.
    SignatureWrong,
    /// Rightly signed, but its stamp is too far in the past: held back or replayed, or a clock is wrong.
    TooOld,
    /// Rightly signed, but its stamp is in the future: a clock is wrong.
    FromTheFuture,
    /// Rightly signed, but not a message of this vendor.
    Unreadable,
}

impl WebhookRefusal {
    /// Every reason.
    pub const ALL: [WebhookRefusal; 8] = [
        WebhookRefusal::TooLarge,
        WebhookRefusal::NoSecret,
        WebhookRefusal::SignatureMissing,
        WebhookRefusal::SignatureMalformed,
        WebhookRefusal::SignatureWrong,
        WebhookRefusal::TooOld,
        WebhookRefusal::FromTheFuture,
        WebhookRefusal::Unreadable,
    ];

    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            WebhookRefusal::TooLarge => "too_large",
            WebhookRefusal::NoSecret => "no_secret",
            WebhookRefusal::SignatureMissing => "signature_missing",
            WebhookRefusal::SignatureMalformed => "signature_malformed",
            WebhookRefusal::SignatureWrong => "signature_wrong",
            WebhookRefusal::TooOld => "too_old",
            WebhookRefusal::FromTheFuture => "from_the_future",
            WebhookRefusal::Unreadable => "unreadable",
        }
    }

    /// The HTTP status to answer with: 401 where the sender is not believed, 400 for what cannot be read, 413 for too
    /// large a body, 503 where the receiver is not set up. None of them is a success, so the vendor tries again.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            WebhookRefusal::TooLarge => 413,
            WebhookRefusal::NoSecret => 503,
            WebhookRefusal::Unreadable => 400,
            _ => 401,
        }
    }

    /// What to look at next.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            WebhookRefusal::TooLarge => {
                "raise the limit if the vendor is told to send documents along, or have it send none"
            }
            WebhookRefusal::NoSecret => {
                "set `webhook_secrets` or `webhook_secrets_file` of the account to the vendor's secret"
            }
            WebhookRefusal::SignatureMissing => {
                "switch signing on at the vendor; without it anybody could send this"
            }
            WebhookRefusal::SignatureMalformed => {
                "pass the vendor's headers on as they came; a proxy may have changed them"
            }
            WebhookRefusal::SignatureWrong => {
                "compare the secret with the vendor's, and check the raw body before anything parses or rewrites it"
            }
            WebhookRefusal::TooOld => {
                "set this machine's clock; if it is right, somebody sent an old message again"
            }
            WebhookRefusal::FromTheFuture => "set this machine's clock",
            WebhookRefusal::Unreadable => {
                "check that this address gets this vendor's webhooks only, in the format that the adapter's README names"
            }
        }
    }
}

impl fmt::Display for WebhookRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebhookRefusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A webhook that was not taken: the reason, and a sentence without anything of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WebhookRefused {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// For programs.
    pub reason: WebhookRefusal,
    /// For people. It repeats neither body nor signature.
    pub message: String,
}

impl WebhookRefused {
    /// Refuses a webhook of this vendor.
    #[must_use]
    pub fn new(vendor: &'static str, reason: WebhookRefusal, message: impl Into<String>) -> Self {
        Self { vendor, reason, message: message.into() }
    }

    /// The HTTP status to answer with.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.reason.status()
    }

    /// What to look at next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.reason.hint()
    }
}

impl fmt::Display for WebhookRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} webhook refused: {} ({})", self.vendor, self.message, self.reason)
    }
}

impl std::error::Error for WebhookRefused {}
