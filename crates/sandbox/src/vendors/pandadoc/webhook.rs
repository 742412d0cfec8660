//! PandaDoc's webhooks: a list of events, whose signature is in the query.

use serde_json::{Value, json};

use super::show;
use crate::secret::{Secret, hmac};
use crate::vendors::fields::hex;
use crate::world::Event;

/// The delivery's id, and its body.
pub(super) fn message(event: &Event, words: &[&str], base_url: &str, shows_passcodes: bool) -> Value {
    let entries: Vec<Value> =
        words.iter().map(|word| entry(event, word, base_url, shows_passcodes)).collect();
    json!({"id": event.id, "entries": entries})
}

fn entry(event: &Event, word: &str, base_url: &str, shows_passcodes: bool) -> Value {
    let env = &event.envelope;
    let mut data = show::details(env, event.at, base_url, shows_passcodes);
    match word {
        "document_deleted" => data = show::short(env, event.at),
        "document_creation_failed" => {
            data = json!({
                "id": env.id,
                "error": {"type": "request_error", "detail": "The document could not be created."},
            });
        }
        "recipient_completed" => {
            let acted = env.recipients.iter().find(|r| Some(&r.id) == event.recipient.as_ref());
            data["action_date"] = show::time(Some(event.at));
            data["action_by"] = acted.map_or(Value::Null, |r| {
                let (first, last) = show::names(&r.name);
                json!({"id": r.guid, "email": r.email, "first_name": first, "last_name": last})
            });
        }
        _ => {}
    }
    json!({"event": word, "data": data})
}

pub(super) fn body(message: &Value) -> String {
    message["entries"].to_string()
}

/// The same at each attempt.
pub(super) fn id_header(message: &Value) -> (String, String) {
    let id = message["id"].as_str().unwrap_or_default();
    ("X-PandaDoc-Webhook-Event-Id".to_owned(), id.to_owned())
}

/// The URL with the body's signature by the shared key; without a key, as it is.
pub(super) fn signed(url: &str, secrets: &[Secret], body: &str) -> String {
    let Some(key) = secrets.first() else { return url.to_owned() };
    let signature = hex(&hmac(key, &[body.as_bytes()]));
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}signature={signature}")
}
