//! DocuSign Connect: JSON SIM messages (`connect.schema-v2.json` in docusign/OpenAPI-Specifications) and their HMAC.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::DocusignAccess;
use super::show::{summary, time};
use crate::secret::{Secret, hmac};
use crate::webhooks::WebhookRequest;
use crate::world::{Event, after};

pub(super) fn message(
    event: &Event,
    word: &str,
    stamp: Timestamp,
    access: &DocusignAccess,
    with_data: bool,
) -> Value {
    let envelope = &event.envelope;
    let mut data = json!({
        "accountId": access.account_id,
        "userId": access.user_id,
        "envelopeId": envelope.id,
    });
    if let Some(recipient) = &event.recipient {
        data["recipientId"] = json!(recipient);
    }
    if with_data {
        data["envelopeSummary"] = summary(envelope);
        trim_fractions(&mut data);
    }
    json!({
        "event": word,
        "apiVersion": "v2.1",
        "uri": format!("/restapi/v2.1/accounts/{}/envelopes/{}", access.account_id, envelope.id),
        "retryCount": 0,
        "configurationId": 10_001,
        "generatedDateTime": time(stamp),
        "data": data,
    })
}

/// Connect omits trailing zeros of a fraction, unlike the API.
fn trim_fractions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name.ends_with("DateTime") || name == "eventTimestamp" => {
                        let trimmed = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
                        *text = format!("{trimmed}Z");
                    }
                    other => trim_fractions(other),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(trim_fractions),
        _ => {}
    }
}

/// The body of one attempt.
pub(super) fn body(message: &Value, retries: usize, shift: i32) -> String {
    let mut message = message.clone();
    message["retryCount"] = retries.into();
    let stamp = message["generatedDateTime"].as_str().and_then(|text| text.parse().ok());
    if let Some(stamp) = stamp.filter(|_| shift != 0) {
        message["generatedDateTime"] = time(after(stamp, i64::from(shift))).into();
    }
    message.to_string()
}

/// One header per secret, over the unchanged body.
pub(super) fn sign(request: &mut WebhookRequest, secrets: &[Secret]) {
    if !secrets.is_empty() {
        request.headers.push(("x-authorization-digest".to_owned(), "HMACSHA256".to_owned()));
    }
    for (number, secret) in (1..).zip(secrets) {
        let signature = hmac(secret, &[request.body.expose().as_bytes()]);
        request.headers.push((format!("X-DocuSign-Signature-{number}"), STANDARD.encode(signature)));
    }
}
