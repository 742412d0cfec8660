//! What a webhook can be about, in words of ours.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::model::{EnvelopeStatus, RecipientStatus};
use crate::redact::escape_control;

/// What happened. Open: a word of a vendor that has no place here survives as [`WebhookEvent::Other`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// A draft was made.
    EnvelopeCreated,
    /// The envelope was sent.
    EnvelopeSent,
    /// It was sent once more, to everybody who has not finished.
    EnvelopeResent,
    /// It was opened; at DocuSign by everybody, as its page has it.
    EnvelopeViewed,
    /// Everybody has done their part.
    EnvelopeCompleted,
    /// Somebody declined, which ends it.
    EnvelopeDeclined,
    /// The sender took it back. DocuSign `voided`, also for envelopes that ran out of time; BoldSign `Revoked`.
    EnvelopeVoided,
    /// Nobody finished it in time.
    EnvelopeExpired,
    /// The sender changed it.
    EnvelopeCorrected,
    /// It was deleted, discarded or purged.
    EnvelopeDeleted,
    /// It was accepted for sending, but will never exist. BoldSign `SendFailed`.
    EnvelopeFailed,
    /// It is a recipient's turn, and they were told if they are told by the vendor.
    RecipientNotified,
    /// They were told once more.
    RecipientReminded,
    /// They opened the documents.
    RecipientViewed,
    /// They did their part.
    RecipientSigned,
    /// They refused.
    RecipientDeclined,
    /// They failed an access code or another check.
    RecipientAuthenticationFailed,
    /// The vendor's message did not reach them.
    RecipientDeliveryFailed,
    /// Somebody else has their place now.
    RecipientReassigned,
    /// They left to finish later.
    RecipientLeft,
    /// A word that this library does not know, as the vendor wrote it.
    Other(String),
}

impl WebhookEvent {
    /// Every event with a name of ours.
    pub const NAMED: [WebhookEvent; 20] = [
        WebhookEvent::EnvelopeCreated,
        WebhookEvent::EnvelopeSent,
        WebhookEvent::EnvelopeResent,
        WebhookEvent::EnvelopeViewed,
        WebhookEvent::EnvelopeCompleted,
        WebhookEvent::EnvelopeDeclined,
        WebhookEvent::EnvelopeVoided,
        WebhookEvent::EnvelopeExpired,
        WebhookEvent::EnvelopeCorrected,
        WebhookEvent::EnvelopeDeleted,
        WebhookEvent::EnvelopeFailed,
        WebhookEvent::RecipientNotified,
        WebhookEvent::RecipientReminded,
        WebhookEvent::RecipientViewed,
        WebhookEvent::RecipientSigned,
        WebhookEvent::RecipientDeclined,
        WebhookEvent::RecipientAuthenticationFailed,
        WebhookEvent::RecipientDeliveryFailed,
        WebhookEvent::RecipientReassigned,
        WebhookEvent::RecipientLeft,
    ];

    /// The stable word, or the vendor's for [`WebhookEvent::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            WebhookEvent::EnvelopeCreated => "envelope_created",
            WebhookEvent::EnvelopeSent => "envelope_sent",
            WebhookEvent::EnvelopeResent => "envelope_resent",
            WebhookEvent::EnvelopeViewed => "envelope_viewed",
            WebhookEvent::EnvelopeCompleted => "envelope_completed",
            WebhookEvent::EnvelopeDeclined => "envelope_declined",
            WebhookEvent::EnvelopeVoided => "envelope_voided",
            WebhookEvent::EnvelopeExpired => "envelope_expired",
            WebhookEvent::EnvelopeCorrected => "envelope_corrected",
            WebhookEvent::EnvelopeDeleted => "envelope_deleted",
            WebhookEvent::EnvelopeFailed => "envelope_failed",
            WebhookEvent::RecipientNotified => "recipient_notified",
            WebhookEvent::RecipientReminded => "recipient_reminded",
            WebhookEvent::RecipientViewed => "recipient_viewed",
            WebhookEvent::RecipientSigned => "recipient_signed",
            WebhookEvent::RecipientDeclined => "recipient_declined",
            WebhookEvent::RecipientAuthenticationFailed => "recipient_authentication_failed",
            WebhookEvent::RecipientDeliveryFailed => "recipient_delivery_failed",
            WebhookEvent::RecipientReassigned => "recipient_reassigned",
            WebhookEvent::RecipientLeft => "recipient_left",
            WebhookEvent::Other(word) => word,
        }
    }

    /// The status that the event alone gives an envelope. An unknown event gives none.
    #[must_use]
    pub fn envelope_status(&self) -> Option<EnvelopeStatus> {
        Some(match self {
            WebhookEvent::EnvelopeCreated => EnvelopeStatus::Draft,
            WebhookEvent::EnvelopeSent => EnvelopeStatus::Sent,
            WebhookEvent::EnvelopeViewed => EnvelopeStatus::Viewed,
            WebhookEvent::EnvelopeCompleted => EnvelopeStatus::Completed,
            WebhookEvent::EnvelopeDeclined => EnvelopeStatus::Declined,
            WebhookEvent::EnvelopeVoided => EnvelopeStatus::Voided,
            WebhookEvent::EnvelopeExpired => EnvelopeStatus::Expired,
            WebhookEvent::EnvelopeFailed => EnvelopeStatus::Failed,
            _ => return None,
        })
    }

    /// The status that the event alone gives the recipient whom it names. An unknown event gives none.
    #[must_use]
    pub fn recipient_status(&self) -> Option<RecipientStatus> {
        Some(match self {
            WebhookEvent::RecipientNotified => RecipientStatus::Notified,
            WebhookEvent::RecipientViewed => RecipientStatus::Viewed,
            WebhookEvent::RecipientSigned => RecipientStatus::Signed,
            WebhookEvent::RecipientDeclined | WebhookEvent::EnvelopeDeclined => RecipientStatus::Declined,
            WebhookEvent::RecipientDeliveryFailed => RecipientStatus::DeliveryFailed,
            _ => return None,
        })
    }
}

/// A vendor's own word stands with its control characters escaped.
impl fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape_control(self.as_str()))
    }
}

impl Serialize for WebhookEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_differ_and_unknown_ones_say_nothing_of_a_status() {
        let events: HashSet<_> = WebhookEvent::NAMED.iter().map(WebhookEvent::as_str).collect();
        assert_eq!(events.len(), WebhookEvent::NAMED.len());
        let other = WebhookEvent::Other("a\u{1b}b".into());
        assert_eq!((other.envelope_status(), other.recipient_status()), (None, None));
        assert_eq!(other.to_string(), "a\\u{1b}b");
    }
}
