//! From DocuSign Connect's messages to notifications.
//!
//! Events: <https://developers.docusign.com/platform/webhooks/connect/event-triggers>; the message:
//! <https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model>.

use countersign_core::{
    EnvelopeId, EnvelopeStatus, Notification, NotificationKey, NotifiedRecipient, RecipientId,
    RecipientStatus, Recipients, WebhookEvent,
};

use crate::DESCRIPTOR;
use crate::lenient::Object;
use crate::objects::RecipientList;
use crate::parsed::{Instant, Number, Parsed};
use crate::people;
use crate::wire::{ConnectEnvelope, ConnectMessage};

/// Reads a message. The error says what is wrong without repeating any of it.
pub(crate) fn read(body: &[u8]) -> Result<Notification, String> {
    let Object(message): Object<ConnectMessage> = serde_json::from_slice(body).map_err(|error| {
        format!(
            "the body is not a JSON message of Connect (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    match message.event {
        Some(_) => Ok(event(message)),
        None => aggregate(body),
    }
}

/// One event: JSON SIM.
fn event(message: ConnectMessage) -> Notification {
    let word = message.event.unwrap_or_default();
    let at = message.generated_date_time.and_then(|Instant(at)| at);
    let Object(data) = message.data.unwrap_or_default();
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let generated = at.as_ref().map(written).unwrap_or_default();
    // What two deliveries of one event have in common: not the count of retries, and not the configuration, of which two
    // may tell the same. That the time stays the same on a retry is not documented.
    let key = NotificationKey::derived(
        DESCRIPTOR.name,
        &[
            &part(&data.account_id),
            &part(&message.uri),
            &part(&data.envelope_id),
            &word.trim().to_ascii_lowercase(),
            &part(&data.recipient_id),
            &generated,
        ],
    );
    let mut notification = Notification::new(DESCRIPTOR.name, ours(&word), word, key);
    notification.at = at.and_then(Parsed::value);
    notification.retries = message.retry_count.and_then(|Number(count)| count?.value());
    notification.account = data.account_id;
    let Object(envelope) = data.envelope_summary.unwrap_or_default();
    notification.envelope =
        data.envelope_id.or(envelope.envelope_id.clone()).and_then(|id| EnvelopeId::new(id).ok());
    let recipient = data.recipient_id.and_then(|id| RecipientId::new(id).ok());
    notification.recipient = recipient.map(NotifiedRecipient::new);
    fill(&mut notification, envelope);
    notification
}

/// The older format: the envelope as a whole, whenever something about it changes.
fn aggregate(body: &[u8]) -> Result<Notification, String> {
    let envelope: Object<ConnectEnvelope> =
        serde_json::from_slice(body).map_err(|_| "the body is not an envelope of Connect".to_owned())?;
    let Object(envelope) = envelope;
    let (Some(id), Some(status)) = (&envelope.envelope_id, &envelope.status) else {
        return Err("the body has neither `event` nor `envelopeId` and `status`".to_owned());
    };
    let word = status.clone();
    let event = match envelope_status(status) {
        EnvelopeStatus::Draft => WebhookEvent::EnvelopeCreated,
        EnvelopeStatus::Sent => WebhookEvent::EnvelopeSent,
        EnvelopeStatus::Viewed => WebhookEvent::EnvelopeViewed,
        EnvelopeStatus::Completed => WebhookEvent::EnvelopeCompleted,
        EnvelopeStatus::Declined => WebhookEvent::EnvelopeDeclined,
        EnvelopeStatus::Voided => WebhookEvent::EnvelopeVoided,
        _ => WebhookEvent::Other(word.clone()),
    };
    let people = envelope.recipients.clone().and_then(everybody);
    let changed = envelope.status_changed_date_time.as_ref().and_then(|Instant(at)| at.as_ref());
    let mut parts = vec![id.clone(), status.to_ascii_lowercase(), changed.map(written).unwrap_or_default()];
    for person in people.iter().flat_map(|people| &people.recipients) {
        parts.push(person.id.to_string());
        parts.push(person.status.as_str().to_owned());
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let key = NotificationKey::derived(DESCRIPTOR.name, &parts);
    let mut notification = Notification::new(DESCRIPTOR.name, event, word, key);
    notification.at = changed.cloned().and_then(Parsed::value);
    notification.envelope = EnvelopeId::new(id.clone()).ok();
    fill(&mut notification, envelope);
    Ok(notification)
}

/// What the envelope that comes along says besides the event.
fn fill(notification: &mut Notification, envelope: ConnectEnvelope) {
    let of_envelope = envelope.status.as_deref().map(envelope_status);
    notification.envelope_status = notification.envelope_status.take().or(of_envelope);
    notification.recipients = envelope.recipients.and_then(everybody);
    let people = notification.recipients.as_ref();
    let status = notification.event.recipient_status();
    let mut declined = None;
    if let Some(concerned) = &mut notification.recipient {
        let person = people.and_then(|people| people.get(&concerned.id));
        concerned.email = person.and_then(|person| person.email.clone());
        concerned.status = status.or_else(|| person.map(|person| person.status.clone()));
        declined = person.and_then(|person| person.decline_reason.clone());
    }
    notification.reason = match notification.event {
        WebhookEvent::RecipientDeclined => declined,
        WebhookEvent::EnvelopeDeclined => people.and_then(decline_reason),
        WebhookEvent::EnvelopeVoided => envelope.voided_reason,
        _ => None,
    };
}

fn decline_reason(people: &Recipients) -> Option<String> {
    let declined = people.recipients.iter().find(|person| person.status == RecipientStatus::Declined)?;
    declined.decline_reason.clone()
}

/// Everybody, or nobody where the list cannot be read: the event counts all the same.
fn everybody(list: serde_json::Value) -> Option<Recipients> {
    people::recipients(serde_json::from_value::<RecipientList>(list).ok()?).ok()
}

/// A time as one text, however it was written.
fn written(at: &Parsed<countersign_core::Timestamp>) -> String {
    match at {
        Parsed::Value(at) => at.to_string(),
        Parsed::Text(text) => text.clone(),
    }
}

fn ours(word: &str) -> WebhookEvent {
    match word.trim().to_ascii_lowercase().as_str() {
        "envelope-created" => WebhookEvent::EnvelopeCreated,
        "envelope-sent" => WebhookEvent::EnvelopeSent,
        "envelope-resent" => WebhookEvent::EnvelopeResent,
        "envelope-delivered" => WebhookEvent::EnvelopeViewed,
        "envelope-completed" => WebhookEvent::EnvelopeCompleted,
        "envelope-declined" => WebhookEvent::EnvelopeDeclined,
        "envelope-voided" => WebhookEvent::EnvelopeVoided,
        "envelope-corrected" => WebhookEvent::EnvelopeCorrected,
        "envelope-purge" | "envelope-deleted" | "envelope-discard" => WebhookEvent::EnvelopeDeleted,
        "recipient-sent" => WebhookEvent::RecipientNotified,
        "recipient-resent" => WebhookEvent::RecipientReminded,
        "recipient-delivered" => WebhookEvent::RecipientViewed,
        "recipient-completed" => WebhookEvent::RecipientSigned,
        "recipient-declined" => WebhookEvent::RecipientDeclined,
        "recipient-authenticationfailed" => WebhookEvent::RecipientAuthenticationFailed,
        "recipient-autoresponded" => WebhookEvent::RecipientDeliveryFailed,
        "recipient-reassign" | "recipient-delegate" => WebhookEvent::RecipientReassigned,
        "recipient-finish-later" => WebhookEvent::RecipientLeft,
        _ => WebhookEvent::Other(word.to_owned()),
    }
}

/// The words of an envelope's `status` (specification; the rest are named on other pages and have no place of ours).
pub(crate) fn envelope_status(word: &str) -> EnvelopeStatus {
    match word.trim().to_ascii_lowercase().as_str() {
        "created" => EnvelopeStatus::Draft,
        "sent" => EnvelopeStatus::Sent,
        "delivered" | "signed" => EnvelopeStatus::Viewed,
        "completed" => EnvelopeStatus::Completed,
        "declined" => EnvelopeStatus::Declined,
        "voided" => EnvelopeStatus::Voided,
        "deleted" => EnvelopeStatus::Deleted,
        _ => EnvelopeStatus::Other(word.to_owned()),
    }
}
