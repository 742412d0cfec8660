//! Checks that a webhook is authentic: a signature by any of the secrets, then its age.

use std::time::Duration;

use super::mac::{hmac, hmac_sha256};
use super::refusal::{WebhookRefusal, WebhookRefused};
use super::spec::IncomingWebhook;
use crate::model::Timestamp;

/// The signatures of a webhook: HMAC-SHA256.
#[derive(Debug, Clone)]
pub struct Presented<'a> {
    /// The signatures; any of them may be valid.
    pub values: Vec<[u8; 32]>,
    /// The signed parts, in this order.
    pub signed: Vec<&'a [u8]>,
    /// The signed timestamp, if it is in the headers.
    pub at: Option<Timestamp>,
}

impl Presented<'_> {
    /// For vendors that send the secret itself instead of a signature. Compared like one, in constant time.
    #[must_use]
    pub fn shared_secret(secret: &str) -> Self {
        let values = vec![hmac(secret.as_bytes(), &[]).into_bytes()];
        Self { values, signed: Vec::new(), at: None }
    }
}

/// Rejects a webhook that none of the secrets signed, and one whose signed timestamp is too old or in the future.
///
/// `read` takes the signatures from the headers; it fails with `SignatureMissing` or `SignatureMalformed`. Every
/// secret is tried with every signature, so that the duration does not reveal which one matches.
///
/// # Errors
/// `NoSecret`; the errors of `read`; `SignatureWrong`; as [`fresh`].
pub fn verify<'a>(
    vendor: &'static str,
    incoming: &IncomingWebhook<'a>,
    read: impl FnOnce() -> Result<Presented<'a>, (WebhookRefusal, &'static str)>,
) -> Result<(), WebhookRefused> {
    let refused = |(reason, message)| WebhookRefused::new(vendor, reason, message);
    if incoming.secrets.is_empty() {
        return Err(refused((WebhookRefusal::NoSecret, "no webhook secret is configured")));
    }
    let Presented { values, signed, at } = read().map_err(refused)?;
    let right = incoming.secrets.iter().fold(false, |found, secret| {
        let tag = hmac_sha256(secret, &signed);
        values.iter().fold(found, |found, value| tag.is(value) | found)
    });
    if !right {
        let message = "no configured secret made a signature for this message";
        return Err(refused((WebhookRefusal::SignatureWrong, message)));
    }
    at.map_or(Ok(()), |at| fresh(vendor, incoming, at))
}

/// How far a timestamp may be in the future, to allow for different clocks.
const LEEWAY: Duration = Duration::from_secs(300);

/// Rejects a webhook whose signed timestamp is older than the maximum age, or more than five minutes in the future.
///
/// # Errors
/// `TooOld` or `FromTheFuture`.
pub fn fresh(
    vendor: &'static str,
    incoming: &IncomingWebhook<'_>,
    stamp: Timestamp,
) -> Result<(), WebhookRefused> {
    let age = incoming.now.duration_since(stamp);
    let refused = |reason, message| Err(WebhookRefused::new(vendor, reason, message));
    match (age.is_negative(), age.unsigned_abs()) {
        (true, ahead) if ahead > LEEWAY => {
            refused(WebhookRefusal::FromTheFuture, "it was signed in the future")
        }
        (false, age) if age > incoming.max_age => {
            refused(WebhookRefusal::TooOld, "it was signed too long ago")
        }
        _ => Ok(()),
    }
}
