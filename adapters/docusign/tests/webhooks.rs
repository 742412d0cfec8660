//! Connect: what is believed, what is refused and why, and what messages become.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::{
    IncomingWebhook, Notification, Received, SecretString, WebhookRefusal, WebhookRefused,
};
use countersign_docusign::DESCRIPTOR;
use countersign_testkit::Fixture;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

const NOW: &str = "2026-01-01T09:30:00Z";
const SECRET: &str = "marked-hmac-key";

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/docusign")
}

/// HMAC-SHA256 of another library than the one that is tested.
fn sign(secret: &str, body: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    STANDARD.encode(aws_lc_rs::hmac::sign(&key, body))
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn receive_at(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[&str],
    now: &str,
) -> Result<Received, WebhookRefused> {
    let max_age = DESCRIPTOR.facts.webhook.as_ref().unwrap().max_age;
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| SecretString::from(*secret)).collect();
    let now = now.parse().unwrap();
    let incoming = IncomingWebhook { query: "", headers, body, secrets: &secrets, now, max_age };
    (DESCRIPTOR.webhooks.unwrap())(&incoming)
}

fn receive(headers: &HeaderMap, body: &[u8]) -> Result<Received, WebhookRefused> {
    receive_at(headers, body, &[SECRET], NOW)
}

fn reason(result: Result<Received, WebhookRefused>) -> WebhookRefusal {
    result.expect_err("refused").reason
}

fn signed(body: &[u8]) -> HeaderMap {
    headers(&[("x-docusign-signature-1", &sign(SECRET, body))])
}

fn told(body: &[u8]) -> Notification {
    receive(&signed(body), body).expect("taken").notifications().pop().expect("a notification")
}

#[test]
fn messages_become_notifications() {
    for (name, fixture) in Fixture::load_all(&fixtures().join("webhooks")) {
        let told = told(&fixture.bytes());
        insta::assert_json_snapshot!(format!("notification_{name}"), told);
        assert!(!format!("{told:?}").contains("marked"), "{name} shows a secret");
    }
}

#[test]
fn signatures_of_others_are_right() {
    let file = std::fs::read(fixtures().join("vectors/webhook_signatures.json")).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    for vector in file["vectors"].as_array().unwrap() {
        let text = |name: &str| vector[name].as_str().unwrap();
        let headers = headers(&[("X-DocuSign-Signature-1", text("signature"))]);
        match receive_at(&headers, text("body").as_bytes(), &[text("secret")], NOW) {
            Ok(_) => {}
            // Rightly signed all the same.
            Err(refused) => assert_eq!(refused.reason, WebhookRefusal::Unreadable, "{refused}"),
        }
    }
}

#[test]
fn any_key_may_have_made_any_signature() {
    let body = br#"{"event":"envelope-sent","data":{}}"#;
    let right = sign(SECRET, body);
    let wrong = sign("another", body);
    for names in [("1", "2"), ("2", "1"), ("99", "100")] {
        let (first, second) =
            (format!("X-DocuSign-Signature-{}", names.0), format!("x-docusign-signature-{}", names.1));
        let headers = headers(&[(&first, &wrong), (&second, &right)]);
        receive_at(&headers, body, &["old", SECRET, "new"], NOW).unwrap();
        assert_eq!(reason(receive_at(&headers, body, &["old", "new"], NOW)), WebhookRefusal::SignatureWrong);
    }
    // A header given twice.
    let twice = headers(&[("x-docusign-signature-1", &wrong), ("x-docusign-signature-1", &right)]);
    receive(&twice, body).unwrap();
    let mut many: Vec<(String, String)> =
        (1..=99).map(|number| (format!("x-docusign-signature-{number}"), wrong.clone())).collect();
    many.push(("x-docusign-signature-100".to_owned(), right.clone()));
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    receive(&headers(&many), body).unwrap();
}

#[test]
fn each_refusal_has_its_own_reason() {
    let body = br#"{"event":"envelope-sent","data":{}}"#;
    let right = sign(SECRET, body);
    let one = |name: &str, value: &str| headers(&[(name, value)]);
    assert_eq!(reason(receive(&HeaderMap::new(), body)), WebhookRefusal::SignatureMissing);
    for name in [
        "x-docusign-signature-0",
        "x-docusign-signature-101",
        "x-docusign-signature-",
        "x-docusign-signature-a",
    ] {
        assert_eq!(reason(receive(&one(name, &right), body)), WebhookRefusal::SignatureMissing, "{name}");
    }
    for value in ["", "?", "AAAA", &right[..43]] {
        assert_eq!(
            reason(receive(&one("x-docusign-signature-1", value), body)),
            WebhookRefusal::SignatureMalformed,
            "{value}"
        );
    }
    assert_eq!(
        reason(receive(&one("x-docusign-signature-1", &sign("x", body)), body)),
        WebhookRefusal::SignatureWrong
    );
    assert_eq!(reason(receive_at(&signed(body), body, &[], NOW)), WebhookRefusal::NoSecret);
    for unreadable in
        [&b""[..], b"<xml/>", b"[]", b"{}", b"null", br#"{"envelopeId":"1"}"#, br#"{"event":"x","data":7}"#]
    {
        assert_eq!(
            reason(receive(&signed(unreadable), unreadable)),
            WebhookRefusal::Unreadable,
            "{unreadable:?}"
        );
    }
    // What is not signed is not read, and says nothing of its form.
    assert_eq!(reason(receive(&HeaderMap::new(), b"{")), WebhookRefusal::SignatureMissing);
}

#[test]
fn the_time_in_the_body_is_judged() {
    let body = |at: &str| format!(r#"{{"event":"envelope-sent","generatedDateTime":"{at}","data":{{}}}}"#);
    for (at, expected) in [
        ("2026-01-01T09:35:00Z", None),
        ("2026-01-01T09:35:01.0000000Z", Some(WebhookRefusal::FromTheFuture)),
        ("2025-12-17T09:30:00Z", None),
        ("2025-12-17T09:29:59Z", Some(WebhookRefusal::TooOld)),
        ("yesterday", None),
    ] {
        let body = body(at);
        let result = receive(&signed(body.as_bytes()), body.as_bytes());
        assert_eq!(result.err().map(|refused| refused.reason), expected, "{at}");
    }
    assert_eq!(DESCRIPTOR.facts.webhook.as_ref().unwrap().max_age, Duration::from_secs(15 * 86_400));
}

/// An envelope may be out for weeks in one status, while its recipients sign.
#[test]
fn an_old_status_is_no_old_message_in_the_aggregate_format() {
    let mut body = Fixture::load(&fixtures().join("webhooks/aggregate_completed.json")).body.unwrap();
    body["status"] = "sent".into();
    body["statusChangedDateTime"] = "2025-11-01T09:00:00.0000000Z".into();
    let sent =
        |body: &serde_json::Value| receive(&signed(body.to_string().as_bytes()), body.to_string().as_bytes());
    assert_eq!(reason(sent(&body)), WebhookRefusal::TooOld);
    body["recipients"]["signers"][0]["signedDateTime"] = "2026-01-01T09:20:00.0000000Z".into();
    let told = sent(&body).unwrap().notifications().pop().unwrap();
    assert_eq!(told.at.unwrap().to_string(), "2026-01-01T09:20:00Z");
    // A wrong access code changes neither status.
    body["lastModifiedDateTime"] = "2026-01-01T09:25:00.0000000Z".into();
    let later = sent(&body).unwrap().notifications().pop().unwrap();
    assert_eq!(later.at.unwrap().to_string(), "2026-01-01T09:25:00Z");
    assert_ne!(told.key, later.key);
}

#[test]
fn two_deliveries_of_one_event_have_one_key_and_two_events_have_two() {
    let fixture = Fixture::load(&fixtures().join("webhooks/recipient_delivered.json"));
    let key = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = fixture.body.clone().unwrap();
        change(&mut body);
        told(body.to_string().as_bytes()).key
    };
    let first = key(&|_| {});
    assert_eq!(first, key(&|body| body["retryCount"] = 4.into()));
    assert_eq!(first, key(&|body| body["configurationId"] = 7.into()));
    assert_eq!(first, key(&|body| body["generatedDateTime"] = "2026-01-01T09:29:30.423Z".into()));
    assert_eq!(first, key(&|body| body["data"]["envelopeSummary"]["status"] = "completed".into()));
    for other in [
        key(&|body| body["event"] = "recipient-completed".into()),
        key(&|body| body["data"]["recipientId"] = "2".into()),
        key(&|body| body["data"]["envelopeId"] = "another".into()),
        key(&|body| body["data"]["accountId"] = "another".into()),
        key(&|body| body["generatedDateTime"] = "2026-01-01T09:29:30.424Z".into()),
    ] {
        assert_ne!(first, other);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_is_refused(bit in 0usize..8, place in 0usize..10_000) {
        let body = Fixture::load(&fixtures().join("webhooks/envelope_voided.json")).bytes();
        let mut changed = body.clone();
        let at = place % changed.len();
        changed[at] ^= 1 << bit;
        prop_assert_eq!(reason(receive(&signed(&body), &changed)), WebhookRefusal::SignatureWrong);
        let mut signature = STANDARD.decode(sign(SECRET, &body)).unwrap();
        signature[place % 32] ^= 1 << bit;
        let headers = headers(&[("x-docusign-signature-1", &STANDARD.encode(signature))]);
        prop_assert_eq!(reason(receive(&headers, &body)), WebhookRefusal::SignatureWrong);
    }

    #[test]
    fn nothing_in_headers_or_body_stops_it(
        name in "x-docusign-signature-[0-9a-z-]{0,4}", value in "[ -~]{0,60}", body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let headers = headers(&[(&name, &value)]);
        prop_assert!(receive(&headers, &body).is_err());
    }

    #[test]
    fn whatever_is_rightly_signed_is_read_or_unreadable(text in "[{}\\[\\]\",:a-z0-9]{0,60}", event in "[ -~]{0,20}") {
        let wrapped = serde_json::json!({"event": event, "data": {"envelopeId": text}}).to_string();
        if !event.trim().is_empty() {
            prop_assert_eq!(told(wrapped.as_bytes()).vendor_event, event);
        }
        if let Err(refused) = receive(&signed(text.as_bytes()), text.as_bytes()) {
            prop_assert_eq!(refused.reason, WebhookRefusal::Unreadable);
        }
    }
}
