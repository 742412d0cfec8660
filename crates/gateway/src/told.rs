//! What a vendor reported, between the door and its place among the events; and what is known of an envelope from it.

use std::collections::BTreeMap;

use countersign::provider::SignatureReach;
use countersign::webhook::{DatedStatus, EnvelopeState, Notification, NotificationKey, WebhookEvent};
use countersign::{EnvelopeId, EnvelopeStatus, RecipientId, RecipientStatus, Recipients, Timestamp};
use serde::{Deserialize, Serialize};

use crate::events::{Event, EventShown, event_type};
use crate::person::Person;

/// How much is kept of a body that cannot be read: enough to see why.
const MOST: usize = 32 * 1024;

/// A vendor's report whose signature is valid.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    account: String,
    vendor: String,
    event: WebhookEvent,
    vendor_event: String,
    at: Option<Timestamp>,
    received_at: Timestamp,
    envelope: Option<EnvelopeId>,
    envelope_status: Option<EnvelopeStatus>,
    recipient: Option<ToldRecipient>,
    recipients: Option<Recipients>,
    reason: Option<String>,
    /// Whether the vendor signed the whole body.
    covered: bool,
    /// The beginning of a body with a valid signature that could not be read.
    #[serde(default)]
    body: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ToldRecipient {
    id: RecipientId,
    email: Option<String>,
    status: Option<RecipientStatus>,
}

impl Told {
    pub(crate) fn new(account: &str, told: Notification, reach: SignatureReach, now: Timestamp) -> Self {
        Self {
            account: account.to_owned(),
            vendor: told.vendor.to_owned(),
            event: told.event,
            vendor_event: told.vendor_event,
            at: told.at,
            received_at: now,
            envelope: told.envelope,
            envelope_status: told.envelope_status,
            recipient: told.recipient.map(|one| ToldRecipient {
                id: one.id,
                email: one.email,
                status: one.status,
            }),
            recipients: told.recipients,
            reason: told.reason,
            covered: reach == SignatureReach::Body,
            body: None,
        }
    }

    /// Of a body that the vendor signed, but that is in no known form.
    pub(crate) fn unreadable(account: &str, vendor: &str, body: &[u8], now: Timestamp) -> Self {
        let mut text = String::from_utf8_lossy(body.get(..MOST).unwrap_or(body)).into_owned();
        // What is not UTF-8 takes more as text.
        let end = (0..=MOST.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        Self {
            account: account.to_owned(),
            vendor: vendor.to_owned(),
            event: WebhookEvent::Other("unreadable".to_owned()),
            vendor_event: "unreadable".to_owned(),
            at: None,
            received_at: now,
            envelope: None,
            envelope_status: None,
            recipient: None,
            recipients: None,
            reason: None,
            covered: true,
            body: Some(text),
        }
    }

    pub(crate) fn envelope(&self) -> Option<&EnvelopeId> {
        self.envelope.as_ref()
    }

    /// The event, as far as it does not depend on what was known before.
    pub(crate) fn event(&self) -> Event {
        let recipient = self.recipient.as_ref();
        let person = recipient.and_then(|one| self.recipients.as_ref()?.get(&one.id));
        let shown = EventShown {
            event: event_type(&self.event),
            account: Some(self.account.clone()),
            vendor: Some(self.vendor.clone()),
            vendor_event: Some(self.vendor_event.clone()),
            at: self.at.map(|at| at.to_string()),
            received_at: self.received_at.to_string(),
            envelope: self.envelope.as_ref().map(|id| id.as_str().to_owned()),
            recipient: recipient.map(|one| one.id.as_str().to_owned()),
            stale: !self.covered,
            reason: self.reason.clone(),
            ..EventShown::default()
        };
        Event {
            shown,
            name: person.and_then(|one| one.name.clone()),
            email: recipient.and_then(|one| one.email.clone()),
            text: self.body.clone(),
        }
    }

    /// In the library's form, for its order rule.
    fn notification(&self) -> Notification {
        // Neither is used by the rule.
        let key = NotificationKey::derived(&self.vendor, &[]);
        let mut told = Notification::new("", self.event.clone(), self.vendor_event.as_str(), key);
        told.at = self.at;
        told.envelope = self.envelope.clone();
        told.envelope_status = self.envelope_status.clone();
        told.recipients = self.recipients.clone();
        told.recipient = self.recipient.as_ref().map(|one| {
            let mut recipient = countersign::webhook::NotifiedRecipient::new(one.id.clone());
            recipient.status = one.status.clone();
            recipient
        });
        told
    }
}

/// What is known of an envelope from webhooks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    status: Option<Dated<EnvelopeStatus>>,
    recipients: BTreeMap<String, Dated<RecipientStatus>>,
    /// The newest list of all recipients, and when it was true.
    list: Option<(Recipients, Timestamp)>,
    /// When the vendor last reported something that it did not sign.
    stale_since: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Dated<S> {
    status: S,
    at: Option<Timestamp>,
}

impl Known {
    /// Takes a report by the library's order rule, and completes its event.
    pub(crate) fn take(&mut self, told: &Told, event: &mut EventShown) {
        let Some(id) = &told.envelope else { return };
        if told.covered {
            let mut state = self.state(id);
            state.apply(&told.notification());
            self.keep(&state);
            self.keep_list(told);
        } else {
            self.stale_since = Some(told.received_at);
            return;
        }
        event.envelope_status = self.status.as_ref().map(|dated| dated.status.as_str().to_owned());
        let recipient = event.recipient.as_ref().and_then(|id| self.recipients.get(id));
        event.recipient_status = recipient.map(|dated| dated.status.as_str().to_owned());
    }

    /// The names of each recipient.
    pub(crate) fn people(&self) -> Vec<Vec<String>> {
        let list = self.list.iter().flat_map(|(list, _)| &list.recipients);
        list.map(crate::person::names).collect()
    }

    /// Erases a recipient. Without them, the list would be wrong.
    pub(crate) fn forget_person(&mut self, person: &Person) {
        self.recipients.retain(|id, _| !person.is(&format!("id:{id}")));
        self.list = None;
    }

    fn state(&self, id: &EnvelopeId) -> EnvelopeState {
        let envelope = self.status.as_ref();
        let recipients = self.recipients.iter().filter_map(|(recipient, dated)| {
            let status = DatedStatus { status: dated.status.clone(), at: dated.at };
            Some((RecipientId::new(recipient.as_str()).ok()?, status))
        });
        EnvelopeState {
            id: Some(id.clone()),
            envelope: envelope.map(|dated| DatedStatus { status: dated.status.clone(), at: dated.at }),
            recipients: recipients.collect(),
        }
    }

    fn keep(&mut self, state: &EnvelopeState) {
        self.status =
            state.envelope.as_ref().map(|dated| Dated { status: dated.status.clone(), at: dated.at });
        let dated = |(id, dated): (&RecipientId, &DatedStatus<RecipientStatus>)| {
            (id.as_str().to_owned(), Dated { status: dated.status.clone(), at: dated.at })
        };
        self.recipients = state.recipients.iter().map(dated).collect();
    }

    /// Without a time of the vendor, nothing says how old a list is.
    fn keep_list(&mut self, told: &Told) {
        let Some((list, at)) = told.recipients.as_ref().zip(told.at) else { return };
        let at = at.min(told.received_at);
        if self.list.as_ref().is_none_or(|(_, known)| *known <= at) {
            self.list = Some((list.clone(), at));
        }
    }

    /// The recipients with their newest known statuses, and when the list was true; `None` if no list is as new as
    /// this, or the vendor has since reported something that it did not sign.
    pub(crate) fn recipients(self, not_before: Timestamp) -> Option<(Recipients, Timestamp)> {
        let (mut list, as_of) = self.list?;
        if as_of < not_before || self.stale_since.is_some_and(|stale| stale >= as_of) {
            return None;
        }
        for recipient in &mut list.recipients {
            if let Some(dated) = self.recipients.get(recipient.id.as_str()) {
                recipient.status = dated.status.clone();
            }
        }
        list.envelope_status = self.status.map(|dated| dated.status).or(list.envelope_status);
        Some((list, as_of))
    }
}
