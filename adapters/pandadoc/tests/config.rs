//! The settings of an account.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{KEY, account, answer, clock, script, view};
use countersign_core::vendor::{CheckAccess, perform};
use countersign_core::{Error, ErrorKind, Operation, Provider, WebUrl};
use countersign_pandadoc::DESCRIPTOR;
use serde_json::{Value, json};

fn built(config: Value) -> Result<std::sync::Arc<dyn Provider>, Error> {
    countersign_testkit::build(&DESCRIPTOR, "delta", config)
}

fn auth() -> Value {
    json!({"kind": "api_key", "api_key": KEY})
}

#[tokio::test]
async fn the_host_is_the_regions_or_another_one() {
    for (config, wanted) in [
        (json!({"auth": auth()}), "https://api.pandadoc.com"),
        (json!({"region": "eu", "auth": auth()}), "https://api.pandadoc.eu"),
        (json!({"base_url": "http://127.0.0.1:3900/public/v1/", "auth": auth()}), "http://127.0.0.1:3900"),
    ] {
        let script = script(&[answer("member")]);
        let provider = built(config.clone()).expect("an account");
        let cx = script.context(Operation::SignIn, &clock());
        let access = perform(provider.as_ref(), &cx, &CheckAccess).await.expect("access");
        assert_eq!(
            (access.base_url.as_str(), access.account.as_deref()),
            (wanted, Some("Sales")),
            "{config}"
        );
    }
}

#[test]
fn a_mistake_names_the_key_and_repeats_no_value() {
    for config in [
        json!({}),
        json!({"auth": {"kind": "oauth"}}),
        json!({"auth": {"api_key": KEY}}),
        json!({"auth": {"kind": "api_key"}}),
        json!({"auth": {"kind": "api_key", "api_key": " "}}),
        json!({"auth": {"kind": "client_credentials"}}),
        json!({"base_url": "http://api.example.com", "auth": auth()}),
        json!({"app_url": "http://app.example.com", "auth": auth()}),
        json!({"region": "moon", "auth": auth()}),
        json!({"environment": "cloud", "auth": auth()}),
    ] {
        let error = built(config.clone()).map(drop).expect_err("a mistake");
        assert_eq!(error.kind(), ErrorKind::Config, "{config}");
        assert!(!format!("{error:?} {}", error.hint()).contains(KEY), "{config}");
    }
}

#[tokio::test]
async fn the_key_is_sent_behind_its_word_and_shown_nowhere() {
    let script = script(&[answer("member")]);
    let cx = script.context(Operation::SignIn, &clock());
    perform(&account(), &cx, &CheckAccess).await.expect("access");
    insta::assert_snapshot!(script.finish()[0].to_string());
    assert!(!format!("{:?} {cx:?}", account()).contains(KEY));
    for (kind, page) in [("text/html", "<html></html>"), ("application/json", "{}")] {
        let other = common::script(&[]);
        other.raw(200, &[("content-type", kind)], page);
        let error = perform(&account(), &other.context(Operation::SignIn, &clock()), &CheckAccess).await;
        assert_eq!(error.expect_err("it proves nothing").kind(), ErrorKind::InvalidResponse);
    }
    assert!(view(&common::script(&[]), "email:anna@example.com").await.is_err());
}

/// The page and the tokens are at different hosts.
#[test]
fn a_user_signs_in_at_the_application_and_tokens_come_from_the_api() {
    let provider =
        built(json!({"auth": {"kind": "authorization_code", "client_id": "app", "client_secret": "s"}}));
    let provider = provider.expect("an account");
    let grant = provider.code_grant().expect("a sign-in");
    let pending =
        grant.begin(WebUrl::new("https://app.example.com/back").expect("a URL")).expect("a sign-in");
    let start = "https://app.pandadoc.com/oauth2/authorize?response_type=code&client_id=app";
    assert!(pending.url().starts_with(start), "{}", pending.url());
    assert!(
        pending.url().contains("&scope=read%20write&"),
        "the documented `read+write` is two words in a query"
    );
    assert!(format!("{provider:?}").contains("api.pandadoc.com"));
}
