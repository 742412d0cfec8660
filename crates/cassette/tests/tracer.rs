//! What a trace shows to the vendor's support, and what it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use countersign_cassette::Tracer;
use countersign_core::{
    Limits, Phase, SystemClock, Transport, TransportError, TransportFault, escape_control,
};
use serde_json::{Value, json};

const PLANTED: [&str; 9] = [
    "K3y-of-the-account",
    "t0ken-of-the-user",
    "C0de-23",
    "C0de \"q\" 99",
    "l1nk-of-anna",
    "4ssertion.of.us",
    "cl1ent-secret",
    "Anna Zoë",
    "anna.zoe",
];

type Answer = Result<http::Response<&'static str>, (TransportFault, Phase)>;

/// Answers in order; without an answer it never does.
#[derive(Debug)]
struct Vendor(Mutex<Vec<Answer>>);

#[async_trait::async_trait]
impl Transport for Vendor {
    async fn send(
        &self,
        _request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let next = self.0.lock().unwrap().pop();
        match next {
            Some(Ok(answer)) => Ok(answer.map(|body| Bytes::from_static(body.as_bytes()))),
            Some(Err((fault, phase))) => Err(TransportError::new(fault, phase).with_source("l1nk-of-anna")),
            None => std::future::pending().await,
        }
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Answer {
    let mut answer = http::Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    Ok(answer.body(body).unwrap())
}

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> http::Request<Bytes> {
    let mut request =
        http::Request::builder().method(method).uri(url).body(Bytes::from(body.to_owned())).unwrap();
    for (name, value) in headers {
        let mut value = http::HeaderValue::from_str(value).unwrap();
        value.set_sensitive(["authorization", "x-api-key"].contains(name));
        request.headers_mut().insert(http::HeaderName::try_from(*name).unwrap(), value);
    }
    request
}

/// The lines of a trace of these exchanges, without times.
async fn traced(exchanges: Vec<(http::Request<Bytes>, Option<Answer>)>) -> String {
    let (requests, answers): (Vec<_>, Vec<_>) = exchanges.into_iter().unzip();
    let answers: Vec<Answer> = answers.into_iter().rev().flatten().collect();
    let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&lines);
    let vendor = Arc::new(Vendor(Mutex::new(answers)));
    let tracer =
        Tracer::new(vendor, Arc::new(SystemClock), move |line| kept.lock().unwrap().push(line.clone()));
    for request in requests {
        let limits = Limits::default();
        // A call that is abandoned is polled once and dropped.
        tokio::select! {
            biased;
            _ = tracer.send(request, &limits) => {}
            () = std::future::ready(()) => {}
        }
    }
    let mut lines = lines.lock().unwrap();
    let text = serde_json::to_string(&*lines).unwrap();
    for secret in PLANTED {
        let inside = serde_json::to_string(secret).unwrap();
        assert!(!text.contains(secret) && !text.contains(inside.trim_matches('"')), "{secret}: {text}");
    }
    assert_eq!(text, escape_control(&text));
    for line in lines.iter_mut() {
        assert!(line["at"].is_string() && line["duration_ms"].is_number());
        line.as_object_mut().unwrap().retain(|name, _| name != "at" && name != "duration_ms");
    }
    serde_json::to_string_pretty(&*lines).unwrap()
}

#[tokio::test]
async fn a_change_of_a_code_shows_who_differs_and_no_code() {
    let request = request(
        "PUT",
        "https://u:cl1ent-secret@api.example.com/v1/envelopes/5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001/recipients?resend=true",
        &[("authorization", "Bearer t0ken-of-the-user"), ("content-type", "application/json")],
        r#"{"signers":[{"recipientId":"1","name":"Anna Zoë","accessCode":"C0de \"q\" 99"}]}"#,
    );
    let answer = answer(
        400,
        &[
            ("content-type", "application/json"),
            ("x-acme-tracetoken", "5e29dc8d-54bb"),
            ("x-ratelimit-remaining", "12"),
            ("x-rate-limit-limit", "1h"),
            ("x-rate-limit-reset", "2026-11-22T10:00:00.0000000Z"),
            ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
            ("set-cookie", "session=C0de-23"),
            ("x-forwarded-for", "anna.zoe@example.com"),
        ],
        r#"{"errorCode":"BAD","message":"code C0de \"q\" 99 of anna.zoe@example.com (t0ken-of-the-user) is bad: https://app.example.com/s?t=l1nk-of-anna",
            "signers":[{"name":"Anna Zoë","userName":"Anna  Zoe","email":"anna.zoe@example.com","accessCode":"C0de-23","phoneNumber":"49123","deliveryMethod":"email"}]}"#,
    );
    insta::assert_snapshot!(traced(vec![(request, Some(answer))]).await);
}

#[tokio::test]
async fn a_key_an_address_in_the_query_and_a_link_that_was_asked_for() {
    let request = request(
        "GET",
        "https://api.example.com/v1/document/getLink?documentId=d-1&signerEmail=anna.zoe%2Bx%40example.com&redirectUrl=https%3A%2F%2Fapp.example.com%2Fback%3Ft%3DC0de-23",
        &[("x-api-key", "K3y-of-the-account")],
        "",
    );
    let answer = answer(
        200,
        &[("x-request-id", "r-1")],
        r#"{"signLink":"https://app.example.com/sign?token=l1nk-of-anna","note":"sign with K3y-of-the-account"}"#,
    );
    insta::assert_snapshot!(traced(vec![(request, Some(answer))]).await);
}

#[tokio::test]
async fn a_sign_in_shows_neither_what_was_sent_nor_what_was_got() {
    let request = request(
        "POST",
        "https://account.example.com/oauth/token",
        &[("content-type", "application/x-www-form-urlencoded")],
        "grant_type=urn%3Ajwt&assertion=4ssertion.of.us&client_secret=cl1ent-secret&code=C0de-23&scope=sign",
    );
    let answer = answer(
        200,
        &[],
        r#"{"access_token":"t0ken-of-the-user","token_type":"Bearer","expires_in":3600,"debug":"4ssertion.of.us"}"#,
    );
    insta::assert_snapshot!(traced(vec![(request, Some(answer))]).await);
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_and_a_body_that_is_cut() {
    let request = || {
        let body = r#"{"newAccessCode":"C0de-23","accessCode":"C0de-23"}"#;
        request("PUT", "https://api.example.com/x", &[("x-api-key", "K3y-of-the-account")], body)
    };
    let page = "<html>\u{1b}[2Jcode C0de-23 for anna.zoe@example.com; X-API-KEY: K3y-of-the-account</html>";
    let cut = r#"{"accessCode":"C0de-23","signLink":"https://app.example.com/l1nk-of-anna"#;
    let exchanges = vec![(request(), Some(answer(502, &[], page))), (request(), Some(answer(200, &[], cut)))];
    insta::assert_snapshot!(traced(exchanges).await);
}

#[tokio::test]
async fn what_got_no_answer_says_whether_the_request_may_have_arrived() {
    let get = || request("GET", "https://api.example.com/x", &[], "");
    let timeout = Err((TransportFault::Timeout, Phase::AfterSending));
    let shown: Value =
        serde_json::from_str(&traced(vec![(get(), Some(timeout)), (get(), None)]).await).unwrap();
    assert_eq!(shown[0]["fault"], json!({"kind": "timeout", "may_have_arrived": true}));
    assert!(shown[1].get("fault").is_none() && shown[1].get("answer").is_none(), "abandoned");
}

#[tokio::test]
async fn a_code_that_was_set_is_redacted_in_later_answers() {
    let set = request("PUT", "https://api.example.com/x", &[], r#"{"accessCode":"C0de-23"}"#);
    let list = request("GET", "https://api.example.com/x", &[], "");
    let shown = traced(vec![
        (set, Some(answer(204, &[], ""))),
        (list, Some(answer(400, &[], r#"{"message":"still C0de-23"}"#))),
    ])
    .await;
    assert!(shown.contains("still {secret:1}"), "{shown}");
}
