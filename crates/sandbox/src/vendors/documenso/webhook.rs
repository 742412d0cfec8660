//! Documenso's webhooks: the whole envelope with the signing tokens, and the shared secret in clear.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::show;
use crate::secret::Secret;
use crate::world::{Event, News, Recipient};

/// The event word, if the vendor has one.
pub(super) fn word(news: News) -> Option<&'static str> {
    Some(match news {
        News::EnvelopeSent => "DOCUMENT_SENT",
        News::EnvelopeCompleted => "DOCUMENT_COMPLETED",
        News::EnvelopeDeclined => "DOCUMENT_REJECTED",
        News::EnvelopeVoided => "DOCUMENT_CANCELLED",
        News::Reminded => "DOCUMENT_REMINDER_SENT",
        News::RecipientViewed => "DOCUMENT_OPENED",
        News::RecipientDone => "DOCUMENT_RECIPIENT_COMPLETED",
        _ => return None,
    })
}

pub(super) fn message(event: &Event, word: &str, stamp: Timestamp) -> Value {
    let mut env = event.envelope.clone();
    if event.news == News::EnvelopeSent {
        // Their mails leave in the background.
        let just_told = |r: &&mut Recipient| r.told_at == Some(event.at);
        env.recipients.iter_mut().filter(just_told).for_each(|r| r.told_at = None);
    }
    let env = &env;
    let mut payload = show::envelope(env);
    if let Some(members) = payload.as_object_mut() {
        members.remove("fields");
        // The number of the document; the recipients come twice.
        members.insert("id".to_owned(), 1.into());
        members.insert("envelopeId".to_owned(), env.id.clone().into());
        members.insert("Recipient".to_owned(), show::recipients(env));
    }
    json!({
        "event": word,
        "payload": payload,
        "createdAt": format!("{stamp:.3}"),
        "webhookEndpoint": "https://app.example.com/webhooks",
    })
}

/// The secret itself; an empty text without one.
pub(super) fn secret(secrets: &[Secret]) -> (String, String) {
    let secret = secrets.first().map(|secret| secret.expose().to_owned()).unwrap_or_default();
    ("X-Documenso-Secret".to_owned(), secret)
}
