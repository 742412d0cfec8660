//! Checks a webhook's signature, and reads its events.
//!
//! PandaDoc signs in the query: `?signature=` is the HMAC-SHA256 of the unchanged body with the subscription's shared
//! key, in hexadecimal. No time is signed, nor is the id in the header: a copied webhook under another id would be a new
//! event, so keys are derived from the signed body.

use countersign_core::json::LooseInstant;
use countersign_core::webhook::{Presented, from_hex, verify};
use countersign_core::{
    EnvelopeId, EnvelopeStatus, IncomingWebhook, Notification, NotificationKey, Received, RecipientId,
    Recipients, WebhookEvent, WebhookRefusal as Refusal, WebhookRefused,
};
use serde::Deserialize as _;
use serde_json::Value;

use crate::wire::Document;
use crate::{DESCRIPTOR, map};

const SIGNATURE: &str = "signature";

/// The event whose meaning is in the document's status.
const STATE_CHANGED: &str = "document_state_changed";

pub(crate) fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    verify(DESCRIPTOR.name, incoming, || {
        let values = incoming.query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = values.filter(|(name, _)| *name == SIGNATURE);
        let (_, value) = values.next().ok_or((
            Refusal::SignatureMissing,
            "there is no `signature` in the query: pass the URL's query on",
        ))?;
        if values.next().is_some() {
            return Err((Refusal::SignatureMalformed, "there are several signatures in the query"));
        }
        let value = from_hex(value).ok_or((
            Refusal::SignatureMalformed,
            "the signature in the query has not 64 hexadecimal digits",
        ))?;
        Ok(Presented { values: vec![value], signed: vec![incoming.body], at: None })
    })?;
    read(incoming).map_err(|problem| WebhookRefused::new(DESCRIPTOR.name, Refusal::Unreadable, problem))
}

/// Reads a body. The error repeats none of it.
fn read(incoming: &IncomingWebhook<'_>) -> Result<Received, &'static str> {
    let body: Value = serde_json::from_slice(incoming.body).map_err(|_| "the body is not JSON")?;
    let entries = body.as_array().filter(|entries| !entries.is_empty());
    let entries = entries.ok_or("the body is not a list of events")?;
    let signed = String::from_utf8_lossy(incoming.body);
    let told = entries.iter().enumerate().filter_map(|(place, entry)| {
        let word =
            entry.get("event").and_then(Value::as_str).map(str::trim).filter(|word| !word.is_empty())?;
        let key = NotificationKey::derived(DESCRIPTOR.name, &[&signed, &place.to_string()]);
        Some(notification(word, entry.get("data").unwrap_or(&Value::Null), key, incoming))
    });
    // One without a name must not hide the others.
    let told: Vec<_> = told.collect();
    if told.is_empty() { Err("no event of the body has a name") } else { Ok(Received::Notifications(told)) }
}

fn notification(
    word: &str,
    data: &Value,
    key: NotificationKey,
    incoming: &IncomingWebhook<'_>,
) -> Notification {
    let is_document = word.starts_with("document_") || word.starts_with("recipient_");
    let document = if is_document { document(data) } else { Document::default() };
    let envelope = document.id.as_deref().and_then(|id| EnvelopeId::new(id).ok());
    let has_people = document.recipients.is_some();
    let list = map::recipients(document, incoming.now);
    let event = match list.envelope_status.as_ref().filter(|_| word.eq_ignore_ascii_case(STATE_CHANGED)) {
        Some(status) => status_event(status, data).unwrap_or_else(|| WebhookEvent::Other(word.to_owned())),
        None => DESCRIPTOR.facts.words.event.read(word),
    };
    let mut told = Notification::new(DESCRIPTOR.name, event, word, key);
    told.at = time(data, "action_date").0.or_else(|| time(data, "date_modified").0);
    told.envelope = envelope;
    if told.event == WebhookEvent::EnvelopeDeleted {
        told.envelope_status = Some(EnvelopeStatus::Deleted);
    }
    told.envelope_status = told.envelope_status.take().or_else(|| list.envelope_status.clone());
    let who = data.get("action_by").and_then(|actor| concerned(actor, &list));
    told.concerning(who, has_people.then_some(list))
}

/// A part that cannot be read hides neither which document it is about nor its status.
fn document(data: &Value) -> Document {
    let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
    Document::deserialize(data).unwrap_or_else(|_| Document {
        id: text("id"),
        status: text("status"),
        expiration_date: time(data, "expiration_date"),
        ..Document::default()
    })
}

fn time(data: &Value, name: &str) -> LooseInstant {
    data.get(name).and_then(|at| LooseInstant::deserialize(at).ok()).unwrap_or_default()
}

/// What happened to a document that has this status now.
fn status_event(status: &EnvelopeStatus, data: &Value) -> Option<WebhookEvent> {
    let word = data.get("status").and_then(Value::as_str).unwrap_or_default();
    let is = |known: &str| word.trim().eq_ignore_ascii_case(known);
    Some(match status {
        // Documents that wait for approval are drafts as well, and those under a signer's review are sent.
        EnvelopeStatus::Draft if is("document.draft") => WebhookEvent::EnvelopeCreated,
        EnvelopeStatus::Sent if is("document.sent") => WebhookEvent::EnvelopeSent,
        EnvelopeStatus::Viewed => WebhookEvent::EnvelopeViewed,
        EnvelopeStatus::Completed => WebhookEvent::EnvelopeCompleted,
        EnvelopeStatus::Declined => WebhookEvent::EnvelopeDeclined,
        EnvelopeStatus::Voided => WebhookEvent::EnvelopeVoided,
        EnvelopeStatus::Expired => WebhookEvent::EnvelopeExpired,
        EnvelopeStatus::Failed => WebhookEvent::EnvelopeFailed,
        _ => return None,
    })
}

/// The recipient who acted: by id, or by an address that occurs once, as theirs or as that of a group's member.
fn concerned(actor: &Value, list: &Recipients) -> Option<RecipientId> {
    let text = |name: &str| actor.get(name).and_then(Value::as_str);
    let by_id = text("id").and_then(|id| RecipientId::new(id).ok()).filter(|id| list.get(id).is_some());
    let email = text("email").map(str::trim);
    let is_same = |other: &Option<String>| {
        email.zip(other.as_deref()).is_some_and(|(email, other)| other.trim().eq_ignore_ascii_case(email))
    };
    let mut same = list.recipients.iter().flat_map(|person| {
        let members = person.members.iter().flatten().map(|member| &member.email);
        std::iter::once(&person.email).chain(members).filter(|one| is_same(one)).map(|_| &person.id)
    });
    by_id.or_else(|| same.next().filter(|_| same.next().is_none()).cloned())
}
