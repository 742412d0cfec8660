//! DocuSign Connect: checks a webhook's signatures and reads its content.
//!
//! <https://developers.docusign.com/platform/webhooks/connect/validate>: one header per active HMAC key, numbered
//! from 1, each the base64 of HMAC-SHA256 over the unchanged body. The signature has no timestamp; the time in the
//! body is signed with it.
//!
//! Events: <https://developers.docusign.com/platform/webhooks/connect/event-triggers>; the message:
//! <https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model>.

use countersign_core::json::{Instant, Number, Object, Open, Parsed, Text};
use countersign_core::webhook::{Presented, fresh, from_base64, verify};
use countersign_core::{
    EnvelopeId, EnvelopeStatus, IncomingWebhook, Notification, NotificationKey, Received, RecipientId,
    RecipientStatus, Recipients, Timestamp, WebhookEvent, WebhookRefusal as Refusal, WebhookRefused,
};
use http::HeaderMap;
use serde::Deserialize;

use crate::wire::RecipientList;
use crate::{DESCRIPTOR, map};

const PREFIX: &str = "x-docusign-signature-";

/// The maximum number of active keys.
const KEYS: usize = 100;

pub(crate) fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    verify(DESCRIPTOR.name, incoming, || match signatures(incoming.headers) {
        (false, _) => Err((Refusal::SignatureMissing, "there is no header X-DocuSign-Signature-1")),
        (true, values) if values.is_empty() => {
            Err((Refusal::SignatureMalformed, "no X-DocuSign-Signature header holds the base64 of 32 bytes"))
        }
        (true, values) => Ok(Presented { values, signed: vec![incoming.body], at: None }),
    })?;
    let notification = read(incoming.body)
        .map_err(|problem| WebhookRefused::new(DESCRIPTOR.name, Refusal::Unreadable, problem))?;
    if let Some(at) = notification.at {
        fresh(DESCRIPTOR.name, incoming, at)?;
    }
    Ok(Received::one(notification))
}

/// Whether there is any signature header, and the values that can be a signature.
fn signatures(headers: &HeaderMap) -> (bool, Vec<[u8; 32]>) {
    let numbered = |name: &str| {
        let number = name.strip_prefix(PREFIX)?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse::<usize>().ok())?
    };
    let values = headers
        .iter()
        .filter(|(name, _)| numbered(name.as_str()).is_some_and(|number| (1..=KEYS).contains(&number)))
        .map(|(_, value)| value)
        .take(KEYS);
    let mut present = false;
    let mut found = Vec::new();
    for value in values {
        present = true;
        found.extend(from_base64(value.as_bytes()));
    }
    (present, found)
}

/// A Connect message in the JSON SIM format (`connect.schema-v2.json` in github.com/docusign/OpenAPI-Specifications).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConnectMessage {
    event: Text,
    uri: Text,
    retry_count: Option<Number>,
    generated_date_time: Option<Instant>,
    data: Option<Object<ConnectData>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConnectData {
    account_id: Text,
    envelope_id: Text,
    recipient_id: Text,
    envelope_summary: Option<Object<ConnectEnvelope>>,
}

/// The envelope that accompanies an event if the configuration includes data; a whole message of the older
/// aggregate format is one as well.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConnectEnvelope {
    envelope_id: Text,
    status: Text,
    status_changed_date_time: Option<Instant>,
    last_modified_date_time: Option<Instant>,
    voided_reason: Text,
    /// Parsed separately, so that an invalid recipient does not hide the event.
    recipients: Option<serde_json::Value>,
}

/// Reads a message. The error describes the problem without repeating any of the message.
fn read(body: &[u8]) -> Result<Notification, String> {
    let Object(message): Object<ConnectMessage> = serde_json::from_slice(body).map_err(|error| {
        format!(
            "the body is not a Connect message in JSON (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    match message.event.0 {
        Some(_) => Ok(event(message)),
        None => aggregate(body),
    }
}

/// One event: JSON SIM.
fn event(message: ConnectMessage) -> Notification {
    let word = message.event.0.unwrap_or_default();
    let at = message.generated_date_time.and_then(|Instant(at)| at);
    let Object(data) = message.data.unwrap_or_default();
    let part = |part: &Text| part.0.clone().unwrap_or_default();
    let generated = at.as_ref().map(written).unwrap_or_default();
    // What two deliveries of one event have in common: neither the retry count nor the configuration, because two
    // may report the same event. That the time stays the same on a retry is not documented.
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
    let mut notification =
        Notification::new(DESCRIPTOR.name, DESCRIPTOR.facts.words.event.read(&word), word, key);
    notification.at = at.and_then(Parsed::value);
    notification.retries = message.retry_count.and_then(|Number(count)| count?.value());
    notification.account = data.account_id.0;
    let Object(envelope) = data.envelope_summary.unwrap_or_default();
    let id = data.envelope_id.0.or(envelope.envelope_id.0.clone());
    notification.envelope = id.and_then(|id| EnvelopeId::new(id).ok());
    let recipient = data.recipient_id.0.and_then(|id| RecipientId::new(id).ok());
    with_envelope(notification, envelope, recipient)
}

/// The older format: the whole envelope, whenever it changes.
fn aggregate(body: &[u8]) -> Result<Notification, String> {
    let Object(envelope): Object<ConnectEnvelope> =
        serde_json::from_slice(body).map_err(|_| "the body is not a Connect envelope".to_owned())?;
    let (Some(id), Some(status)) = (envelope.envelope_id.0.clone(), envelope.status.0.clone()) else {
        return Err("the body has neither `event` nor `envelopeId` and `status`".to_owned());
    };
    let event = match DESCRIPTOR.facts.words.envelope_status.read(&status) {
        EnvelopeStatus::Draft => WebhookEvent::EnvelopeCreated,
        EnvelopeStatus::Sent => WebhookEvent::EnvelopeSent,
        EnvelopeStatus::Viewed => WebhookEvent::EnvelopeViewed,
        EnvelopeStatus::Completed => WebhookEvent::EnvelopeCompleted,
        EnvelopeStatus::Declined => WebhookEvent::EnvelopeDeclined,
        EnvelopeStatus::Voided => WebhookEvent::EnvelopeVoided,
        _ => WebhookEvent::Other(status.clone()),
    };
    let people = envelope.recipients.clone().and_then(listed);
    let people = || people.iter().flat_map(|people| &people.recipients);
    let time = |told: &Option<Instant>| told.as_ref().and_then(|Instant(at)| at.clone());
    let (changed, modified) =
        (time(&envelope.status_changed_date_time), time(&envelope.last_modified_date_time));
    let mut parts =
        vec![id.clone(), status.to_ascii_lowercase(), changed.as_ref().map(written).unwrap_or_default()];
    parts.extend(people().flat_map(|person| [person.id.to_string(), person.status.as_str().to_owned()]));
    // The envelope keeps its status, and the time of it, while its recipients go on: the latest time of all is when it
    // changed. A failed check or a resend changes no status, so that only the time tells it from the message before.
    let of_people = people().flat_map(|one| [one.sent_at, one.viewed_at, one.signed_at, one.declined_at]);
    let of_envelope = [changed, modified].map(|at| at.and_then(Parsed::value));
    let at = of_people.chain(of_envelope).max().flatten();
    parts.extend(at.map(|at| at.to_string()));
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let key = NotificationKey::derived(DESCRIPTOR.name, &parts);
    let mut notification = Notification::new(DESCRIPTOR.name, event, status, key);
    notification.at = at;
    notification.envelope = EnvelopeId::new(id).ok();
    Ok(with_envelope(notification, envelope, None))
}

/// Adds what the accompanying envelope contains in addition to the event, and the recipient of the event.
fn with_envelope(
    mut notification: Notification,
    envelope: ConnectEnvelope,
    who: Option<RecipientId>,
) -> Notification {
    let words = &DESCRIPTOR.facts.words.envelope_status;
    let told = envelope.status.0.as_deref().map(|word| words.read(word));
    notification.envelope_status = notification.envelope_status.take().or(told);
    let people = envelope.recipients.and_then(listed);
    let everyone = || people.iter().flat_map(|people| &people.recipients);
    notification.reason = match notification.event {
        WebhookEvent::RecipientDeclined => everyone().find(|person| Some(&person.id) == who.as_ref()),
        WebhookEvent::EnvelopeDeclined => {
            everyone().find(|person| person.status == RecipientStatus::Declined)
        }
        _ => None,
    }
    .and_then(|person| person.decline_reason.clone());
    if notification.event == WebhookEvent::EnvelopeVoided {
        notification.reason = envelope.voided_reason.0;
    }
    notification.concerning(who, people)
}

/// The recipients; none if the list cannot be read: the event counts anyway.
fn listed(list: serde_json::Value) -> Option<Recipients> {
    map::recipients(serde_json::from_value::<Open<RecipientList>>(list).ok()?.0).ok()
}

/// A time as one text, whatever form it was written in.
fn written(at: &Parsed<Timestamp>) -> String {
    match at {
        Parsed::Value(at) => at.to_string(),
        Parsed::Text(text) => text.clone(),
    }
}
