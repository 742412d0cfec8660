//! Checks a webhook's signature and timestamp, and reads its content.
//!
//! <https://developers.boldsign.com/webhooks/verify-webhook-events> and the `WebhookUtility` of the vendor's own
//! clients: `X-BoldSign-Signature: t=<unix seconds>, s0=<hex>` and `s1` during secret rotation; HMAC-SHA256 over
//! the timestamp as written, a full stop, and the unchanged body; 300 seconds of tolerance in both directions.
//!
//! The body: <https://developers.boldsign.com/webhooks/sample-event-data>; the acting signer:
//! <https://developers.boldsign.com/webhooks/event-context>, for documents created since January 2026.

use countersign_core::json::LooseInstant;
use countersign_core::webhook::{Presented, from_hex, verify};
use countersign_core::{
    EnvelopeId, IncomingWebhook, Notification, NotificationKey, Received, Recipient, RecipientStatus,
    Recipients, Role, Timestamp, WebhookEvent, WebhookRefusal as Refusal, WebhookRefused,
};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use crate::map::LAST_ACTIVITY;
use crate::wire::Properties;
use crate::{DESCRIPTOR, check, map};

const SIGNATURE: &str = "x-boldsign-signature";
const EVENT: &str = "x-boldsign-event";

/// The name of an address check, in the header and in the body.
const VERIFICATION: &str = "Verification";

/// The vendor sends two at most.
const SIGNATURES: usize = 8;

pub(crate) fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    match signed(incoming) {
        Ok(()) => {}
        // An address check arrives before there is a secret, and without a valid signature (change log of
        // neilberkman/boldsign, 0.8.1).
        Err(_) if is_check(incoming.headers) => return Ok(Received::Check),
        Err(refused) => return Err(refused),
    }
    let read = read(incoming.body);
    let notification =
        read.map_err(|problem| WebhookRefused::new(DESCRIPTOR.name, Refusal::Unreadable, problem))?;
    if notification.vendor_event.eq_ignore_ascii_case(VERIFICATION) {
        return Ok(Received::Check);
    }
    Ok(Received::one(notification))
}

fn is_check(headers: &HeaderMap) -> bool {
    let word = headers.get(EVENT).and_then(|value| value.to_str().ok());
    word.is_some_and(|word| word.trim().eq_ignore_ascii_case(VERIFICATION))
}

fn signed(incoming: &IncomingWebhook<'_>) -> Result<(), WebhookRefused> {
    verify(DESCRIPTOR.name, incoming, || {
        let mut values = incoming.headers.get_all(SIGNATURE).iter();
        let missing = (Refusal::SignatureMissing, "there is no header X-BoldSign-Signature");
        let malformed = |problem| (Refusal::SignatureMalformed, problem);
        let value = values.next().ok_or(missing)?;
        if values.next().is_some() {
            return Err(malformed("there are several headers X-BoldSign-Signature"));
        }
        let value = value.to_str().map_err(|_| malformed("the signature header is not valid text"))?;
        presented(value, incoming.body).map_err(malformed)
    })
}

/// Reads `t=…, s0=…, s1=…`. Unknown members are skipped.
fn presented<'a>(header: &'a str, body: &'a [u8]) -> Result<Presented<'a>, &'static str> {
    let (mut stamp, mut values) = (None, Vec::new());
    for member in header.split(',') {
        let Some((name, text)) = member.trim().split_once('=') else {
            return Err("the signature header is not a list of names and values");
        };
        match name {
            "t" if stamp.is_some() => return Err("the signature header has several timestamps"),
            "t" => stamp = Some(text),
            "s0" | "s1" if values.len() < SIGNATURES => values.extend(from_hex(text)),
            _ => {}
        }
    }
    let stamp: &str = stamp.ok_or("the signature header has no timestamp")?;
    let seconds = stamp.parse().ok().filter(|_| stamp.bytes().all(|byte| byte.is_ascii_digit()));
    let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let at = at.ok_or("the timestamp of the signature header is not a time in seconds")?;
    if values.is_empty() {
        return Err("the signature header has neither s0 nor s1 with 64 hexadecimal digits");
    }
    // The timestamp as written, because that was signed.
    Ok(Presented { values, signed: vec![stamp.as_bytes(), b".", body], at: Some(at) })
}

/// Reads a body. The error repeats none of it.
fn read(body: &[u8]) -> Result<Notification, &'static str> {
    const NO_OBJECT: &str = "the body is not a JSON object";
    let body: Value = serde_json::from_slice(body).map_err(|_| NO_OBJECT)?;
    if !body.is_object() {
        return Err(NO_OBJECT);
    }
    // `document` is a copy of `data` for older receivers and is not read.
    let data = body.get("data").unwrap_or(&Value::Null);
    let word = text(&body, "/event/eventType").ok_or("the body has no `event.eventType`")?;
    let is_document = text(data, "/object").is_none_or(|object| object.eq_ignore_ascii_case("document"));
    let people = is_document.then(|| all_recipients(data)).flatten();
    let (created, actor) = (body.pointer("/event/created"), body.pointer("/context/actor"));

    let key = match text(&body, "/event/id") {
        Some(id) => NotificationKey::told(DESCRIPTOR.name, id),
        None => {
            let id = text(data, "/documentId").unwrap_or_default();
            let actor = actor.and_then(|actor| text(actor, "/id")).unwrap_or_default();
            let created = created.map(Value::to_string).unwrap_or_default();
            NotificationKey::derived(DESCRIPTOR.name, &[id, &word.to_ascii_lowercase(), &created, actor])
        }
    };
    let words = &DESCRIPTOR.facts.words;
    let ours = if is_document { words.event.read(word) } else { WebhookEvent::Other(word.to_owned()) };
    let mut notification = Notification::new(DESCRIPTOR.name, ours, word, key);
    // Unix seconds in the samples; the specification says a date and time.
    notification.at = created.and_then(|created| LooseInstant::deserialize(created).ok()?.0);
    if is_document {
        notification.envelope = text(data, "/documentId").and_then(|id| EnvelopeId::new(id).ok());
        let told = text(data, "/status").map(|word| words.envelope_status.read(word));
        notification.envelope_status = notification.envelope_status.take().or(told);
    }
    notification.reason = reason(&notification.event, data);
    let who =
        people.as_ref().and_then(|people| concerned(&notification.event, actor, notification.at, people));
    let who = who.map(|person| person.id.clone());
    Ok(notification.concerning(who, people))
}

/// The text at a path, unless it is blank.
fn text<'v>(value: &'v Value, place: &str) -> Option<&'v str> {
    value.pointer(place)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// All recipients; none if the document cannot be read or lists no signers.
fn all_recipients(data: &Value) -> Option<Recipients> {
    let document = Properties::deserialize(data).ok()?;
    document.signer_details.as_ref()?;
    Some(map::recipients(document))
}

/// The recipient of an event: the signer who acted. Without a context, the only signer; among several, the one
/// whose last activity is the event; otherwise none.
fn concerned<'p>(
    event: &WebhookEvent,
    actor: Option<&Value>,
    at: Option<Timestamp>,
    people: &'p Recipients,
) -> Option<&'p Recipient> {
    let fits: fn(&Recipient) -> bool = match event {
        WebhookEvent::RecipientSigned => |person| person.status == RecipientStatus::Signed,
        // Signers can have finished without `isViewed`, so its absence proves nothing.
        WebhookEvent::RecipientViewed => |_| true,
        WebhookEvent::RecipientReminded => |person| check::remind(person).is_ok(),
        WebhookEvent::RecipientReassigned => |person| check::is_marked(person, "isReassigned"),
        WebhookEvent::EnvelopeDeclined => |person| person.status == RecipientStatus::Declined,
        WebhookEvent::RecipientDeliveryFailed => |person| person.status == RecipientStatus::DeliveryFailed,
        WebhookEvent::RecipientAuthenticationFailed => {
            |person| person.is_locked() || person.failed_check().is_some()
        }
        _ => return None,
    };
    let signers = || people.recipients.iter().filter(|person| person.role != Role::CarbonCopy);
    let is_signer =
        |actor: &&Value| text(actor, "/userType").is_some_and(|word| word.eq_ignore_ascii_case("Signer"));
    let id = actor.filter(is_signer).and_then(|actor| text(actor, "/id"));
    let acted = id.and_then(|id| only(signers().filter(|person| person.vendor.extra.get("id") == Some(id))));
    let candidates = || signers().filter(|person| fits(person));
    acted.or_else(|| only(candidates())).or_else(|| {
        let at = at?.as_second().to_string();
        only(candidates().filter(|person| person.vendor.extra.get(LAST_ACTIVITY) == Some(at.as_str())))
    })
}

/// The only element, if there is exactly one.
fn only<T>(mut some: impl Iterator<Item = T>) -> Option<T> {
    some.next().filter(|_| some.next().is_none())
}

fn reason(event: &WebhookEvent, document: &Value) -> Option<String> {
    let text = match event {
        WebhookEvent::EnvelopeDeclined => {
            let mut signers = document.get("signerDetails")?.as_array()?.iter();
            signers.find_map(|signer| text(signer, "/declineMessage"))
        }
        WebhookEvent::EnvelopeVoided => text(document, "/revokeMessage"),
        WebhookEvent::EnvelopeFailed => text(document, "/errorMessage"),
        _ => None,
    };
    text.map(str::to_owned)
}
