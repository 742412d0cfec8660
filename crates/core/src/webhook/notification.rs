//! A webhook that was checked, in one vocabulary.

use serde::Serialize;

use super::event::WebhookEvent;
use super::key::NotificationKey;
use crate::model::{
    EnvelopeId, EnvelopeStatus, RecipientId, RecipientRef, RecipientStatus, Recipients, Timestamp,
};

/// What a vendor told, rightly signed.
///
/// Webhooks come late, twice, and out of order. [`Notification::key`] tells a second delivery apart; `EnvelopeState`
/// of the client crate folds notifications into the newest state. None is a reason to believe more than it says: for a
/// decision of weight ask the vendor with `list_recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Notification {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// What happened.
    pub event: WebhookEvent,
    /// The event in the vendor's word, as it was written.
    pub vendor_event: String,
    /// When it happened, or at DocuSign when the message about it was made; `None` where the vendor does not say.
    pub at: Option<Timestamp>,
    /// The envelope; `None` for events about something else, such as a template.
    pub envelope: Option<EnvelopeId>,
    /// Where the envelope stands with it: by the event, else by what comes along; `None` where neither says.
    pub envelope_status: Option<EnvelopeStatus>,
    /// Whom it is about, where the vendor names somebody.
    pub recipient: Option<NotifiedRecipient>,
    /// Everybody on the envelope as the message has it, where it tells of them. A later delivery of an old event
    /// may tell of a later state.
    pub recipients: Option<Recipients>,
    /// Why it was declined, taken back or failed, in people's or the vendor's words.
    pub reason: Option<String>,
    /// The vendor's account, where it is named.
    pub account: Option<String>,
    /// How many attempts to deliver came before this one, where the vendor counts.
    pub retries: Option<u32>,
    /// The same for every delivery of the same happening.
    pub key: NotificationKey,
}

impl Notification {
    /// A notification that says only that something happened; adapters fill in the rest. The statuses follow from the
    /// event where it says something of them.
    #[must_use]
    pub fn new(
        vendor: &'static str,
        event: WebhookEvent,
        vendor_event: impl Into<String>,
        key: NotificationKey,
    ) -> Self {
        Self {
            vendor,
            envelope_status: event.envelope_status(),
            event,
            vendor_event: vendor_event.into(),
            at: None,
            envelope: None,
            recipient: None,
            recipients: None,
            reason: None,
            account: None,
            retries: None,
            key,
        }
    }

    /// The recipient, as the four operations take one.
    #[must_use]
    pub fn recipient_ref(&self) -> Option<RecipientRef> {
        self.recipient.as_ref().map(|recipient| RecipientRef::Id(recipient.id.clone()))
    }
}

/// Whom a notification is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotifiedRecipient {
    /// Names them within the envelope, as a list of recipients does.
    pub id: RecipientId,
    /// Their address, where the message has it.
    pub email: Option<String>,
    /// How far they are with it: by the event, else by what comes along; `None` where neither says.
    pub status: Option<RecipientStatus>,
}

impl NotifiedRecipient {
    /// Somebody of whom only the id is known.
    #[must_use]
    pub fn new(id: RecipientId) -> Self {
        Self { id, email: None, status: None }
    }
}
