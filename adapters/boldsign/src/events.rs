//! From BoldSign's webhooks to notifications.
//!
//! The body: <https://developers.boldsign.com/webhooks/sample-event-data>; who did it:
//! <https://developers.boldsign.com/webhooks/event-context>, for documents made since January 2026; the words:
//! `WebHookEventType` of boldsign/api-csharp-sdk.

use countersign_core::{
    AccessCodeState, EnvelopeId, Notification, NotificationKey, NotifiedRecipient, Recipient,
    RecipientStatus, Recipients, Role, Timestamp, WebhookEvent,
};
use serde_json::Value;

use crate::DESCRIPTOR;
use crate::people;
use crate::row::filled;
use crate::stage::status;
use crate::wire::{Properties, Webhook, WebhookActor, WebhookDocument};

/// Reads a body: the event in the vendor's word, and what it says. The error repeats nothing of it.
pub(crate) fn read(body: &[u8]) -> Result<(String, Notification), &'static str> {
    const NO_OBJECT: &str = "the body is not a JSON object";
    let body: Value = serde_json::from_slice(body).map_err(|_| NO_OBJECT)?;
    if !body.is_object() {
        return Err(NO_OBJECT);
    }
    let webhook: Webhook =
        serde_json::from_value(body).map_err(|_| "the body is not an event of BoldSign")?;
    let event = webhook.event.unwrap_or_default();
    let word = filled(&event.event_type).ok_or("the body has no `event.eventType`")?.to_owned();
    let data = webhook.data.unwrap_or_default();
    let document: WebhookDocument = serde_json::from_value(data.clone()).unwrap_or_default();
    let is_document = filled(&document.object).is_none_or(|object| object.eq_ignore_ascii_case("document"));
    let people = is_document.then(|| everybody(data)).flatten();
    let actor = webhook.context.and_then(|context| context.actor);

    let created = event.created.as_ref();
    let key = match filled(&event.id) {
        Some(id) => NotificationKey::told(DESCRIPTOR.name, id),
        None => {
            let id = document.document_id.as_deref().unwrap_or_default();
            let actor = actor.as_ref().and_then(|actor| actor.id.as_deref()).unwrap_or_default();
            let created = created.map(Value::to_string).unwrap_or_default();
            NotificationKey::derived(DESCRIPTOR.name, &[id, &word.to_ascii_lowercase(), &created, actor])
        }
    };
    let ours = if is_document { ours(&word) } else { WebhookEvent::Other(word.clone()) };
    let mut notification = Notification::new(DESCRIPTOR.name, ours, word.clone(), key);
    notification.at = created.and_then(instant);
    if is_document {
        notification.envelope = filled(&document.document_id).and_then(|id| EnvelopeId::new(id).ok());
        let told = filled(&document.status).map(status);
        notification.envelope_status = notification.envelope_status.take().or(told);
    }
    let concerned = people.as_ref().and_then(|people| concerned(&notification.event, actor.as_ref(), people));
    notification.recipient = concerned.map(|person| {
        let mut concerned = NotifiedRecipient::new(person.id.clone());
        concerned.email.clone_from(&person.email);
        concerned.status = notification.event.recipient_status().or_else(|| Some(person.status.clone()));
        concerned
    });
    notification.recipients = people;
    notification.reason = reason(&notification.event, &document);
    Ok((word, notification))
}

/// Everybody, or nobody where the document cannot be read or tells of no signers.
fn everybody(data: Value) -> Option<Recipients> {
    let document: Properties = serde_json::from_value(data).ok()?;
    document.signer_details.as_ref()?;
    Some(people::recipients(document))
}

/// Whom an event is about: the signer who acted; without a context the only one who can be meant.
fn concerned<'p>(
    event: &WebhookEvent,
    actor: Option<&WebhookActor>,
    people: &'p Recipients,
) -> Option<&'p Recipient> {
    let fits: fn(&Recipient) -> bool = match event {
        WebhookEvent::RecipientViewed | WebhookEvent::RecipientSigned => |_| true,
        WebhookEvent::RecipientReminded | WebhookEvent::RecipientReassigned => |_| true,
        WebhookEvent::EnvelopeDeclined => |person| person.status == RecipientStatus::Declined,
        WebhookEvent::RecipientDeliveryFailed => |person| person.status == RecipientStatus::DeliveryFailed,
        WebhookEvent::RecipientAuthenticationFailed => {
            |person| person.access_code == AccessCodeState::Failed || person.failed_check().is_some()
        }
        _ => return None,
    };
    let signers = || people.recipients.iter().filter(|person| person.role != Role::CarbonCopy);
    if let Some(actor) = actor {
        let is_signer = filled(&actor.user_type).is_some_and(|word| word.eq_ignore_ascii_case("Signer"));
        let id = filled(&actor.id).filter(|_| is_signer);
        if let Some(found) =
            id.and_then(|id| signers().find(|person| person.vendor.extra.get("id") == Some(id)))
        {
            return Some(found);
        }
    }
    let mut candidates = signers().filter(|person| fits(person));
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn reason(event: &WebhookEvent, document: &WebhookDocument) -> Option<String> {
    let text = match event {
        WebhookEvent::EnvelopeDeclined => {
            let signers = document.signer_details.as_ref().and_then(Value::as_array);
            let mut messages =
                signers.into_iter().flatten().filter_map(|signer| signer.get("declineMessage")?.as_str());
            messages.find(|message| !message.trim().is_empty())
        }
        WebhookEvent::EnvelopeVoided => filled(&document.revoke_message),
        WebhookEvent::EnvelopeFailed => filled(&document.error_message),
        _ => None,
    };
    text.map(str::to_owned)
}

/// Unix seconds in the samples, a date and time in the specification.
fn instant(created: &Value) -> Option<Timestamp> {
    match created {
        Value::Number(number) => Timestamp::from_second(number.as_i64()?).ok(),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
        }
        _ => None,
    }
}

fn ours(word: &str) -> WebhookEvent {
    match word.to_ascii_lowercase().as_str() {
        "draftcreated" => WebhookEvent::EnvelopeCreated,
        "sent" => WebhookEvent::EnvelopeSent,
        "completed" => WebhookEvent::EnvelopeCompleted,
        "declined" => WebhookEvent::EnvelopeDeclined,
        "revoked" => WebhookEvent::EnvelopeVoided,
        "expired" => WebhookEvent::EnvelopeExpired,
        "edited" => WebhookEvent::EnvelopeCorrected,
        "sendfailed" => WebhookEvent::EnvelopeFailed,
        "viewed" => WebhookEvent::RecipientViewed,
        "signed" => WebhookEvent::RecipientSigned,
        "reminder" => WebhookEvent::RecipientReminded,
        "reassigned" => WebhookEvent::RecipientReassigned,
        "authenticationfailed" => WebhookEvent::RecipientAuthenticationFailed,
        "deliveryfailed" => WebhookEvent::RecipientDeliveryFailed,
        _ => WebhookEvent::Other(word.to_owned()),
    }
}
