//! Checks a webhook's secret, and reads its content.
//!
//! Documenso shows the secret itself in `X-Documenso-Secret`, and signs nothing: anyone who reads one delivery can make
//! others. So core takes no statuses from them ([`SignatureReach::SharedSecret`](countersign_core::vendor::SignatureReach)).
//! The body has no id of the event and the time of the delivery only, which is new at each repetition.

use countersign_core::json::LooseInstant;
use countersign_core::webhook::{Presented, verify};
use countersign_core::{
    EnvelopeId, IncomingWebhook, Notification, NotificationKey, Received, Recipient, RecipientId,
    RecipientStatus, Recipients, WebhookEvent, WebhookRefusal as Refusal, WebhookRefused,
};
use serde::Deserialize as _;
use serde_json::Value;

use crate::DESCRIPTOR;
use crate::map::{OPENED, Read};
use crate::wire::Envelope;

const SECRET: &str = "x-documenso-secret";

/// The id of an envelope begins so; the test button sends another one.
const ENVELOPE: &str = "envelope_";

pub(crate) fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    verify(DESCRIPTOR.name, incoming, || {
        let mut values = incoming.headers.get_all(SECRET).iter();
        // Without a secret at Documenso the header is there, and empty.
        let missing = (Refusal::SignatureMissing, "there is no secret in a header X-Documenso-Secret");
        let malformed = |problem| (Refusal::SignatureMalformed, problem);
        let value = values.next().filter(|value| !value.is_empty()).ok_or(missing)?;
        if values.next().is_some() {
            return Err(malformed("there are several headers X-Documenso-Secret"));
        }
        let value = std::str::from_utf8(value.as_bytes());
        value
            .map(Presented::shared_secret)
            .map_err(|_| malformed("the secret in the header is not valid text"))
    })?;
    read(incoming).map_err(|problem| WebhookRefused::new(DESCRIPTOR.name, Refusal::Unreadable, problem))
}

/// Reads a body. The error repeats none of it.
fn read(incoming: &IncomingWebhook<'_>) -> Result<Received, &'static str> {
    let body: Value = serde_json::from_slice(incoming.body).map_err(|_| "the body is not JSON")?;
    let word = body.get("event").and_then(Value::as_str).map(str::trim).filter(|word| !word.is_empty());
    let word = word.ok_or("the body has no `event`")?;
    let payload = body.get("payload").filter(|payload| payload.is_object());
    let payload = payload.ok_or("the body has no object `payload`")?;
    let id = payload.get("envelopeId").and_then(Value::as_str);
    if id.is_some_and(|id| !id.starts_with(ENVELOPE)) {
        return Ok(Received::Check);
    }
    let event = event(word, payload);
    let mut told = Notification::new(DESCRIPTOR.name, event, word, key(word, payload));
    told.at = body.get("createdAt").and_then(|at| LooseInstant::deserialize(at).ok()?.0);
    // A template is no envelope.
    if word.starts_with("TEMPLATE_") {
        return Ok(Received::one(told));
    }
    told.envelope = id.and_then(|id| EnvelopeId::new(id).ok());
    let envelope = Envelope::deserialize(payload).ok().filter(|envelope| envelope.recipients.is_some());
    let people = envelope.map(|envelope| Read::new(envelope, incoming.now).list);
    let who = people.as_ref().and_then(|people| concerned(&told.event, people));
    Ok(Received::one(told.concerning(who, people)))
}

/// The cancellation comes for deletions too, in any state.
fn event(word: &str, payload: &Value) -> WebhookEvent {
    let is_cancelled = payload.get("status").and_then(Value::as_str) == Some("CANCELLED");
    let is_deleted = payload.get("deletedAt").is_some_and(|at| !at.is_null());
    match DESCRIPTOR.facts.words.event.read(word) {
        WebhookEvent::EnvelopeVoided if !is_cancelled || is_deleted => WebhookEvent::EnvelopeDeleted,
        event => event,
    }
}

/// From all that a repeated delivery repeats: the recipients come twice, and the time of the delivery is left out.
fn key(word: &str, payload: &Value) -> NotificationKey {
    let mut payload = payload.clone();
    if let Some(members) = payload.as_object_mut() {
        members.remove("Recipient");
    }
    // Whichever order serde_json keeps in this build.
    payload.sort_all_objects();
    NotificationKey::derived(DESCRIPTOR.name, &[word, &payload.to_string()])
}

/// Documenso does not say whose event it is: the only recipient who fits, else no one.
fn concerned(event: &WebhookEvent, people: &Recipients) -> Option<RecipientId> {
    let fits = |person: &&Recipient| match event {
        WebhookEvent::RecipientSigned => person.status == RecipientStatus::Signed,
        // A recipient who has signed may have opened the documents now, too.
        WebhookEvent::RecipientViewed => person.vendor.status.split(' ').any(|word| word == OPENED),
        WebhookEvent::EnvelopeDeclined => person.status == RecipientStatus::Declined,
        _ => false,
    };
    let mut fitting = people.recipients.iter().filter(fits);
    fitting.next().filter(|_| fitting.next().is_none()).map(|person| person.id.clone())
}
