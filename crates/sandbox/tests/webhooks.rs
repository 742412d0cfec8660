//! Webhooks as a receiver sees them: events, their order, signatures and retries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_sandbox::{
    Act, NewEnvelope, NewRecipient, Options, Sandbox, Vendor, WebhookFault, WebhookFaultKind as Kind,
    WebhookState, WebhookTarget,
};
use serde_json::{Value, json};
use support::hiding;

const SECRET: &str = "whsec-1";
const OTHER: &str = "whsec-2";

#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Got>>);

#[derive(Default)]
struct Got {
    requests: Vec<(HeaderMap, Bytes)>,
    answers: VecDeque<u16>,
}

impl Inbox {
    async fn open() -> (Self, String) {
        let inbox = Self::default();
        let take = |State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes| async move {
            let mut got = inbox.0.lock().unwrap();
            got.requests.push((headers, body));
            StatusCode::from_u16(got.answers.pop_front().unwrap_or(200)).unwrap()
        };
        let app = Router::new().fallback(take).with_state(inbox.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let serve = async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = hyper_util::service::TowerToHyperService::new(app.clone());
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        };
        tokio::spawn(serve);
        (inbox, url)
    }

    fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.0.lock().unwrap().answers.extend(statuses);
    }

    fn requests(&self) -> Vec<(HeaderMap, Bytes)> {
        self.0.lock().unwrap().requests.clone()
    }

    fn bodies(&self) -> Vec<Value> {
        self.requests().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }

    /// The events in the vendors' words, with the recipient where one is named.
    fn events(&self) -> Vec<String> {
        let word = |body: &Value| match body["event"].as_str() {
            Some(word) => format!("{word} {}", body["data"]["recipientId"].as_str().unwrap_or_default()),
            None => body["event"]["eventType"].as_str().unwrap().to_owned(),
        };
        self.bodies().iter().map(|body| word(body).trim_end().to_owned()).collect()
    }
}

async fn start(vendor: Vendor) -> (Sandbox, Inbox) {
    let (inbox, url) = Inbox::open().await;
    let sandbox = support::start(support::frozen()).await;
    sandbox.webhooks().set_target(vendor, WebhookTarget::new(url, SECRET)).unwrap();
    (sandbox, inbox)
}

fn two(vendor: Vendor) -> NewEnvelope {
    NewEnvelope::new(vendor, "Contract")
        .with_recipient(NewRecipient::new("Anna", "anna@example.com").with_access_code("1111"))
        .with_recipient(NewRecipient::new("Ben", "ben@example.com").with_order(2))
}

fn make(sandbox: &Sandbox, vendor: Vendor) -> String {
    sandbox.world().make_envelope(two(vendor)).unwrap().id
}

fn sign(sandbox: &Sandbox, envelope: &str) {
    let world = sandbox.world();
    world.act(envelope, "1", Act::EnterCode { code: "1111".into() }).unwrap();
    world.act(envelope, "1", Act::Sign { new_name: None }).unwrap();
    world.act(envelope, "2", Act::Sign { new_name: None }).unwrap();
}

fn mac(secret: &str, message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), message).as_ref().to_vec()
}

#[tokio::test]
async fn a_whole_story_is_told_in_docusigns_words() {
    let (sandbox, inbox) = start(Vendor::DOCUSIGN).await;
    let envelope = make(&sandbox, Vendor::DOCUSIGN);
    sign(&sandbox, &envelope);
    sandbox.webhooks().settle().await;
    insta::assert_json_snapshot!(inbox.events());
    let bodies = inbox.bodies();
    let hidden = [("/data/accountId", "account"), ("/data/userId", "user"), ("/uri", "uri")];
    insta::assert_json_snapshot!("docusign_recipient_completed", hiding(bodies[5].clone(), &hidden));
    assert!(bodies.iter().all(|body| body["data"]["envelopeId"] == envelope.as_str()));
    for (headers, body) in inbox.requests() {
        let signature = headers["x-docusign-signature-1"].to_str().unwrap();
        assert_eq!(STANDARD.decode(signature).unwrap(), mac(SECRET, &body));
        assert_eq!(headers["x-authorization-digest"], "HMACSHA256");
        assert!(!headers.contains_key("x-docusign-signature-2"));
    }
}

#[tokio::test]
async fn a_whole_story_is_told_in_boldsigns_words() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let envelope = make(&sandbox, Vendor::BOLDSIGN);
    sign(&sandbox, &envelope);
    sandbox.webhooks().settle().await;
    assert_eq!(inbox.events(), ["Sent", "Viewed", "Signed", "Viewed", "Signed", "Completed"]);
    insta::assert_json_snapshot!("boldsign_signed", inbox.bodies()[2]);
    for (headers, body) in inbox.requests() {
        let event: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            headers["x-boldsign-event"].to_str().unwrap(),
            event["event"]["eventType"].as_str().unwrap()
        );
        let value = headers["x-boldsign-signature"].to_str().unwrap();
        let (stamp, signature) = value.strip_prefix("t=").unwrap().split_once(", s0=").unwrap();
        let expected = mac(SECRET, &[stamp.as_bytes(), b".", &body].concat());
        assert_eq!(signature, expected.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}

#[tokio::test]
async fn declining_locking_voiding_and_reminding_are_told_too() {
    let (sandbox, inbox) = start(Vendor::DOCUSIGN).await;
    let world = sandbox.world();
    let envelope = make(&sandbox, Vendor::DOCUSIGN);
    for _ in 0..3 {
        world.act(&envelope, "1", Act::EnterCode { code: "no".into() }).unwrap();
    }
    let other = world
        .make_envelope(
            NewEnvelope::new(Vendor::DOCUSIGN, "B").with_recipient(NewRecipient::new("A", "a@example.com")),
        )
        .unwrap();
    world.act(&other.id, "1", Act::FinishLater { new_name: None }).unwrap();
    world.act(&other.id, "1", Act::Decline { reason: "no".into() }).unwrap();
    sandbox.webhooks().settle().await;
    insta::assert_json_snapshot!(inbox.events());
}

#[tokio::test]
async fn nothing_is_told_without_a_target_or_of_the_time_before_it() {
    let (inbox, url) = Inbox::open().await;
    let sandbox = support::start(support::frozen()).await;
    make(&sandbox, Vendor::DOCUSIGN);
    let webhooks = sandbox.webhooks();
    webhooks.set_target(Vendor::BOLDSIGN, WebhookTarget::new(&url, SECRET)).unwrap();
    make(&sandbox, Vendor::DOCUSIGN);
    webhooks.settle().await;
    assert!(inbox.requests().is_empty() && webhooks.log().is_empty());
    make(&sandbox, Vendor::BOLDSIGN);
    webhooks.clear_target(Vendor::BOLDSIGN);
    make(&sandbox, Vendor::BOLDSIGN);
    webhooks.settle().await;
    assert!(webhooks.log().len() <= 1, "what was waiting is lost, and nothing follows");
}

#[tokio::test]
async fn webhooks_are_held_and_delivered_by_hand() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let webhooks = sandbox.webhooks();
    webhooks.hold();
    let envelope = make(&sandbox, Vendor::BOLDSIGN);
    sign(&sandbox, &envelope);
    webhooks.settle().await;
    assert!(inbox.requests().is_empty());
    let pending = webhooks.pending();
    assert_eq!(pending.len(), 6);
    let last = pending.last().unwrap();
    assert_eq!(webhooks.deliver(last.id).await.unwrap().status, Some(200));
    assert_eq!(inbox.events(), ["Completed"]);
    webhooks.deliver(last.id).await.unwrap_err();
    assert!(webhooks.deliver(pending[0].id).await.unwrap().taken());
    assert_eq!(inbox.events(), ["Completed", "Sent"]);
    assert_eq!(webhooks.deliver_all().await.len(), 4);
    assert!(webhooks.pending().is_empty());
    make(&sandbox, Vendor::BOLDSIGN);
    webhooks.release();
    webhooks.settle().await;
    assert_eq!(inbox.events().last().unwrap(), "Sent");
}

#[tokio::test]
async fn a_refused_webhook_is_tried_again_by_the_worlds_clock() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let webhooks = sandbox.webhooks();
    inbox.answer([500; 7]);
    make(&sandbox, Vendor::BOLDSIGN);
    webhooks.settle().await;
    assert_eq!(inbox.requests().len(), 1);
    for (minutes, sent) in [(1, 2), (15, 3), (45, 4), (60, 5), (480, 6), (1440, 7)] {
        sandbox.world().advance(Duration::from_secs(minutes * 60 - 1));
        webhooks.settle().await;
        assert_eq!(inbox.requests().len(), sent - 1, "too early for attempt {sent}");
        sandbox.world().advance(Duration::from_secs(1));
        webhooks.settle().await;
        assert_eq!(inbox.requests().len(), sent);
    }
    let log = webhooks.log();
    assert_eq!(log[0].state, WebhookState::GivenUp);
    assert_eq!(log[0].attempts.len(), 7);
    let bodies = inbox.bodies();
    assert!(bodies.iter().all(|body| body == &bodies[0]), "a retry tells the same");
    let stamps: std::collections::HashSet<_> = inbox
        .requests()
        .iter()
        .map(|(headers, _)| headers["x-boldsign-signature"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(stamps.len(), 7, "and is stamped anew");
}

#[tokio::test]
async fn docusign_tries_daily_and_counts() {
    let (sandbox, inbox) = start(Vendor::DOCUSIGN).await;
    let webhooks = sandbox.webhooks();
    inbox.answer([503; 100]);
    webhooks.inject(WebhookFault::next(Kind::Lose).on("recipient-sent"));
    make(&sandbox, Vendor::DOCUSIGN);
    for _ in 0..12 {
        webhooks.settle().await;
        sandbox.world().advance(Duration::from_secs(86_400));
    }
    let counts: Vec<Value> = inbox.bodies().iter().map(|body| body["retryCount"].clone()).collect();
    assert_eq!(json!(counts), json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    let times: std::collections::HashSet<_> =
        inbox.bodies().iter().map(|body| body["generatedDateTime"].to_string()).collect();
    assert_eq!(times.len(), 1);
    let states: Vec<WebhookState> = webhooks.log().iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [WebhookState::GivenUp, WebhookState::Lost]);
}

#[tokio::test]
async fn nobody_there_is_a_failure_that_is_tried_again() {
    let sandbox = support::start(support::frozen()).await;
    let webhooks = sandbox.webhooks();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    webhooks.set_target(Vendor::BOLDSIGN, WebhookTarget::new(format!("http://{free}/"), SECRET)).unwrap();
    make(&sandbox, Vendor::BOLDSIGN);
    webhooks.settle().await;
    let log = webhooks.log();
    assert_eq!(log[0].attempts[0].failure.as_deref(), Some("no connection"));
    assert_eq!(log[0].state, WebhookState::Waiting);
}

#[tokio::test]
async fn copies_come_again_delayed_ones_late_and_overtaken_ones_after_the_next() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let webhooks = sandbox.webhooks();
    webhooks.inject(WebhookFault::next(Kind::Duplicate(2)).on("Sent"));
    webhooks.inject(WebhookFault::next(Kind::Overtaken).on("Viewed"));
    webhooks.inject(WebhookFault::next(Kind::Delay(90)).on("Completed").of(Vendor::BOLDSIGN));
    let envelope = make(&sandbox, Vendor::BOLDSIGN);
    sign(&sandbox, &envelope);
    webhooks.settle().await;
    assert_eq!(inbox.events(), ["Sent", "Sent", "Sent", "Signed", "Viewed", "Viewed", "Signed"]);
    let sent = &webhooks.log()[0];
    assert_eq!(
        sent.attempts.iter().map(|attempt| attempt.duplicate).collect::<Vec<_>>(),
        [false, true, true]
    );
    sandbox.world().advance(Duration::from_secs(90));
    webhooks.settle().await;
    assert_eq!(inbox.events().last().unwrap(), "Completed");
    assert!(webhooks.faults().is_empty());
}

#[tokio::test]
async fn no_number_of_copies_is_too_large() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let webhooks = sandbox.webhooks();
    webhooks.hold();
    webhooks.inject(WebhookFault::next(Kind::Duplicate(u32::MAX)));
    webhooks.inject(WebhookFault::next(Kind::Duplicate(u32::MAX)));
    make(&sandbox, Vendor::BOLDSIGN);
    assert_eq!(webhooks.log()[0].state, WebhookState::Waiting);
    assert!(webhooks.faults().is_empty() && inbox.events().is_empty());
}

#[tokio::test]
async fn an_overtaken_webhook_comes_after_a_minute_if_none_follows() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let webhooks = sandbox.webhooks();
    webhooks.inject(WebhookFault::next(Kind::Overtaken));
    make(&sandbox, Vendor::BOLDSIGN);
    webhooks.settle().await;
    assert!(inbox.requests().is_empty());
    sandbox.world().advance(Duration::from_secs(60));
    webhooks.settle().await;
    assert_eq!(inbox.events(), ["Sent"]);
}

#[tokio::test]
async fn a_signature_can_be_wrong_missing_or_stamped_wrongly_and_the_retry_is_right() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let webhooks = sandbox.webhooks();
    inbox.answer([401; 4]);
    for fault in [Kind::WrongSignature, Kind::NoSignature, Kind::WrongStamp(-301), Kind::TornBody] {
        webhooks.inject(WebhookFault::next(fault));
        make(&sandbox, Vendor::BOLDSIGN);
        webhooks.settle().await;
        // All faults wait for the next webhook, so one at a time.
        assert!(webhooks.faults().is_empty());
    }
    sandbox.world().advance(Duration::from_secs(60));
    webhooks.settle().await;
    let requests = inbox.requests();
    assert_eq!(requests.len(), 8);
    let right = |(headers, body): &(HeaderMap, Bytes)| {
        let value = headers.get("x-boldsign-signature")?.to_str().unwrap();
        let (stamp, signature) = value.strip_prefix("t=").unwrap().split_once(", s0=").unwrap();
        let expected = mac(SECRET, &[stamp.as_bytes(), b".", body].concat());
        let hex: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
        Some((signature == hex, stamp.parse::<i64>().unwrap()))
    };
    let start = support::START.parse::<jiff::Timestamp>().unwrap().as_second();
    let seen: Vec<_> = requests.iter().map(right).collect();
    assert_eq!(seen[..4], [Some((false, start)), None, Some((true, start - 301)), Some((true, start))]);
    assert!(serde_json::from_slice::<Value>(&requests[3].1).is_err());
    assert!(seen[4..].iter().all(|seen| *seen == Some((true, start + 60))));
}

#[tokio::test]
async fn two_secrets_sign_while_a_key_is_changed() {
    for vendor in [Vendor::DOCUSIGN, Vendor::BOLDSIGN] {
        let (inbox, url) = Inbox::open().await;
        let sandbox = support::start(support::frozen()).await;
        let mut target = WebhookTarget { with_data: false, ..WebhookTarget::new(url, SECRET) };
        target.secrets.push(OTHER.into());
        sandbox.webhooks().set_target(vendor, target).unwrap();
        make(&sandbox, vendor);
        sandbox.webhooks().settle().await;
        let (headers, body) = &inbox.requests()[0];
        match vendor.id() {
            "docusign" => {
                let second = headers["x-docusign-signature-2"].to_str().unwrap();
                assert_eq!(STANDARD.decode(second).unwrap(), mac(OTHER, body));
                assert!(inbox.bodies()[0]["data"].get("envelopeSummary").is_none());
            }
            _ => assert_eq!(headers["x-boldsign-signature"].to_str().unwrap().matches(", s").count(), 2),
        }
    }
}

#[tokio::test]
async fn the_check_of_an_endpoint_has_no_signature() {
    let (sandbox, inbox) = start(Vendor::BOLDSIGN).await;
    let attempt = sandbox.webhooks().check_endpoint(Vendor::BOLDSIGN).await.unwrap();
    assert!(attempt.taken());
    let (headers, _) = &inbox.requests()[0];
    assert_eq!(headers["x-boldsign-event"], "Verification");
    assert!(!headers.contains_key("x-boldsign-signature"));
    sandbox.webhooks().check_endpoint(Vendor::DOCUSIGN).await.unwrap_err();
}

#[tokio::test]
async fn a_failed_creation_and_an_expiry_are_told() {
    let (inbox, url) = Inbox::open().await;
    let client = support::Client::boldsign(support::frozen()).await;
    let webhooks = client.sandbox.webhooks();
    webhooks.set_target(Vendor::BOLDSIGN, WebhookTarget::new(url, SECRET)).unwrap();
    client.sandbox.world().change_settings(|settings| settings.boldsign.creation_fails = true);
    let body = json!({"title": "T", "files": ["data:application/pdf;base64,AAAA"],
        "signers": [{"name": "A", "emailAddress": "a@example.com"}]});
    assert_eq!(client.call("POST", "/v1/document/send", Some(body)).await.status, 201);
    webhooks.settle().await;
    assert_eq!(inbox.events(), ["SendFailed"]);
    assert!(inbox.bodies()[0]["data"]["errorMessage"].is_string());
    make(&client.sandbox, Vendor::BOLDSIGN);
    client.sandbox.world().advance(Duration::from_secs(61 * 86_400));
    webhooks.settle().await;
    assert_eq!(inbox.events(), ["SendFailed", "Sent", "Expired"]);
}

#[tokio::test]
async fn the_control_api_does_what_the_handle_does() {
    let (inbox, url) = Inbox::open().await;
    let client = support::Client::boldsign(support::frozen()).await;
    let put = |body: Value| client.call("PUT", "/_sandbox/webhooks/targets/boldsign", Some(body));
    assert_eq!(put(json!({"url": "http://example.com/", "secrets": ["k"]})).await.status, 400);
    assert_eq!(put(json!({"url": url, "secrets": [SECRET]})).await.status, 204);
    assert_eq!(client.call("POST", "/_sandbox/webhooks/hold", None).await.status, 204);
    let fault = json!({"event": "Sent", "fault": {"duplicate": 1}});
    assert_eq!(client.call("POST", "/_sandbox/webhooks/faults", Some(fault)).await.status, 204);
    let fault = json!({"fault": "overtaken"});
    assert_eq!(client.call("POST", "/_sandbox/webhooks/faults", Some(fault)).await.status, 204);
    assert_eq!(client.call("DELETE", "/_sandbox/webhooks/faults", None).await.status, 204);
    make(&client.sandbox, Vendor::BOLDSIGN);
    let overview = client.get("/_sandbox/webhooks").await;
    assert!(!overview.text.contains(SECRET));
    let overview = overview.json();
    assert_eq!(
        (overview["held"].clone(), overview["targets"][0]["secrets"].clone()),
        (json!(true), json!(1))
    );
    assert_eq!(overview["deliveries"][0]["state"], "waiting");
    assert_eq!(client.get("/_sandbox/webhooks/1").await.status, 404);
    assert_eq!(client.call("POST", "/_sandbox/webhooks/1/deliver", None).await.json()["status"], 200);
    assert_eq!(client.call("POST", "/_sandbox/webhooks/1/deliver", None).await.status, 400);
    let request = client.get("/_sandbox/webhooks/1").await.json();
    assert_eq!(request["body"].as_str().unwrap().as_bytes(), inbox.requests()[0].1);
    assert_eq!(
        client.call("POST", "/_sandbox/webhooks/targets/boldsign/check", None).await.json()["status"],
        200
    );
    assert_eq!(client.call("DELETE", "/_sandbox/webhooks", None).await.status, 204);
    assert_eq!(client.get("/_sandbox/webhooks").await.json()["deliveries"], json!([]));
    assert_eq!(client.call("DELETE", "/_sandbox/webhooks/targets/nobody", None).await.status, 400);
}

#[tokio::test]
async fn webhooks_go_out_by_themselves() {
    let (inbox, url) = Inbox::open().await;
    let sandbox = support::start(Options::new()).await;
    sandbox.webhooks().set_target(Vendor::DOCUSIGN, WebhookTarget::new(url, SECRET)).unwrap();
    make(&sandbox, Vendor::DOCUSIGN);
    while inbox.requests().len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(inbox.events(), ["envelope-sent", "recipient-sent 1"]);
    sandbox.stop().await;
}
