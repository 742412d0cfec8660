//! Recording an exchange and playing it back, for other recipients than those of the recording.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::Arc;

use bytes::Bytes;
use countersign_cassette::{Cassette, Recorder, Replayer, Source};
use countersign_core::{Limits, SystemClock, Transport};
use countersign_testkit::Script;
use serde_json::{Value, json};

const E1: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";
const E2: &str = "0c7a5a39-0000-4000-8000-0123456789ab";

fn get(envelope: &str, email: &str) -> http::Request<Bytes> {
    http::Request::get(format!("https://api.acme.test/v1/envelopes/{envelope}?email={email}&n=2"))
        .header("authorization", "Bearer t0ken-of-the-user")
        .body(Bytes::new())
        .unwrap()
}

#[tokio::test]
async fn an_exchange_comes_back_for_other_people() {
    let body = json!({"envelopeId": E1, "name": "Anna Zoë", "email": "anna+x@corp.test", "status": "sent",
        "accessCode": "S3cr3t", "url": "https://sign.acme.test/s?t=abc", "other": "Ben@corp.test", "order": 2});
    let vendor = Script::new();
    let headers = [("content-type", "application/json"), ("x-ratelimit-remaining", "2999")];
    vendor.raw(200, &headers, body.to_string());
    let cassette = Cassette::new("acme", "round", Source::Sandbox);
    let recorder = Recorder::new(cassette, vendor, Arc::new(SystemClock));
    recorder.send(get(E1, "anna%2Bx@corp.test"), &Limits::default()).await.unwrap();
    let cassette = recorder.cassette().unwrap();
    let text = cassette.text();
    for gone in ["corp", E1, "Anna", "S3cr3t", "abc", "t0ken"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert_eq!(Cassette::parse(&text).unwrap(), cassette);

    let replayer = Replayer::new(cassette, Arc::new(SystemClock));
    let answer = replayer.send(get(E2, "zoe%2By@other.test"), &Limits::default()).await.unwrap();
    let back: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((&back["envelopeId"], &back["email"]), (&json!(E2), &json!("zoe+y@other.test")));
    assert_eq!((&back["status"], &back["order"]), (&json!("sent"), &json!(2)));
    assert_eq!(back["name"], "Person 1");
    assert_eq!(answer.headers()["x-ratelimit-remaining"], "1000");
    replayer.finish().unwrap();
}
