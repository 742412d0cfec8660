//! DocuSign Connect: checking a webhook's signatures.
//!
//! <https://developers.docusign.com/platform/webhooks/connect/validate>: one header per active HMAC key, numbered from
//! 1, each the base64 of HMAC-SHA256 over the body as it came. There is no stamp in the signature; the time in the body
//! is signed with it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::{
    Age, IncomingWebhook, Received, WebhookRefusal as Refusal, WebhookRefused, WebhookSpec, hmac_sha256,
};
use http::HeaderMap;

use crate::DESCRIPTOR;
use crate::connect;

const PREFIX: &str = "x-docusign-signature-";

/// So many keys can be active at once.
const KEYS: usize = 100;

const DAY: u64 = 24 * 60 * 60;

pub(crate) static DOOR: WebhookSpec = WebhookSpec {
    receive,
    // Failed messages come again once a day, up to ten times (specification, `requiresAcknowledgement`), and whether the
    // time in them is then that of the event is not documented.
    max_age: Duration::from_secs(15 * DAY),
    answer_within: Duration::from_secs(5),
    guide: "\
In DocuSign eSignature Admin, under Integrations, Connect:
  1. Connect Keys: add a secret key. It is shown once: put it into a file that only the receiver can read.
  2. Add Configuration, Custom: the receiver's https URL, data format REST v2.1, event message delivery mode \
Send Individual Messages (SIM).
  3. Choose the envelope and recipient events. Include recipients, so that statuses come along; include no documents.
  4. Under Integration and Security Settings: Include HMAC Signature, and require acknowledgement, so that failed \
messages come again.
To change the key, add the new one at DocuSign and to the account's secrets, and remove the old one afterwards.\n\
The names of menus and buttons are from general knowledge, not from a page, and may be others by now.",
};

fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    let refused = |reason, message: &str| Err(WebhookRefused::new(DESCRIPTOR.name, reason, message));
    let (present, signatures) = signatures(incoming.headers);
    if incoming.secrets.is_empty() {
        return refused(Refusal::NoSecret, "no HMAC key is configured");
    }
    if !present {
        return refused(Refusal::SignatureMissing, "there is no header X-DocuSign-Signature-1");
    }
    if signatures.is_empty() {
        return refused(
            Refusal::SignatureMalformed,
            "no X-DocuSign-Signature header holds the base64 of 32 bytes",
        );
    }
    // Every key is tried, so that the time says nothing of which one it was.
    let right = incoming.secrets.iter().fold(false, |found, secret| {
        let tag = hmac_sha256(secret, &[incoming.body]);
        tag.is_one_of(signatures.iter().map(Vec::as_slice)) | found
    });
    if !right {
        return refused(Refusal::SignatureWrong, "no signature was made for this body with a configured key");
    }
    let notification = connect::read(incoming.body)
        .map_err(|problem| WebhookRefused::new(DESCRIPTOR.name, Refusal::Unreadable, problem))?;
    match notification.at.map(|at| incoming.judge(at)) {
        Some(Age::TooOld) => refused(Refusal::TooOld, "it was generated too long ago"),
        Some(Age::FromTheFuture) => refused(Refusal::FromTheFuture, "it was generated in the future"),
        Some(Age::Fresh) | None => Ok(Received::Notification(Box::new(notification))),
    }
}

/// Whether there is any signature header, and what they hold as far as it can be a signature.
fn signatures(headers: &HeaderMap) -> (bool, Vec<Vec<u8>>) {
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
        let decoded = STANDARD.decode(value.as_bytes().trim_ascii());
        found.extend(decoded.ok().filter(|bytes| bytes.len() == 32));
    }
    (present, found)
}
