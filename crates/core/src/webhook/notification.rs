//! A checked webhook, in one vocabulary.

use serde::Serialize;

use super::event::WebhookEvent;
use super::key::NotificationKey;
use crate::model::{
    EnvelopeId, EnvelopeStatus, RecipientId, RecipientRef, RecipientStatus, Recipients, Timestamp,
};

/// A vendor's notification with a valid signature.
///
/// Webhooks arrive late, twice, and out of order. [`Notification::key`] identifies a repeated delivery;
/// `EnvelopeState` of the client crate combines notifications into the newest state. A notification proves only
/// what it contains: for an important decision, ask the vendor with `list_recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Notification {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// What happened.
    pub event: WebhookEvent,
    /// The event in the vendor's word, unchanged.
    pub vendor_event: String,
    /// When it happened or, at some vendors, when the message about it was created; `None` if it is not reported.
    pub at: Option<Timestamp>,
    /// The envelope; `None` for events about other objects, such as a template.
    pub envelope: Option<EnvelopeId>,
    /// The envelope's status after the event: implied by the event, or included in the message; `None` otherwise.
    pub envelope_status: Option<EnvelopeStatus>,
    /// The recipient that the event is about, if the vendor names one.
    pub recipient: Option<NotifiedRecipient>,
    /// All recipients of the envelope, if the message lists them. A late delivery of an old event may show a later
    /// state.
    pub recipients: Option<Recipients>,
    /// Why it was declined, voided or failed, in the user's or the vendor's words.
    pub reason: Option<String>,
    /// The vendor's account, if it is included.
    pub account: Option<String>,
    /// How many delivery attempts came before this one, if the vendor counts them.
    pub retries: Option<u32>,
    /// The same for every delivery of the same event.
    pub key: NotificationKey,
}

impl Notification {
    /// A notification that only says that something happened; adapters set the rest. Statuses that the event
    /// implies are set.
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

    /// Sets the recipients of the envelope, and the recipient of the event: their address, and their status as
    /// implied by the event or included in the message.
    #[must_use]
    pub fn concerning(mut self, who: Option<RecipientId>, people: Option<Recipients>) -> Self {
        self.recipient = who.map(|id| {
            let person = people.as_ref().and_then(|people| people.get(&id));
            let mut concerned = NotifiedRecipient::new(id.clone());
            concerned.email = person.and_then(|person| person.email.clone());
            let status = self.event.recipient_status();
            concerned.status = status.or_else(|| person.map(|person| person.status.clone()));
            concerned
        });
        self.recipients = people;
        self
    }

    /// Without the statuses, for a message that the signature does not cover: what happened, and to whom, is then
    /// only a reason to ask the vendor.
    #[must_use]
    pub fn without_statuses(mut self) -> Self {
        self.envelope_status = None;
        self.recipients = None;
        if let Some(recipient) = &mut self.recipient {
            recipient.status = None;
        }
        self
    }

    /// The recipient, as a reference for the four operations.
    pub fn recipient_ref(&self) -> Option<RecipientRef> {
        self.recipient.as_ref().map(|recipient| RecipientRef::Id(recipient.id.clone()))
    }
}

/// The recipient of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NotifiedRecipient {
    /// Identifies the recipient within the envelope, like a list of recipients does.
    pub id: RecipientId,
    /// The address, if the message includes it.
    pub email: Option<String>,
    /// The status after the event: implied by the event, or included in the message; `None` otherwise.
    pub status: Option<RecipientStatus>,
}

impl NotifiedRecipient {
    /// A recipient of whom only the id is known.
    #[must_use]
    pub fn new(id: RecipientId) -> Self {
        Self { id, email: None, status: None }
    }
}
