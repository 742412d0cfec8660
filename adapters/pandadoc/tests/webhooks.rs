//! Webhooks: signed in the query, with several events.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{clock, folder};
use countersign_core::{
    Clock as _, EnvelopeStatus, IncomingWebhook, Notification, Received, SecretString, WebhookEvent,
    WebhookRefusal, WebhookRefused,
};
use countersign_pandadoc::DESCRIPTOR;
use countersign_testkit::Fixture;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

const KEY: &str = "shared-key-1";

fn receive(query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Received, WebhookRefused> {
    let secrets = ["another", KEY].map(SecretString::from);
    let facts = DESCRIPTOR.facts.webhook.as_ref().expect("facts");
    let (now, max_age) = (clock().now(), facts.max_age);
    let incoming = IncomingWebhook { query, headers, body, secrets: &secrets, now, max_age };
    (DESCRIPTOR.webhooks.expect("webhooks"))(&incoming)
}

/// By another library than the one that is tested.
fn signature(body: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, KEY.as_bytes());
    aws_lc_rs::hmac::sign(&key, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn id(id: &str) -> HeaderMap {
    let value = HeaderValue::from_str(id).expect("a value");
    HeaderMap::from_iter([("x-pandadoc-webhook-event-id".parse().expect("a name"), value)])
}

fn told(headers: &HeaderMap, body: &Value) -> Vec<Notification> {
    let body = body.to_string();
    let query = format!("tenant=7&signature={}", signature(body.as_bytes()));
    receive(&query, headers, body.as_bytes()).expect("accepted").notifications()
}

fn body(name: &str) -> Value {
    Fixture::load(&folder("webhooks").join(format!("{name}.json"))).body.expect("a body")
}

#[test]
fn each_webhook() {
    let mut shown = String::new();
    for (name, fixture) in Fixture::load_all(&folder("webhooks")) {
        for told in told(&id("e-1"), &fixture.body.expect("a body")) {
            let who = told.recipient.as_ref().map_or("-".to_owned(), |one| one.id.to_string());
            let envelope = told.envelope.as_ref().map_or("-", |id| id.as_str());
            let status = told.envelope_status.as_ref().map_or("-", |status| status.as_str());
            let (event, at) = (&told.event, told.at.map_or("-".to_owned(), |at| at.to_string()));
            shown.push_str(&format!("{name}: {event} {envelope} {status}, {who}, {at}\n"));
            assert!(!format!("{told:?}").contains("MARKED"), "{name}");
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn the_same_event_has_the_same_key_under_any_id_and_each_event_its_own() {
    let two = body("completed_and_pdf");
    let keys = |headers: &HeaderMap| told(headers, &two).into_iter().map(|told| told.key).collect::<Vec<_>>();
    let first = keys(&id("e-1"));
    assert_eq!(first, keys(&id("e-1")));
    assert_ne!(first[0], first[1]);
    assert_eq!(first, keys(&id("e-2")), "the id is not signed");
    assert_eq!(first, keys(&HeaderMap::new()));
}

#[test]
fn a_review_by_a_signer_is_no_sending() {
    let mut review = body("sent");
    review[0]["data"]["status"] = json!("document.external_review");
    let event = told(&id("e"), &review).remove(0).event;
    assert_eq!(event, WebhookEvent::Other("document_state_changed".to_owned()));
}

#[test]
fn an_address_names_a_recipient_only_if_it_occurs_once() {
    let mut signed = body("recipient_completed");
    signed[0]["data"]["action_by"] = json!({"email": " Anna@Example.com "});
    let who = |body: &Value| told(&id("e"), body).remove(0).recipient.map(|one| one.id.to_string());
    assert_eq!(who(&signed).as_deref(), Some("tf5dGS3Tmu3cj228ao6fna"));
    signed[0]["data"]["recipients"][1]["members"] = json!([{"email": "ANNA@example.com"}]);
    assert_eq!(who(&signed), None, "a signer and a group's member have it");
}

#[test]
fn only_the_right_signature_in_the_query_is_accepted() {
    let body = body("sent").to_string();
    let right = signature(body.as_bytes());
    let reason = |query: &str, body: &str| receive(query, &id("e"), body.as_bytes()).map_err(|no| no.reason);
    assert!(reason(&format!("signature={right}"), &body).is_ok());
    for (query, wanted) in [
        (String::new(), WebhookRefusal::SignatureMissing),
        (format!("Signature={right}"), WebhookRefusal::SignatureMissing),
        ("signature=".to_owned(), WebhookRefusal::SignatureMalformed),
        (format!("signature={}", &right[1..]), WebhookRefusal::SignatureMalformed),
        (format!("signature={right}&signature={right}"), WebhookRefusal::SignatureMalformed),
        (format!("signature={}", "0".repeat(64)), WebhookRefusal::SignatureWrong),
    ] {
        assert_eq!(reason(&query, &body).expect_err("refused"), wanted, "{query}");
    }
    let changed = body.replace("anna@", "eve@");
    assert_eq!(reason(&format!("signature={right}"), &changed), Err(WebhookRefusal::SignatureWrong));
}

#[test]
fn what_is_no_list_of_events_is_unreadable() {
    for body in [json!({}), json!([]), json!([{}]), json!([{"event": " "}]), json!("text")] {
        let text = body.to_string();
        let query = format!("signature={}", signature(text.as_bytes()));
        let refused = receive(&query, &id("e"), text.as_bytes()).expect_err("unreadable");
        assert_eq!(refused.reason, WebhookRefusal::Unreadable, "{body}");
    }
    let odd = told(&id("e"), &json!([{"event": "quote_updated"}, {"event": "new_event", "data": [1]}]));
    assert_eq!(odd.len(), 2);
    assert!(odd.iter().all(|told| told.envelope.is_none() && told.recipients.is_none()), "{odd:?}");
}

/// A member of another type than documented, at one recipient.
#[test]
fn a_part_that_cannot_be_read_hides_neither_the_document_nor_its_status() {
    let mut signed = body("recipient_completed");
    signed[0]["data"]["status"] = json!("document.completed");
    signed[0]["data"]["recipients"][1]["delivery_methods"] = json!(["email"]);
    let told = told(&id("e"), &signed).remove(0);
    assert_eq!(told.envelope.expect("the document").as_str(), "BhVzRcxH9Z2LgfPPGXFUBa");
    assert_eq!(told.envelope_status, Some(EnvelopeStatus::Completed));
    assert_eq!((told.event, told.recipients), (WebhookEvent::RecipientSigned, None));
}

#[test]
fn an_event_without_a_name_hides_no_other() {
    let mut two = body("completed_and_pdf");
    let keys = |body: &Value| told(&id("e"), body).into_iter().map(|told| told.envelope).collect::<Vec<_>>();
    let all = keys(&two);
    two[0]["event"] = Value::Null;
    assert_eq!(keys(&two), all[1..]);
}
