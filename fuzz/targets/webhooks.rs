//! Webhooks: nothing unsigned is believed, whatever is signed is read or refused, and what is read is fit to show.
//!
//! An input is a line with an age in seconds, lines of headers, an empty line and the body.
#![no_main]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::{Clock, Timestamp};
use countersign::secrecy::SecretString;
use countersign::webhook::{
    EnvelopeState, Notification, NotificationKey, Received, Webhook, WebhookRefusal, WebhookRefused,
};
use countersign_fuzz::{Signing, VENDORS, Vendor, hides, is_harmless};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;

const SECRET: &str = "m4rked-secret";
/// 2026-01-01T09:30:00Z.
const NOW: i64 = 1_767_259_800;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(NOW).expect("a time")
    }
}

fn mac(parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// The query or the header of the vendor itself, over a body and a stamp.
fn signed(signing: &Signing, stamp: &str, body: &[u8]) -> (String, HeaderMap) {
    let (before, behind) = signing.signed.split_once("{body}").expect("a body");
    let [before, behind] = [before, behind].map(|part| part.replace("{stamp}", stamp));
    let mac = mac(&[before.as_bytes(), body, behind.as_bytes()]);
    let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    let value = signing.value.replace("{stamp}", stamp).replace("{hex}", &hex);
    let value = value.replace("{base64}", &STANDARD.encode(&mac));
    let Some(header) = &signing.header else { return (value, HeaderMap::new()) };
    let name: HeaderName = header.parse().expect("a name");
    (String::new(), HeaderMap::from_iter([(name, value.parse().expect("a value"))]))
}

fn fit_to_show(refused: &WebhookRefused) {
    for text in [refused.to_string(), format!("{refused:?}")] {
        is_harmless("a refusal", &text);
        hides("a refusal", &text, &[SECRET]);
        assert!(text.len() < 1000);
    }
}

fn sensible(told: &Notification) {
    assert_eq!(told.key.as_str().parse::<NotificationKey>().as_ref(), Ok(&told.key));
    is_harmless("an event", &told.event.to_string());
    serde_json::to_string(told).expect("a document");
    let mut latest = EnvelopeState::default();
    latest.apply(told);
    assert!(latest.apply(told).is_empty(), "a copy changed something");
}

fuzz_target!(|data: &[u8]| VENDORS.iter().for_each(|vendor| receive(vendor, data)));

fn receive(vendor: &Vendor, data: &[u8]) {
    let secrets = vec![SecretString::from("another"), SecretString::from(SECRET)];
    let webhook = Webhook::new(vendor.descriptor, secrets).expect("webhooks").with_clock(Arc::new(Still));

    let end = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
    let (head, body) = (&data[..end], data.get(end + 2..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let age: i64 = lines.next().and_then(|line| line.parse().ok()).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
    }
    // No input guesses a signature.
    match webhook.receive("", &headers, body) {
        Ok(received) => assert_eq!(received, Received::Check, "an unsigned webhook was believed"),
        Err(refused) => fit_to_show(&refused),
    }
    let stamp = NOW.saturating_sub(age);
    // A second header of that name, or a stamp that is no time, is refused for its form.
    let second = vendor.webhook.header.as_ref().is_some_and(|header| headers.contains_key(header));
    let odd = second || !(0..=253_000_000_000).contains(&stamp);
    let (query, own) = signed(&vendor.webhook, &stamp.to_string(), body);
    headers.extend(own);
    match webhook.receive(&query, &headers, body) {
        Ok(received) => received.notifications().iter().for_each(sensible),
        Err(refused) => {
            fit_to_show(&refused);
            let allowed = matches!(
                refused.reason,
                WebhookRefusal::Unreadable | WebhookRefusal::TooOld | WebhookRefusal::FromTheFuture
            );
            assert!(allowed || (odd && vendor.webhook.single), "a rightly signed webhook was refused: {refused}");
        }
    }
}
