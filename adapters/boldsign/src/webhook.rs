//! Checking a webhook's signature and stamp.
//!
//! <https://developers.boldsign.com/webhooks/verify-webhook-events> and the `WebhookUtility` of the vendor's own clients:
//! `X-BoldSign-Signature: t=<unix seconds>, s0=<hex>` and `s1` while a secret is being changed; HMAC-SHA256 over the
//! stamp as written, a full stop, and the body as it came; 300 seconds of tolerance both ways.

use std::time::Duration;

use countersign_core::{
    Age, IncomingWebhook, Received, Timestamp, WebhookRefusal as Refusal, WebhookRefused, WebhookSpec,
    hmac_sha256,
};
use http::HeaderMap;

use crate::DESCRIPTOR;
use crate::events;

const SIGNATURE: &str = "x-boldsign-signature";
const EVENT: &str = "x-boldsign-event";

/// What the check of an endpoint calls itself, in the header and in the body.
const VERIFICATION: &str = "Verification";

/// The vendor sends two at most.
const SIGNATURES: usize = 8;

pub(crate) static DOOR: WebhookSpec = WebhookSpec {
    receive,
    max_age: Duration::from_secs(300),
    answer_within: Duration::from_secs(10),
    guide: "\
In the BoldSign web application, under Settings, Webhooks (for all documents of the account; a webhook of an OAuth \
application tells only of documents sent through that application):
  1. Add Webhook: the receiver's https URL and the document events.
  2. Verify: BoldSign sends an unsigned check, which the receiver must answer with 200 while it runs.
  3. Copy the secret of that webhook into a file that only the receiver can read.
To change the secret, regenerate it at BoldSign and give both to the account until the old one has run out.\n\
The names of menus and buttons are from general knowledge, not from a page, and may be others by now.",
};

fn refused(reason: Refusal, message: &str) -> WebhookRefused {
    WebhookRefused::new(DESCRIPTOR.name, reason, message)
}

fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    match signed(incoming) {
        Ok(()) => {}
        // The check of an endpoint comes without a signature that could be right (change log of neilberkman/boldsign,
        // 0.8.1), and before there is a secret.
        Err(_) if is_check(incoming.headers) => return Ok(Received::Check),
        Err(refused) => return Err(refused),
    }
    let (word, notification) =
        events::read(incoming.body).map_err(|problem| refused(Refusal::Unreadable, problem))?;
    if word.eq_ignore_ascii_case(VERIFICATION) {
        return Ok(Received::Check);
    }
    Ok(Received::Notification(Box::new(notification)))
}

fn is_check(headers: &HeaderMap) -> bool {
    let word = headers.get(EVENT).and_then(|value| value.to_str().ok());
    word.is_some_and(|word| word.trim().eq_ignore_ascii_case(VERIFICATION))
}

fn signed(incoming: &IncomingWebhook<'_>) -> Result<(), WebhookRefused> {
    if incoming.secrets.is_empty() {
        return Err(refused(Refusal::NoSecret, "no webhook secret is configured"));
    }
    let mut values = incoming.headers.get_all(SIGNATURE).iter();
    let Some(value) = values.next() else {
        return Err(refused(Refusal::SignatureMissing, "there is no header X-BoldSign-Signature"));
    };
    let malformed = |message: &str| refused(Refusal::SignatureMalformed, message);
    if values.next().is_some() {
        return Err(malformed("there are several headers X-BoldSign-Signature"));
    }
    let value = value.to_str().map_err(|_| malformed("the signature header is not readable text"))?;
    let header = Header::read(value).map_err(malformed)?;
    let right = incoming.secrets.iter().fold(false, |found, secret| {
        let tag = hmac_sha256(secret, &[header.stamp.as_bytes(), b".", incoming.body]);
        tag.is_one_of(header.signatures.iter().map(<[u8; 32]>::as_slice)) | found
    });
    if !right {
        return Err(refused(
            Refusal::SignatureWrong,
            "the signature was not made for this body and stamp with a configured secret",
        ));
    }
    match incoming.judge(header.at) {
        Age::Fresh => Ok(()),
        Age::TooOld => Err(refused(Refusal::TooOld, "it was signed too long ago")),
        Age::FromTheFuture => Err(refused(Refusal::FromTheFuture, "it was signed in the future")),
    }
}

struct Header<'a> {
    /// As written: that is what was signed.
    stamp: &'a str,
    at: Timestamp,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Header<'a> {
    /// Reads `t=…, s0=…, s1=…`. Members that are not known are passed over.
    fn read(value: &'a str) -> Result<Self, &'static str> {
        let mut stamp = None;
        let mut signatures = Vec::new();
        for member in value.split(',') {
            let Some((name, text)) = member.trim().split_once('=') else {
                return Err("the signature header is not a list of names and values");
            };
            match name {
                "t" if stamp.is_some() => return Err("the signature header has several stamps"),
                "t" => stamp = Some(text),
                "s0" | "s1" if signatures.len() < SIGNATURES => signatures.extend(from_hex(text)),
                _ => {}
            }
        }
        let stamp = stamp.ok_or("the signature header has no stamp")?;
        let digits = stamp.bytes().all(|byte| byte.is_ascii_digit());
        let at =
            stamp.parse().ok().filter(|_| digits).and_then(|seconds| Timestamp::from_second(seconds).ok());
        let at = at.ok_or("the stamp of the signature header is not a time in seconds")?;
        if signatures.is_empty() {
            return Err("the signature header has neither s0 nor s1 with 64 hexadecimal digits");
        }
        Ok(Self { stamp, at, signatures })
    }
}

/// 64 hexadecimal digits of either case.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (to, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *to = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}
