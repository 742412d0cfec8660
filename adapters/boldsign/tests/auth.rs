//! Signing in at BoldSign: tokens for an application and for a person, and their renewal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Says, answer, application, clock, document, refusal, refused, script};
use countersign_boldsign::{Boldsign, BoldsignConfig, Credentials, Region};
use countersign_core::{
    BaseUrl, Clock, Context, ErrorKind, ExposeSecret, ListRecipients, MemoryTokenStore, Operation, Provider,
    Result, SecretString, StoredTokens, TokenSlot, TokenStore, Transport, WebUrl,
};
use countersign_testkit::{FakeClock, Fixture, Script, Yielding};

async fn list_at(account: &Boldsign, script: &Arc<Script>, clock: &Arc<FakeClock>) -> Result<()> {
    let cx = script.context(Operation::ListRecipients, clock);
    account.list_recipients(&cx, &ListRecipients::new(document())).await.map(drop)
}

fn any(name: &str) -> Fixture {
    match name {
        "invalid_grant" => refused(400, Says::Word("invalid_grant")),
        refused if refused.contains("_4") => refusal(refused),
        answered => answer(answered),
    }
}

fn played(names: &[&str]) -> Arc<Script> {
    let fixtures: Vec<Fixture> = names.iter().map(|name| any(name)).collect();

    script(&fixtures)
}

/// An account of a person, and the store behind it; signed in with an hour's token if `left` seconds are given.
async fn person(
    secret: Option<&str>,
    left: Option<u64>,
) -> (Boldsign, Arc<MemoryTokenStore>, Arc<FakeClock>) {
    let (store, clock) = (Arc::new(MemoryTokenStore::new()), clock());
    if let Some(left) = left {
        let end = clock.now() + Duration::from_secs(left);
        let tokens = StoredTokens::new("TOKEN-MARKED-1".into(), end - Duration::from_secs(3600), end)
            .with_refresh_token(Some("REFRESH-MARKED-1".into()));
        store.save("susan", &tokens, None).await.unwrap();
    }
    let credentials = Credentials::AuthorizationCode {
        client_id: "app-1".to_owned(),
        client_secret: secret.map(SecretString::from),
        redirect_uri: None,
        tokens: TokenSlot::new(Arc::clone(&store) as Arc<dyn TokenStore>, "susan"),
    };
    (Boldsign::new(BoldsignConfig::with_credentials(credentials)).unwrap(), store, clock)
}

async fn stored_refresh(store: &MemoryTokenStore) -> String {
    let (tokens, _) = store.load("susan").await.unwrap().unwrap();
    tokens.refresh_token.unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn an_application_asks_for_a_token_with_its_secret() {
    let script = played(&["token", "properties_in_order", "properties_in_order"]);
    let (account, clock) = (application(), clock());
    list_at(&account, &script, &clock).await.unwrap();
    clock.advance(Duration::from_secs(3299));
    list_at(&account, &script, &clock).await.unwrap();
    let text = common::shown(&script);
    clock.advance(Duration::from_secs(1));
    let script = played(&["token", "properties_in_order"]);
    list_at(&account, &script, &clock).await.unwrap();
    let again = common::shown(&script);
    assert!(!format!("{text}{again}{account:?}").contains("MARKED"));
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let (account, clock) = (application(), clock());
    let script = played(&["token", "any_401", "token", "properties_in_order"]);
    list_at(&account, &script, &clock).await.unwrap();
    script.finish();
    let script = played(&["any_401", "token", "any_401"]);
    assert_eq!(list_at(&account, &script, &clock).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    script.finish();
}

/// Calls of a thousand tasks at once; answers how many requests for tokens there were.
async fn at_once(account: Boldsign, clock: &Arc<FakeClock>, token: &str) -> usize {
    let (account, script) = (Arc::new(account), played(&[token]));
    (0..1000).for_each(|_| script.fixture(&answer("properties_in_order")));
    let slow = Yielding::new(Arc::clone(&script) as Arc<dyn Transport>);
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let account = Arc::clone(&account);
            let clock = Arc::clone(clock) as Arc<dyn Clock>;
            let cx = Context::new(Operation::ListRecipients, Arc::clone(&slow) as Arc<dyn Transport>, clock);
            tokio::spawn(async move {
                account.list_recipients(&cx, &ListRecipients::new(document())).await.map(drop)
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    script.finish().iter().filter(|one| one.url.ends_with("/connect/token")).count()
}

#[tokio::test]
async fn a_thousand_calls_with_an_expired_token_make_one_request_for_tokens() {
    assert_eq!(at_once(application(), &clock(), "token").await, 1);
    let (account, store, clock) = person(None, Some(0)).await;
    assert_eq!(at_once(account, &clock, "token_with_refresh").await, 1);
    assert_eq!(stored_refresh(&store).await, "REFRESH-MARKED-2");
}

#[tokio::test]
async fn a_failed_request_for_a_token_is_not_repeated_by_those_who_come_right_after() {
    let (account, clock) = (application(), clock());
    let script = played(&["signin_400_invalid_client"]);
    for _ in 0..5 {
        let error = list_at(&account, &script, &clock).await.unwrap_err();
        assert_eq!(error.provider_code(), Some("invalid_client"));
    }
    assert_eq!(script.finish().len(), 1);
}

#[tokio::test]
async fn a_nonsensical_life_of_a_token_storms_nobody() {
    for (life, good_for) in [
        (serde_json::json!(u64::MAX), 86_400),
        (serde_json::json!("7200"), 6_000),
        (serde_json::json!(-5), 3_299),
        (serde_json::json!(null), 3_299),
    ] {
        let (account, clock) = (application(), clock());
        let script = Script::new();
        script.json(200, &serde_json::json!({"access_token": "TOKEN-MARKED", "expires_in": life}));
        script.fixture(&answer("properties_in_order"));
        script.fixture(&answer("properties_in_order"));
        list_at(&account, &script, &clock).await.unwrap();
        clock.advance(Duration::from_secs(good_for));
        list_at(&account, &script, &clock).await.unwrap();
        script.finish();
    }
}

#[tokio::test]
async fn a_person_signs_in_and_each_refresh_token_is_used_once() {
    let mut all = String::new();
    for secret in [None, Some("CLIENT-SECRET-MARKED")] {
        let (account, store, clock) = person(secret, None).await;
        let grant = account.code_grant().unwrap();
        let pending = grant.begin(WebUrl::new("http://127.0.0.1:8712/callback").unwrap()).unwrap();
        let state = pending.url().split_once("state=").unwrap().1.split('&').next().unwrap();
        let script = played(&["token_with_refresh"]);
        let cx = script.context(Operation::SignIn, &clock);
        grant.finish(&cx, &pending, &format!("code=CODE-MARKED&state={state}")).await.unwrap();
        all += &common::shown(&script);
        assert_eq!(stored_refresh(&store).await, "REFRESH-MARKED-2");
        clock.advance(Duration::from_secs(3300));
        let script = played(&["token_with_refresh", "properties_in_order"]);
        list_at(&account, &script, &clock).await.unwrap();
        let refreshed = script.sent()[0].form();
        assert!(refreshed.contains(&("refresh_token".to_owned(), "REFRESH-MARKED-2".to_owned())));
        all += &common::shown(&script);
        let challenge = pending.url().split_once("code_challenge=").unwrap().1.split('&').next().unwrap();
        all += &pending.url().replace(state, "[state]").replace(challenge, "[challenge]");
        all += "\n\n";
    }
    assert!(!all.contains("MARKED"), "{all}");
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_used_refresh_token_asks_for_a_new_sign_in() {
    let (account, _, clock) = person(None, Some(0)).await;
    let script = played(&["invalid_grant"]);
    let error = list_at(&account, &script, &clock).await.unwrap_err();
    script.finish();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    insta::assert_snapshot!(format!("{error}\n  {}", error.hint()));
}

#[tokio::test]
async fn access_is_checked_with_a_call_within_the_scope() {
    let script = played(&["token", "document_list"]);
    let access = application().check_access(&script.context(Operation::SignIn, &clock())).await.unwrap();
    assert_eq!(access.base_url, "https://api.boldsign.com");
    let sent = script.finish();
    assert_eq!(sent[1].url, "https://api.boldsign.com/v1/document/list");
    assert_eq!(sent[1].query_values("Page"), ["1"]);
}

#[tokio::test]
async fn each_region_has_its_host_for_tokens_and_a_url_overrides_it() {
    let credentials = || Credentials::ClientCredentials {
        client_id: "app-1".to_owned(),
        client_secret: SecretString::from("CLIENT-SECRET-MARKED"),
        tokens: TokenSlot::memory(),
    };
    let config = || BoldsignConfig::with_credentials(credentials());
    let own = BaseUrl::new("http://127.0.0.1:4000").unwrap();
    for (config, host) in [
        (config(), "https://account.boldsign.com"),
        (config().with_region(Region::Eu), "https://account-eu.boldsign.com"),
        (config().with_region(Region::Ca), "https://account-ca.boldsign.com"),
        (config().with_region(Region::Au), "https://account-au.boldsign.com"),
        (config().with_region(Region::Eu).with_oauth_url(own), "http://127.0.0.1:4000"),
    ] {
        let script = played(&["token", "properties_in_order"]);
        list_at(&Boldsign::new(config).unwrap(), &script, &clock()).await.unwrap();
        assert_eq!(script.finish()[0].url, format!("{host}/connect/token"));
    }
    let open = BaseUrl::new("http://account.boldsign.com").unwrap();
    assert_eq!(Boldsign::new(config().with_oauth_url(open)).unwrap_err().kind(), ErrorKind::Config);
}
