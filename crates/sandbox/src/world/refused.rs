//! The world's errors. Vendors translate the reason into their own words.

use std::fmt;

use serde::Serialize;

/// The reason of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// No such envelope, or not created yet.
    NoSuchEnvelope,
    /// No such recipient, or more than one.
    NoSuchRecipient,
    /// No such link.
    NoSuchLink,
    /// The link has expired or is used up.
    LinkUsedUp,
    /// Earlier recipients have to act first.
    NotTheirTurn,
    /// Completed, declined, voided or expired.
    EnvelopeClosed,
    /// Still a draft.
    NotSent,
    /// This recipient has already signed or declined.
    RecipientDone,
    /// Too many wrong access codes.
    Locked,
    /// The access code must be entered first.
    CodeNeeded,
    /// The identity check must be passed first.
    IdCheckNeeded,
    /// The identity check has failed.
    IdCheckFailed,
    /// The signer has no access code to change.
    NoCode,
    /// The reminders of the day are used up.
    RemindedEnough,
    /// No such webhook.
    NoSuchWebhook,
    /// The vendor does not have this.
    NotOffered,
    /// An invalid value.
    Invalid,
}

/// An error: the reason and a readable sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Refused {
    /// For programs.
    pub reason: Reason,
    /// A readable sentence; contains no secret.
    pub message: String,
}

impl Refused {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}
