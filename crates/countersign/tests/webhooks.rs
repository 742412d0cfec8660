//! Taking webhooks: configuration, limits, and the extractor for axum.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use countersign::provider::Descriptor;
use countersign::provider::Facts;
use countersign::secrecy::SecretString;
use countersign::webhook::{
    IncomingWebhook, Notification, NotificationKey, Received, Webhook, WebhookEvent, WebhookRefusal,
    WebhookRefused, fresh, hmac_sha256,
};
use countersign::{Config, Error, ErrorKind, Problem, Timestamp};
use countersign_testkit::FakeClock;
use http::HeaderMap;

/// A made-up vendor: a sender that names the secret in a header is believed, and the body is its stamp in seconds.
const FACTS: &str = r#"
title = "Acme Sign"

[webhook]
guide = "ask acme"
max_age = "60s"
answer_within = "5s"
covers = "body"
evidence = "documented"
source = "docs.example"
"#;

fn receive(incoming: &IncomingWebhook<'_>) -> Result<Received, WebhookRefused> {
    let refused = |reason| WebhookRefused::new("acme", reason, "not taken");
    if incoming.headers.contains_key("check") {
        return Ok(Received::Check);
    }
    let key = incoming.headers.get("signature").ok_or_else(|| refused(WebhookRefusal::SignatureMissing))?;
    let right = incoming.secrets.iter().any(|secret| {
        // The shortest way to compare without showing it.
        let tag = hmac_sha256(secret, &[incoming.body]);
        tag.is(&wire(key.to_str().unwrap_or_default(), incoming.body))
    });
    if !right {
        return Err(refused(WebhookRefusal::SignatureWrong));
    }
    let text = std::str::from_utf8(incoming.body).unwrap_or_default();
    let stamp = text.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    fresh("acme", incoming, stamp.ok_or_else(|| refused(WebhookRefusal::Unreadable))?)?;
    let key = NotificationKey::derived("acme", &[text]);
    Ok(Received::one(Notification::new("acme", WebhookEvent::EnvelopeSent, "sent", key)))
}

/// The signature that a sender with this secret presents.
fn wire(secret: &str, body: &[u8]) -> Vec<u8> {
    let key = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = key.expect("any length");
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}
use hmac::{KeyInit, Mac};

static ACME: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: Some(receive),
    build: |_| Err(Error::new(ErrorKind::Config, "none")),
    offline: || Err(Error::new(ErrorKind::Config, "none")),
};

static MUTE: Descriptor = Descriptor {
    name: "mute",
    facts: LazyLock::new(|| Facts::load("mute", r#"title = "Mute""#)),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: None,
    build: |_| Err(Error::new(ErrorKind::Config, "none")),
    offline: || Err(Error::new(ErrorKind::Config, "none")),
};

fn webhook() -> Webhook {
    let clock = FakeClock::at("1970-01-01T00:16:40Z");
    Webhook::new(&ACME, vec![SecretString::from("marked-secret")]).unwrap().with_clock(Arc::new(clock))
}

fn headers(name: &'static str, value: &str) -> HeaderMap {
    HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
}

fn reason(webhook: &Webhook, headers: &HeaderMap, body: &[u8]) -> WebhookRefusal {
    webhook.receive("", headers, body).unwrap_err().reason
}

#[test]
fn age_and_length_have_limits_that_can_be_set() {
    let signed = headers("signature", "marked-secret");
    assert!(webhook().receive("", &signed, b"940").is_ok());
    assert!(webhook().receive("", &signed, b"1300").is_ok());
    assert_eq!(reason(&webhook(), &signed, b"939"), WebhookRefusal::TooOld);
    assert_eq!(reason(&webhook(), &signed, b"1301"), WebhookRefusal::FromTheFuture);
    assert!(webhook().with_max_age(Duration::from_secs(61)).receive("", &signed, b"939").is_ok());
    let short = webhook().with_body_limit(3);
    assert!(short.receive("", &signed, b"999").is_ok());
    assert_eq!(reason(&short, &signed, b"0999"), WebhookRefusal::TooLarge);
    assert_eq!(
        reason(&webhook(), &HeaderMap::new(), &vec![b'0'; Webhook::BODY_LIMIT + 1]),
        WebhookRefusal::TooLarge
    );
    assert!(!format!("{:?}", webhook()).contains("marked"));
}

#[test]
fn a_vendor_without_webhooks_has_no_receiver() {
    let error = Webhook::new(&MUTE, Vec::new()).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Unsupported, "webhooks of mute are not supported")
    );
}

#[test]
fn an_empty_secret_is_none() {
    for empty in ["", " \n"] {
        let secrets = vec![SecretString::from("marked-secret"), SecretString::from(empty)];
        let error = Webhook::new(&ACME, secrets).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Config, "a webhook secret is empty"));
    }
}

#[test]
fn each_refusal_has_a_status_a_word_and_a_hint() {
    let statuses: Vec<String> = WebhookRefusal::ALL
        .iter()
        .map(|reason| WebhookRefused::new("acme", *reason, ""))
        .map(|refused| format!("{} {}: {}", refused.status(), refused.reason, refused.hint()))
        .collect();
    insta::assert_snapshot!(statuses.join("\n"));
}

/// Of one test only: others write the same files, and a file that is being written is empty for a moment.
fn folder() -> std::path::PathBuf {
    let (process, test) = (std::process::id(), std::thread::current().id());
    std::env::temp_dir().join(format!("countersign-webhooks-{process}-{test:?}"))
}

fn account(keys: &str, more: &[(&str, &str)]) -> Result<usize, Error> {
    let folder = folder();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("two.secrets"), "one-marked\r\n\n  two-marked \n").unwrap();
    std::fs::write(folder.join("none.secrets"), "\n").unwrap();
    let file = folder.join(format!("{}.toml", keys.len()));
    let text = format!(
        "[accounts.acme]\nvendor = \"boldsign\"\nauth = {{ kind = \"api_key\", api_key = \"k\" }}\n{keys}\n"
    );
    std::fs::write(&file, text).unwrap();
    let variables = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = Config::read(Some(&file), variables)?;
    let account = config.account(None)?;
    account.provider()?;
    Ok(account.webhook()?.secrets())
}

#[test]
fn secrets_come_from_a_list_a_text_a_file_or_a_variable() {
    for (keys, expected) in [
        ("", 0),
        ("webhook_secrets = \"one\"", 1),
        ("webhook_secrets = [\"one\", \"two\"]", 2),
        ("webhook_secrets = [\"one\", 2, \"three\"]", 3),
        ("webhook_secrets_file = \"two.secrets\"", 2),
    ] {
        assert_eq!(account(keys, &[]).unwrap(), expected, "{keys}");
    }
    let variable = ("COUNTERSIGN_ACCOUNTS__ACME__WEBHOOK_SECRETS", "one\ntwo");
    assert_eq!(account("", &[variable]).unwrap(), 2);
}

#[test]
fn bad_secrets_are_told_without_them() {
    let many = format!("webhook_secrets = [{}]", "\"marked\",".repeat(101));
    let mut shown = String::new();
    for keys in [
        "webhook_secrets = \"\"",
        "webhook_secrets = [\"marked\", \"\"]",
        "webhook_secrets = [\"marked\", [\"marked\"]]",
        "webhook_secrets = { a = \"marked\" }",
        "webhook_secrets = \"marked\"\nwebhook_secrets_file = \"two.secrets\"",
        "webhook_secrets = [\"marked\"]\nwebhook_secrets_file = \"two.secrets\"",
        "webhook_secrets_file = \"none.secrets\"",
        "webhook_secrets_file = \"missing\"",
        "webhook_secret = \"marked\"",
        &many,
    ] {
        let error = account(keys, &[]).unwrap_err();
        let line = format!("{}\n  {}\n", error.message(), error.hint());
        let folder = folder();
        shown.push_str(&line.replace(&format!("{}/{}.toml", folder.display(), keys.len()), "FILE"));
    }
    assert!(!shown.contains("marked"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[cfg(feature = "axum")]
mod axum_extractor {
    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use axum::routing::post;
    use countersign::webhook::VerifiedWebhook;
    use tower::ServiceExt;

    use super::*;

    async fn hook(VerifiedWebhook(received): VerifiedWebhook) -> String {
        received.notifications().pop().map_or("check".to_owned(), |told| told.vendor_event)
    }

    async fn answer(request: Request<Body>) -> (StatusCode, String) {
        let app = Router::new().route("/hook", post(hook)).with_state(webhook().with_body_limit(4));
        let response = app.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn request(headers: &[(&str, &str)], body: &'static str) -> Request<Body> {
        let mut request = Request::post("/hook");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from(body)).unwrap()
    }

    #[tokio::test]
    async fn a_handler_gets_what_was_checked_and_nothing_else() {
        let signature = ("signature", "marked-secret");
        for (headers, body, expected) in [
            (vec![signature], "1000", (StatusCode::OK, "sent")),
            (vec![("check", "1")], "", (StatusCode::OK, "check")),
            (vec![("signature", "x")], "1000", (StatusCode::UNAUTHORIZED, "not taken\n")),
            (vec![], "1000", (StatusCode::UNAUTHORIZED, "not taken\n")),
            (vec![signature], "abc", (StatusCode::BAD_REQUEST, "not taken\n")),
            (
                vec![signature],
                "01000",
                (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or was interrupted\n"),
            ),
            (
                vec![signature, ("content-length", "99999")],
                "1000",
                (StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 4 bytes\n"),
            ),
        ] {
            let (status, text) = answer(request(&headers, body)).await;
            assert_eq!((status, text.as_str()), expected);
        }
    }
}
