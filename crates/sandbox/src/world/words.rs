//! What vendors have words for: statuses, events, and the outcomes of visits. The words are in their `rules.toml`.

use serde::{Deserialize, Serialize};

/// The status of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EnvelopeStatus {
    /// Created, not sent.
    Draft,
    /// Sent, not opened.
    Sent,
    /// Opened by a recipient.
    Viewed,
    /// Finished by all recipients.
    Completed,
    /// Declined by a recipient.
    Declined,
    /// Voided by the sender.
    Voided,
    /// Not finished in time.
    Expired,
}

impl EnvelopeStatus {
    /// Sent and not finished: recipients can still act on it.
    pub fn in_flight(self) -> bool {
        matches!(self, Self::Sent | Self::Viewed)
    }
}

/// An event, for the vendors' audit trails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    Created,
    Sent,
    Viewed,
    Signed,
    Reviewed,
    /// Signed or reviewed through a link created by the application; recorded in addition to the action itself.
    SignedEmbedded,
    ReviewedEmbedded,
    Completed,
    Declined,
    Voided,
    Reminded,
    LinkMade,
    CodeFailed,
    IdCheckFailed,
    Reassigned,
    CodeChanged,
    CodeAdded,
    CodeRemoved,
}

/// An event that a vendor may report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// A draft exists.
    EnvelopeReady,
    EnvelopeSent,
    EnvelopeViewed,
    EnvelopeCompleted,
    EnvelopeDeclined,
    EnvelopeVoided,
    EnvelopeExpired,
    EnvelopeResent,
    /// It is a draft again.
    EnvelopeWithdrawn,
    EnvelopeDeleted,
    /// A sent envelope will never be created.
    CreationFailed,
    Reminded,
    RecipientTold,
    RecipientViewed,
    RecipientDone,
    RecipientDeclined,
    RecipientLocked,
    RecipientLeft,
    /// The last mail to them bounced.
    RecipientBounced,
    /// Another signer acts in their place.
    RecipientReassigned,
    RecipientResent,
}

/// The outcome of a visit to the signing page; vendors report it in the return URL in their own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    Signed,
    OnlyViewed,
    FinishedLater,
    Declined,
    LinkUsedUp,
    SessionTimeout,
    CodeFailed,
    IdCheckFailed,
    /// An error at the vendor.
    Exception,
    /// The signer will fax the signed paper.
    FaxPending,
    /// Another signer was named.
    Reassigned,
}

/// A failed action of a signer on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attempt {
    Sign,
    Decline,
    Reassign,
}
