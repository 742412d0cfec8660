//! BoldSign's webhooks: the payload as in its sample event data, and the signature header with its timestamp.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::show::{SENDER_ID, document_of};
use crate::secret::hmac;
use crate::vendors::Attempt;
use crate::vendors::fields::hex;
use crate::webhooks::WebhookRequest;
use crate::world::{Event, News, Recipient, RecipientState};

pub(super) const VERIFICATION: &str = "Verification";

pub(super) fn message(event: &Event, word: &str, stamp: Timestamp, with_context: bool) -> Value {
    let document =
        document_of(&event.envelope, (word == "SendFailed").then_some("The file is not readable."));
    let mut body = json!({
        "event": happened(&event.id, stamp, word),
        "data": document.clone(),
        "document": document,
    });
    // Failures have no context (developers.boldsign.com, event context).
    if with_context && !matches!(event.news, News::CreationFailed | News::RecipientBounced) {
        let actor = match actor(event) {
            Some(signer) => json!({"userType": "Signer", "id": signer.guid}),
            None => json!({"userType": "Sender", "id": SENDER_ID}),
        };
        body["context"] = json!({"eventType": word, "actor": actor, "previousState": null});
    }
    body
}

/// The acting signer; `None` for the sender.
fn actor(event: &Event) -> Option<&Recipient> {
    let people = &event.envelope.recipients;
    match (&event.recipient, event.news) {
        (Some(id), _) => people.iter().find(|r| r.id == *id),
        (None, News::EnvelopeDeclined) => people.iter().find(|r| r.state == RecipientState::Declined),
        (None, News::EnvelopeCompleted) => people.iter().filter(|r| r.role.acts()).max_by_key(|r| r.done_at),
        (None, _) => None,
    }
}

/// The body of an endpoint check.
pub(super) fn verification(stamp: Timestamp) -> Value {
    let event = happened("00000000-0000-4000-8000-000000000000", stamp, VERIFICATION);
    json!({"event": event, "data": null, "document": null})
}

fn happened(id: &str, stamp: Timestamp, word: &str) -> Value {
    let created = stamp.as_second();
    json!({"id": id, "created": created, "eventType": word, "clientId": null, "environment": "Test"})
}

pub(super) fn event_header(event: &str) -> (String, String) {
    ("X-BoldSign-Event".to_owned(), event.to_owned())
}

/// `t`, `s0` and, during secret rotation, `s1`: over the timestamp, a full stop and the body.
pub(super) fn sign(request: &mut WebhookRequest, attempt: &Attempt<'_>) {
    request.headers.push(event_header(attempt.event));
    let stamp = attempt.stamp.as_second().to_string();
    let mut value = format!("t={stamp}");
    for (number, secret) in (0..).zip(attempt.secrets.iter().take(2)) {
        let signature = hmac(secret, &[stamp.as_bytes(), b".", request.body.expose().as_bytes()]);
        value.push_str(&format!(", s{number}={}", hex(&signature)));
    }
    if !attempt.secrets.is_empty() {
        request.headers.push(("X-BoldSign-Signature".to_owned(), value));
    }
}
