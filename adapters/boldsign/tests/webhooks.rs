//! Webhooks: what is believed, what is refused and why, and what bodies become.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::PathBuf;

use countersign_boldsign::DESCRIPTOR;
use countersign_core::{
    IncomingWebhook, Notification, Received, SecretString, WebhookRefusal, WebhookRefused, hmac_sha256,
};
use countersign_testkit::Fixture;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

/// 2026-01-01T09:30:00Z.
const NOW: i64 = 1_767_259_800;
const SECRET: &str = "marked-secret";

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/boldsign")
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// The signature, by another library than the one that is tested.
fn hex(secret: &str, stamp: &str, body: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let message = [stamp.as_bytes(), b".", body].concat();
    aws_lc_rs::hmac::sign(&key, &message).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(stamp: &str, body: &[u8]) -> String {
    format!("t={stamp}, s0={}", hex(SECRET, stamp, body))
}

fn receive_with(headers: &HeaderMap, body: &[u8], secrets: &[&str]) -> Result<Received, WebhookRefused> {
    let max_age = DESCRIPTOR.facts.webhook.as_ref().unwrap().max_age;
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    let now = countersign_core::Timestamp::from_second(NOW).unwrap();
    let incoming = IncomingWebhook { query: "", headers, body, secrets: &secrets, now, max_age };
    (DESCRIPTOR.webhooks.unwrap())(&incoming)
}

fn receive(value: &str, body: &[u8]) -> Result<Received, WebhookRefused> {
    receive_with(&headers(&[("X-BoldSign-Signature", value)]), body, &[SECRET])
}

fn reason(result: Result<Received, WebhookRefused>) -> WebhookRefusal {
    result.expect_err("refused").reason
}

fn told(body: &[u8]) -> Notification {
    receive(&header(&NOW.to_string(), body), body)
        .expect("taken")
        .notifications()
        .pop()
        .expect("a notification")
}

#[test]
fn bodies_become_notifications() {
    for (name, fixture) in Fixture::load_all(&fixtures().join("webhooks")) {
        let told = told(&fixture.bytes());
        insta::assert_json_snapshot!(format!("notification_{name}"), told);
    }
}

/// Older webhooks, and those of failures, do not name the actor. Then only what the signers' rows show counts.
#[test]
fn without_a_context_the_only_one_who_can_be_meant_is_named() {
    let recorded = Fixture::load(&fixtures().join("webhooks/signed_without_context.json")).body.unwrap();
    let created = recorded["event"]["created"].clone();
    let (ada, ben) = (Some("anna@example.com#1"), Some("ben@example.com#2"));
    let done = json!({"status": "Completed"});
    let last = json!({"lastActivityDate": created});
    let earlier = json!({"lastActivityDate": 1_767_259_000});
    let done_last = json!({"status": "Completed", "lastActivityDate": created});
    let (open, no_order) = (json!({"status": "NotCompleted"}), false);
    let failed = json!({"isAuthenticationFailed": true});
    let handed_over = json!({"isReassigned": true});
    for (event, first, second, expected) in [
        ("Signed", &done, &open, ada),
        ("Signed", &open, &done, ben),
        ("Signed", &done, &done, None),
        ("Signed", &done, &done_last, ben),
        ("Signed", &done_last, &done_last, None),
        // Who has not finished did not sign, whatever else they did in this second.
        ("Signed", &done, &last, ada),
        ("Viewed", &open, &open, None),
        ("Viewed", &last, &earlier, ada),
        ("Reminder", &done, &open, ben),
        ("Reminder", &open, &open, None),
        ("Reassigned", &open, &handed_over, ben),
        ("AuthenticationFailed", &failed, &open, ada),
        ("AuthenticationFailed", &failed, &failed, None),
        ("DeliveryFailed", &open, &json!({"isDeliveryFailed": true}), ben),
        ("Declined", &json!({"status": "Declined"}), &last, ada),
        ("Sent", &last, &earlier, None),
    ] {
        let mut body = recorded.clone();
        body["event"]["eventType"] = event.into();
        body["data"]["enableSigningOrder"] = no_order.into();
        for (place, changes) in [first, second].into_iter().enumerate() {
            let row = body["data"]["signerDetails"][place].as_object_mut().unwrap();
            // As recorded: no ids, and null where nothing failed.
            row.remove("id");
            row.insert("status".to_owned(), "NotCompleted".into());
            row.insert("isAuthenticationFailed".to_owned(), Value::Null);
            row.extend(changes.as_object().unwrap().clone());
        }
        let told = told(body.to_string().as_bytes());
        let named = told.recipient.as_ref().map(|one| one.id.as_str());
        assert_eq!(named, expected, "{event}: {first}, {second}");
    }
}

#[test]
fn signatures_of_the_vendors_own_client_are_right() {
    let file = std::fs::read(fixtures().join("vectors/webhook_signatures.json")).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let headers = headers(&[("x-boldsign-signature", text("header"))]);
        match receive_with(&headers, text("body").as_bytes(), &[text("secret")]) {
            Ok(_) => {}
            // Rightly signed all the same.
            Err(refused) => assert_eq!(refused.reason, WebhookRefusal::Unreadable, "{refused}"),
        }
    }
}

#[test]
fn either_signature_may_be_of_either_secret() {
    let body = br#"{"event":{"eventType":"Sent"}}"#;
    let stamp = NOW.to_string();
    let (right, wrong) = (hex(SECRET, &stamp, body), hex("another", &stamp, body));
    for value in [
        format!("t={stamp}, s0={right}, s1={wrong}"),
        format!("t={stamp}, s0={wrong}, s1={right}"),
        format!("s1={right},s0={wrong},t={stamp}"),
        format!("t={stamp},v9=x, s0={}", right.to_uppercase()),
    ] {
        receive(&value, body).unwrap();
        let headers = headers(&[("x-boldsign-signature", &value)]);
        receive_with(&headers, body, &["old", SECRET]).unwrap();
        assert_eq!(reason(receive_with(&headers, body, &["old", "older"])), WebhookRefusal::SignatureWrong);
    }
}

#[test]
fn each_refusal_has_its_own_reason() {
    let body = br#"{"event":{"eventType":"Sent"}}"#;
    let right = header(&NOW.to_string(), body);
    assert_eq!(reason(receive_with(&HeaderMap::new(), body, &[SECRET])), WebhookRefusal::SignatureMissing);
    assert_eq!(reason(receive_with(&HeaderMap::new(), body, &[])), WebhookRefusal::NoSecret);
    let twice = headers(&[("x-boldsign-signature", &right), ("x-boldsign-signature", &right)]);
    assert_eq!(reason(receive_with(&twice, body, &[SECRET])), WebhookRefusal::SignatureMalformed);
    let hex = hex(SECRET, &NOW.to_string(), body);
    for value in [
        "",
        "nonsense",
        &hex,
        &format!("s0={hex}"),
        &format!("t={NOW}"),
        &format!("t={NOW}, s0="),
        &format!("t={NOW}, s0={}", &hex[1..]),
        &format!("t={NOW}, s0={hex}0"),
        &format!("t={NOW}, s0={}", "g".repeat(64)),
        &format!("t={NOW}, t={NOW}, s0={hex}"),
        &format!("t=+{NOW}, s0={hex}"),
        &format!("t=-1, s0={hex}"),
        &format!("t=99999999999999999999, s0={hex}"),
        &format!("t=, s0={hex}"),
        &format!("T={NOW}, S0={hex}"),
        &format!("t={NOW}, s2={hex}"),
    ] {
        assert_eq!(reason(receive(value, body)), WebhookRefusal::SignatureMalformed, "{value}");
    }
    // What the vendor's page of samples for other tools shows: the body alone, without the stamp.
    let bare = hmac_sha256(&SecretString::from(SECRET), &[body]);
    assert!(!bare.is(hex.as_bytes()));
    for unreadable in
        [&b""[..], b"<xml/>", b"[]", b"{}", b"null", br#"{"event":{}}"#, br#"{"event":{"eventType":7}}"#]
    {
        let value = header(&NOW.to_string(), unreadable);
        assert_eq!(reason(receive(&value, unreadable)), WebhookRefusal::Unreadable, "{unreadable:?}");
    }
}

#[test]
fn old_and_future_stamps_are_refused() {
    let body = br#"{"event":{"eventType":"Sent"}}"#;
    for (seconds, expected) in [
        (-300, None),
        (-301, Some(WebhookRefusal::TooOld)),
        (300, None),
        (301, Some(WebhookRefusal::FromTheFuture)),
    ] {
        let result = receive(&header(&(NOW + seconds).to_string(), body), body);
        assert_eq!(result.err().map(|refused| refused.reason), expected, "{seconds}");
    }
    // A wrong signature is reported before an old stamp.
    let forged = format!("t=1, s0={}", "0".repeat(64));
    assert_eq!(reason(receive(&forged, body)), WebhookRefusal::SignatureWrong);
}

#[test]
fn the_check_of_the_address_means_nothing_else() {
    let check =
        |pairs: &[(&str, &str)], body: &[u8], secrets: &[&str]| receive_with(&headers(pairs), body, secrets);
    let event = ("X-BoldSign-Event", "Verification");
    let stamp = NOW.to_string();
    let completed = Fixture::load(&fixtures().join("webhooks/completed.json")).bytes();
    // Unsigned, wrongly signed, and before there is a secret.
    assert_eq!(check(&[event], b"", &[SECRET]).unwrap(), Received::Check);
    assert_eq!(
        check(&[event, ("X-BoldSign-Signature", "t=1, s0=00")], b"{}", &[SECRET]).unwrap(),
        Received::Check
    );
    assert_eq!(check(&[event], b"{}", &[]).unwrap(), Received::Check);
    // An event in the body of an unsigned check is not believed.
    assert_eq!(check(&[event], &completed, &[SECRET]).unwrap(), Received::Check);
    // A signed event is, whatever the header says of it.
    let value = header(&stamp, &completed);
    let signed = check(&[event, ("X-BoldSign-Signature", &value)], &completed, &[SECRET]).unwrap();
    assert!(!signed.notifications().is_empty());
    // A signed check is one, too.
    let body = br#"{"event":{"id":"1","eventType":"Verification"},"data":null}"#;
    assert_eq!(receive(&header(&stamp, body), body).unwrap(), Received::Check);
}

#[test]
fn two_deliveries_of_one_event_have_one_key() {
    let body = Fixture::load(&fixtures().join("webhooks/signed.json")).bytes();
    assert_eq!(told(&body).key.as_str(), "boldsign:afceddb1-0000-4000-8000-000000000001");
    let fixture = Fixture::load(&fixtures().join("webhooks/without_an_id.json"));
    let mut other = fixture.body.clone().unwrap();
    assert_eq!(told(&fixture.bytes()).key, told(&fixture.bytes()).key);
    other["event"]["created"] = 1.into();
    assert_ne!(told(&fixture.bytes()).key, told(other.to_string().as_bytes()).key);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_is_refused(bit in 0usize..8, place in 0usize..10_000) {
        let body = Fixture::load(&fixtures().join("webhooks/declined.json")).bytes();
        let mut changed = body.clone();
        let at = place % changed.len();
        changed[at] ^= 1 << bit;
        let right = header(&NOW.to_string(), &body);
        prop_assert_eq!(reason(receive(&right, &changed)), WebhookRefusal::SignatureWrong);
        // Another stamp, within what is allowed.
        let moved = right.replace(&NOW.to_string(), &(NOW - 1 - (place % 299) as i64).to_string());
        prop_assert_eq!(reason(receive(&moved, &body)), WebhookRefusal::SignatureWrong);
        // Another signature.
        let digits = hex(SECRET, &NOW.to_string(), &body);
        let mut digits: Vec<char> = digits.chars().collect();
        let digit = digits[place % 64].to_digit(16).unwrap() ^ (1 << (bit % 4));
        digits[place % 64] = char::from_digit(digit, 16).unwrap();
        let value = format!("t={NOW}, s0={}", digits.iter().collect::<String>());
        prop_assert_eq!(reason(receive(&value, &body)), WebhookRefusal::SignatureWrong);
    }

    #[test]
    fn nothing_in_headers_or_body_stops_it(
        value in "[ts01=, 0-9a-f]{0,90}|[ -~]{0,60}", body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        prop_assert!(receive(&value, &body).is_err());
    }

    #[test]
    fn whatever_is_rightly_signed_is_read_or_unreadable(text in "[{}\\[\\]\",:a-z0-9]{0,60}", word in "[!-~]{1,20}") {
        let wrapped = serde_json::json!({"event": {"eventType": word, "id": text}, "data": {"documentId": text}}).to_string();
        if !word.eq_ignore_ascii_case("Verification") {
            prop_assert_eq!(told(wrapped.as_bytes()).vendor_event, word);
        }
        if let Err(refused) = receive(&header(&NOW.to_string(), text.as_bytes()), text.as_bytes()) {
            prop_assert_eq!(refused.reason, WebhookRefusal::Unreadable);
        }
    }
}
