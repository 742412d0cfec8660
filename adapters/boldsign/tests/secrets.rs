//! Keys, codes and links show up nowhere.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{CODE, KEY, TOKEN, account, answer, change, code, document, named, return_url, script, view};
use countersign_boldsign::BoldsignConfig;
use countersign_core::{ChangeAccessCode, CreateView, SecretString};
use countersign_testkit::Script;

fn is_clean(what: &str, text: &str) {
    for secret in [KEY, CODE, TOKEN] {
        assert!(!text.contains(secret), "{what} shows a secret: {text}");
    }
}

#[tokio::test]
async fn an_echo_of_code_and_key_is_taken_out_of_every_form_of_an_error() {
    let echo = serde_json::json!({
        "title": format!("The value '{CODE}' is not valid for key {KEY}."),
        "errors": {"AccessCode": [format!("{CODE} is too weak")]},
        "accessCode": CODE,
    });
    for status in [400, 401, 403, 409, 500] {
        let script = script(&[answer("properties_in_order")]);
        script.json(status, &echo);
        let request = ChangeAccessCode::new(document(), named("email:ben@example.com"), code());
        let error = change(&script, &request).await.expect_err("a refusal");
        is_clean("Debug", &format!("{error:?}"));
        is_clean("Display", &error.to_string());
        is_clean("JSON", &serde_json::to_string(&error).expect("JSON"));
        is_clean("the request's Debug", &format!("{request:?}"));
        for sent in script.finish() {
            is_clean("a snapshot", &sent.to_string());
        }
    }
}

#[tokio::test]
async fn a_link_is_shown_by_nothing_but_expose() {
    let script = script(&[answer("properties_in_order"), answer("sign_link")]);
    let request = CreateView::new(document(), named("email:ben@example.com"), return_url());
    let view = view(&script, &request).await.expect("a link");
    is_clean("the reply's Debug", &format!("{view:?}"));
    assert!(view.link.expose().contains(TOKEN));
}

#[tokio::test]
async fn an_unreadable_link_is_not_repeated() {
    for body in [
        format!(r#"{{"signLink":"ftp://x/{TOKEN}"}}"#),
        format!(r#"{{"signLink":["https://x/{TOKEN}"]}}"#),
        format!(r#"{{"signLink":"https://x/{TOKEN}"#),
    ] {
        let script: std::sync::Arc<Script> = script(&[answer("properties_in_order")]);
        script.raw(200, &[], body);
        let request = CreateView::new(document(), named("email:ben@example.com"), return_url());
        let error = view(&script, &request).await.expect_err("no link");
        is_clean("Debug", &format!("{error:?}"));
        is_clean("JSON", &serde_json::to_string(&error).expect("JSON"));
    }
}

#[test]
fn an_account_hides_its_key() {
    is_clean("the account's Debug", &format!("{:?}", account()));
    is_clean("the configuration's Debug", &format!("{:?}", BoldsignConfig::new(SecretString::from(KEY))));
}
