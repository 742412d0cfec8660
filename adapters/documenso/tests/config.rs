//! The settings of an account.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{KEY, account, answer, clock, script};
use countersign_core::vendor::{CheckAccess, perform};
use countersign_core::{Error, ErrorKind, Operation, Provider};
use countersign_documenso::DESCRIPTOR;
use serde_json::{Value, json};

fn built(config: Value) -> Result<std::sync::Arc<dyn Provider>, Error> {
    countersign_testkit::build(&DESCRIPTOR, "gamma", config)
}

fn auth() -> Value {
    json!({"kind": "api_key", "api_key": KEY})
}

/// Where a request of the account goes.
async fn base(config: Value) -> String {
    let script = script(&[answer("listing")]);
    let provider = built(config).expect("an account");
    let cx = script.context(Operation::SignIn, &clock());
    let access = perform(provider.as_ref(), &cx, &CheckAccess).await.expect("access");
    access.base_url
}

#[tokio::test]
async fn the_server_is_the_operators_own_or_the_cloud() {
    for (config, wanted) in [
        (json!({"auth": auth()}), "https://app.documenso.com"),
        (json!({"environment": "staging", "auth": auth()}), "https://stg-app.documenso.com"),
        (json!({"base_url": "https://sign.example.com/api/v2/", "auth": auth()}), "https://sign.example.com"),
        (json!({"base_url": "http://127.0.0.1:3900", "auth": auth()}), "http://127.0.0.1:3900"),
    ] {
        assert_eq!(base(config.clone()).await, wanted, "{config}");
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
        json!({"base_url": "http://sign.example.com", "auth": auth()}),
        json!({"web_url": "http://sign.example.com", "auth": auth()}),
        json!({"environment": "moon", "auth": auth()}),
        json!({"region": "eu", "auth": auth()}),
    ] {
        let error = built(config.clone()).map(drop).expect_err("a mistake");
        assert_eq!(error.kind(), ErrorKind::Config, "{config}");
        assert!(!format!("{error:?} {}", error.hint()).contains(KEY), "{config}");
    }
}

#[tokio::test]
async fn the_key_is_sent_as_a_bearer_and_shown_nowhere() {
    let script = script(&[answer("listing")]);
    let cx = script.context(Operation::SignIn, &clock());
    perform(&account(), &cx, &CheckAccess).await.expect("access");
    let sent = script.finish();
    insta::assert_snapshot!(sent[0].to_string());
    assert!(!format!("{:?} {cx:?}", account()).contains(KEY));
    let page = common::script(&[]);
    page.raw(200, &[("content-type", "text/html")], "<html></html>");
    let error = perform(&account(), &page.context(Operation::SignIn, &clock()), &CheckAccess).await;
    assert_eq!(error.expect_err("a page proves nothing").kind(), ErrorKind::InvalidResponse);
}
