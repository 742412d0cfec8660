//! Webhooks: the secret is compared, and the content says what happened. That core takes no status from it is tested
//! with the webhooks of the client.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{clock, folder};
use countersign_core::{
    Clock as _, IncomingWebhook, Notification, Received, SecretString, WebhookEvent, WebhookRefusal,
    WebhookRefused,
};
use countersign_documenso::DESCRIPTOR;
use countersign_testkit::Fixture;
use http::{HeaderMap, HeaderValue};
use serde_json::json;

const SECRET: &str = "hook-secret-1";

fn received(headers: &HeaderMap, body: &[u8]) -> Result<Received, WebhookRefused> {
    let secrets = ["another", SECRET].map(SecretString::from);
    let facts = DESCRIPTOR.facts.webhook.as_ref().expect("facts");
    let (now, max_age) = (clock().now(), facts.max_age);
    let incoming = IncomingWebhook { query: "", headers, body, secrets: &secrets, now, max_age };
    (DESCRIPTOR.webhooks.expect("webhooks"))(&incoming)
}

fn with_secret(secret: &str) -> HeaderMap {
    let value = HeaderValue::from_str(secret).expect("a value");
    HeaderMap::from_iter([("x-documenso-secret".parse().expect("a name"), value)])
}

fn told(body: &serde_json::Value) -> Notification {
    let received = received(&with_secret(SECRET), body.to_string().as_bytes()).expect("accepted");
    received.notifications().pop().expect("a notification")
}

fn body(name: &str) -> serde_json::Value {
    Fixture::load(&folder("webhooks").join(format!("{name}.json"))).body.expect("a body")
}

#[test]
fn each_recorded_webhook() {
    let mut shown = String::new();
    for (name, fixture) in Fixture::load_all(&folder("webhooks")) {
        let told = told(&fixture.body.expect("a body"));
        let who = told.recipient.as_ref().map_or("-".to_owned(), |one| one.id.to_string());
        let envelope = told.envelope.as_ref().map_or("-".to_owned(), ToString::to_string);
        shown.push_str(&format!("{name}: {} {envelope}, recipient {who}\n", told.event));
        assert!(!format!("{told:?}").contains("TOKEN"), "{name}");
    }
    insta::assert_snapshot!(shown);
}

/// All that a server was measured to send. Those of templates name no envelope.
#[test]
fn each_event_has_its_meaning() {
    for (word, event) in [
        ("DOCUMENT_CREATED", "envelope_created"),
        ("DOCUMENT_SENT", "envelope_sent"),
        ("DOCUMENT_OPENED", "recipient_viewed"),
        ("DOCUMENT_SIGNED", "DOCUMENT_SIGNED"),
        ("DOCUMENT_RECIPIENT_COMPLETED", "recipient_signed"),
        ("DOCUMENT_COMPLETED", "envelope_completed"),
        ("DOCUMENT_REJECTED", "envelope_declined"),
        ("DOCUMENT_CANCELLED", "envelope_deleted"),
        ("DOCUMENT_REMINDER_SENT", "recipient_reminded"),
        ("RECIPIENT_EXPIRED", "RECIPIENT_EXPIRED"),
        ("TEMPLATE_CREATED", "TEMPLATE_CREATED"),
        ("TEMPLATE_UPDATED", "TEMPLATE_UPDATED"),
        ("TEMPLATE_DELETED", "TEMPLATE_DELETED"),
        ("TEMPLATE_USED", "TEMPLATE_USED"),
    ] {
        let mut one = body("reminder");
        one["event"] = json!(word);
        let told = told(&one);
        assert_eq!(told.event.as_str(), event, "{word}");
        assert_eq!(told.envelope.is_none(), word.starts_with("TEMPLATE_"), "{word}");
    }
}

/// A link can be opened at any time, also by one who has signed.
#[test]
fn an_opening_names_the_only_one_who_has_opened() {
    let who = |body: &serde_json::Value| told(body).recipient.map(|one| one.id.to_string());
    let mut opened = body("opened");
    assert_eq!(who(&opened).as_deref(), Some("5"));
    let rows = opened["payload"]["recipients"].as_array_mut().expect("rows");
    let another = rows.iter_mut().find(|row| row["id"] != 5).expect("another");
    (another["readStatus"], another["signingStatus"]) = (json!("OPENED"), json!("SIGNED"));
    assert_eq!(who(&opened), None);
}

/// A change of the recipient undoes a rejection while it is sealed: the event comes all the same.
#[test]
fn a_rejection_that_was_undone_names_no_one() {
    let mut undone = body("rejected");
    assert!(told(&undone).recipient.is_some());
    for row in undone["payload"]["recipients"].as_array_mut().expect("rows") {
        row["signingStatus"] = json!("NOT_SIGNED");
    }
    let told = told(&undone);
    assert_eq!((told.event, told.recipient), (WebhookEvent::EnvelopeDeclined, None));
}

#[test]
fn only_the_secret_lets_a_webhook_in() {
    let bytes = body("sent").to_string();
    let refused =
        |headers: &HeaderMap| received(headers, bytes.as_bytes()).map(drop).expect_err("refused").reason;
    assert_eq!(refused(&HeaderMap::new()), WebhookRefusal::SignatureMissing);
    assert_eq!(refused(&with_secret("")), WebhookRefusal::SignatureMissing, "no secret is set at the vendor");
    for wrong in ["hook-secret-2", "hook-secret-", "hook-secret-11", "Hook-secret-1"] {
        assert_eq!(refused(&with_secret(wrong)), WebhookRefusal::SignatureWrong, "{wrong}");
    }
    let mut twice = with_secret(SECRET);
    twice.append("x-documenso-secret", HeaderValue::from_static(SECRET));
    assert_eq!(refused(&twice), WebhookRefusal::SignatureMalformed);
    let (now, max_age) = (clock().now(), std::time::Duration::MAX);
    let no_secret = IncomingWebhook { query: "", headers: &twice, body: b"{}", secrets: &[], now, max_age };
    let refused = (DESCRIPTOR.webhooks.expect("webhooks"))(&no_secret).expect_err("refused");
    assert_eq!(refused.reason, WebhookRefusal::NoSecret);
}

/// Retries have a new time and the same content; the recipients' second copy may come in another order.
#[test]
fn a_repeated_delivery_has_the_same_key_and_another_event_another() {
    let first = body("reminder");
    let mut again = first.clone();
    again["createdAt"] = json!("2026-11-28T22:59:59.999Z");
    again["payload"]["Recipient"] = json!([]);
    assert_eq!(told(&first).key, told(&again).key);
    let mut renewed = first.clone();
    renewed["payload"]["recipients"][0]["expiresAt"] = json!("2027-03-01T00:00:00.000Z");
    assert_ne!(told(&first).key, told(&renewed).key, "the next reminder");
    assert_ne!(told(&body("signed")).key, told(&body("recipient_completed")).key);
}

/// In whatever order the members come and the build's serde_json keeps them.
#[test]
fn the_key_does_not_depend_on_the_order_of_members() {
    let bodies = [r#"{"id": 7, "envelopeId": "envelope_a"}"#, r#"{"envelopeId": "envelope_a", "id": 7}"#];
    let keys = bodies.map(|payload| {
        let body = format!(r#"{{"event": "DOCUMENT_SENT", "payload": {payload}}}"#);
        let received = received(&with_secret(SECRET), body.as_bytes()).expect("accepted");
        received.notifications().pop().expect("a notification").key
    });
    // Written out, since a build that sorts members by itself would give both the same.
    assert_eq!(keys.map(|key| key.to_string()), ["documenso:a9fd2961a6932061907dec350216bda4"; 2]);
}

#[test]
fn a_cancellation_is_one_only_if_nothing_was_deleted() {
    assert_eq!(told(&body("cancelled")).event, WebhookEvent::EnvelopeVoided);
    for (status, deleted) in
        [("DRAFT", json!("x")), ("PENDING", json!("x")), ("CANCELLED", json!("x")), ("DRAFT", json!(null))]
    {
        let mut one = body("cancelled");
        one["payload"]["status"] = json!(status);
        one["payload"]["deletedAt"] = deleted;
        assert_eq!(told(&one).event, WebhookEvent::EnvelopeDeleted, "{status}");
    }
}

#[test]
fn the_test_button_is_a_check_and_odd_bodies_are_unreadable() {
    let mut test = body("created");
    test["payload"]["envelopeId"] = json!("env_123");
    let check = received(&with_secret(SECRET), test.to_string().as_bytes()).expect("accepted");
    assert_eq!(check, Received::Check);
    for odd in ["", "[]", "{}", r#"{"event": 1, "payload": {}}"#, r#"{"event": "X", "payload": []}"#] {
        let refused = received(&with_secret(SECRET), odd.as_bytes()).map(drop).expect_err(odd);
        assert_eq!(refused.reason, WebhookRefusal::Unreadable, "{odd}");
    }
    let unknown =
        json!({"event": "DOCUMENT_FRAMED", "payload": {"envelopeId": "envelope_a", "recipients": 3}});
    assert_eq!(told(&unknown).event, WebhookEvent::Other("DOCUMENT_FRAMED".to_owned()));
}
