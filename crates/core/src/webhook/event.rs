//! The events of webhooks, in vendor-neutral words.

use crate::model::word::{open_words, open_words_in_json};
use crate::model::{EnvelopeStatus, RecipientStatus};

open_words! {
    /// What happened. Open: an unknown vendor event is kept as [`WebhookEvent::Other`].
    WebhookEvent {
        /// A draft was created.
        EnvelopeCreated = "envelope_created";
        /// The envelope was sent.
        EnvelopeSent = "envelope_sent";
        /// The envelope was resent to every recipient who has not finished.
        EnvelopeResent = "envelope_resent";
        /// The envelope was opened; at some vendors, by all recipients.
        EnvelopeViewed = "envelope_viewed";
        /// Finished by all recipients.
        EnvelopeCompleted = "envelope_completed";
        /// A recipient declined, which ends the envelope.
        EnvelopeDeclined = "envelope_declined";
        /// The sender voided the envelope, or, at some vendors, it expired.
        EnvelopeVoided = "envelope_voided";
        /// Not finished in time.
        EnvelopeExpired = "envelope_expired";
        /// The sender changed the envelope.
        EnvelopeCorrected = "envelope_corrected";
        /// The envelope was deleted, discarded or purged.
        EnvelopeDeleted = "envelope_deleted";
        /// The envelope was accepted for sending, but never created.
        EnvelopeFailed = "envelope_failed";
        /// It is a recipient's turn; the vendor has notified them if it does so at all.
        RecipientNotified = "recipient_notified";
        /// The recipient was reminded.
        RecipientReminded = "recipient_reminded";
        /// The recipient opened the documents.
        RecipientViewed = "recipient_viewed";
        /// The recipient finished.
        RecipientSigned = "recipient_signed";
        /// The recipient declined.
        RecipientDeclined = "recipient_declined";
        /// The recipient failed an access code or another check.
        RecipientAuthenticationFailed = "recipient_authentication_failed";
        /// The vendor's message could not be delivered to the recipient.
        RecipientDeliveryFailed = "recipient_delivery_failed";
        /// The recipient was replaced by another one.
        RecipientReassigned = "recipient_reassigned";
        /// The recipient left to finish later.
        RecipientLeft = "recipient_left";
    }
    /// An event that this library does not know, as the vendor wrote it.
    Other
}
open_words_in_json!(WebhookEvent);

impl WebhookEvent {
    /// The envelope status that the event alone implies. An unknown event implies none.
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

    /// The status that the event alone implies for its recipient. An unknown event implies none.
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
