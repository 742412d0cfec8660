//! Userinfo: where an account lives, and tokens that it refuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{ACCOUNT, answer, config, list_at, shown};
use countersign_core::{
    AccountId, BaseUrl, Clock, ErrorKind, MemoryTokenStore, Operation, Outcome, Provider, StoredTokens,
    TokenSlot, TokenStore,
};
use countersign_docusign::{Credentials, Docusign, DocusignConfig};
use countersign_testkit::Script;

const PASSING: &str = "401 internal_server_error+reference_id";

/// A user has signed in; by this machine's clock their token is good for hours.
async fn signed_in(base: Option<&str>) -> Docusign {
    let now = common::clock().now();
    let tokens = StoredTokens::new("marked-token-1".into(), now, now + Duration::from_secs(28_800))
        .with_refresh_token(Some("marked-refresh-1".into()));
    let store = Arc::new(MemoryTokenStore::new());
    store.save("susan", &tokens, None).await.unwrap();
    let credentials = Credentials::AuthorizationCode {
        integration_key: "dddddddd-0000-4000-8000-000000000001".to_owned(),
        client_secret: None,
    };
    let config = DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), credentials);
    let config = config.with_tokens(TokenSlot::new(store as Arc<dyn TokenStore>, "susan"));
    Docusign::new(match base {
        Some(base) => config.with_base_url(BaseUrl::new(base).unwrap()),
        None => config,
    })
    .unwrap()
}

#[tokio::test]
async fn a_stored_token_that_is_dead_at_the_vendor_is_renewed_where_the_place_is_asked_for() {
    for refusals in [&["401 invalid_token"][..], &[PASSING, PASSING]] {
        let script = common::script(&[refusals, &["token_with_refresh", "userinfo", "empty"]].concat());
        let account = signed_in(None).await;
        list_at(&account, &script, &common::clock()).await.unwrap();
        script.finish();
    }
}

#[tokio::test]
async fn a_check_of_access_renews_it_too_and_later_calls_use_the_new_one() {
    for base in [None, Some("https://demo.docusign.net")] {
        let account = signed_in(base).await;
        let script = common::script(&["401 invalid_token", "token_with_refresh", "userinfo"]);
        account.check_access(&script.context(Operation::SignIn, &common::clock())).await.unwrap();
        script.finish();
        let answers: &[&str] = if base.is_some() { &["empty"] } else { &["userinfo", "empty"] };
        let script = common::script(answers);
        list_at(&account, &script, &common::clock()).await.unwrap();
        script.finish();
    }
}

#[tokio::test]
async fn a_fixed_token_is_tried_again_only_where_the_refusal_may_pass() {
    for (answers, good) in
        [(&["401 invalid_token"][..], false), (&[PASSING, PASSING], false), (&[PASSING, "userinfo"], true)]
    {
        let script = common::script(answers);
        let account = Docusign::new(config()).unwrap();
        let checked = account.check_access(&script.context(Operation::SignIn, &common::clock())).await;
        assert_eq!(checked.is_ok(), good);
        if let Err(error) = checked {
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        }
        script.finish();
    }
}

#[tokio::test]
async fn a_fixed_token_looks_up_the_place_once() {
    let account = Docusign::new(config()).unwrap();
    let clock = common::clock();
    let script = common::script(&["userinfo", "empty", "empty"]);
    list_at(&account, &script, &clock).await.unwrap();
    clock.advance(Duration::from_secs(3600));
    list_at(&account, &script, &clock).await.unwrap();
    let sent = script.finish();
    assert_eq!(sent[0].url, "https://account-d.docusign.com/oauth/userinfo");
    assert!(sent[1].url.starts_with("https://demo.docusign.net/restapi/v2.1/"), "{}", sent[1].url);
}

/// A userinfo answer whose only account lives at `base`.
fn userinfo(account: &str, base: &serde_json::Value) -> serde_json::Value {
    serde_json::json!({"sub": "s", "accounts": [{"account_id": account, "is_default": "true", "base_uri": base}]})
}

#[tokio::test]
async fn no_token_goes_to_a_host_that_is_not_docusigns() {
    let clock = common::clock();
    for base in [
        serde_json::json!("https://evil.example"),
        serde_json::json!("https://docusign.net.evil.example"),
        serde_json::json!("https://evildocusign.net"),
        serde_json::json!("http://demo.docusign.net"),
        serde_json::json!("http://127.0.0.1:80"),
        serde_json::json!("https://marked:marked@demo.docusign.net"),
        serde_json::json!("no url"),
        serde_json::Value::Null,
    ] {
        let script = Script::new();
        script.json(200, &userinfo(ACCOUNT, &base));
        let error = list_at(&Docusign::new(config()).unwrap(), &script, &clock).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{base}");
        assert_eq!(error.outcome(), Outcome::NoEffect);
        shown(&error);
        assert_eq!(script.finish().len(), 1, "{base}");
    }
    for base in ["https://na3.docusign.net", "https://docusign.net/", "https://EU.DocuSign.net/restapi"] {
        let script = Script::new();
        script.json(200, &userinfo(ACCOUNT, &base.into()));
        script.fixture(&answer("empty"));
        list_at(&Docusign::new(config()).unwrap(), &script, &clock).await.unwrap();
        assert!(!script.finish()[1].url.contains("restapi/restapi"));
    }
    // Who configured a sign-in on this machine means an API on this machine.
    let local = config().with_oauth_url(BaseUrl::new("http://localhost:9000").unwrap());
    let script = Script::new();
    script.json(200, &userinfo(ACCOUNT, &"http://localhost:9000".into()));
    script.fixture(&answer("empty"));
    list_at(&Docusign::new(local).unwrap(), &script, &clock).await.unwrap();
}

#[tokio::test]
async fn the_account_is_found_by_id_and_the_short_number_takes_the_default() {
    let clock = common::clock();
    let script = common::script(&["userinfo"]);
    let other = DocusignConfig::new(
        AccountId::new("eeeeeeee-0000-4000-8000-000000000009").unwrap(),
        config().credentials,
    );
    let error = list_at(&Docusign::new(other).unwrap(), &script, &clock).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.details().len(), 2, "the user's own accounts are listed");

    let script = common::script(&["userinfo", "empty"]);
    let short = DocusignConfig::new(AccountId::new("1703061").unwrap(), config().credentials);
    list_at(&Docusign::new(short).unwrap(), &script, &clock).await.unwrap();
    assert!(script.finish()[1].url.starts_with("https://eu.docusign.net/restapi/v2.1/accounts/1703061/"));
}
