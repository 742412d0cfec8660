//! Signing in: fixed tokens, the JWT grant, where an account lives.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::{ACCOUNT, answer, coded, config, context, list_at, shown};
use countersign_core::{AccountId, BaseUrl, ErrorKind, Operation, Provider, SecretString, WebUrl};
use countersign_docusign::{Credentials, Docusign, DocusignConfig, Environment};
use countersign_testkit::{Script, Sent};
use jsonwebtoken::{Algorithm, DecodingKey};

struct Key {
    pkcs8: String,
    pkcs1: String,
    public: Vec<u8>,
}

/// A key of these tests' own, made on the spot.
fn key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
        let pem = |label: &str, der: &[u8]| {
            let text = STANDARD.encode(der);
            let lines: Vec<&str> =
                text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
        };
        Key {
            pkcs8: pem("PRIVATE KEY", der.as_ref()),
            // The older form is the newer one without its 26 bytes of header.
            pkcs1: pem("RSA PRIVATE KEY", &der.as_ref()[26..]),
            public: pair.public_key().as_ref().to_vec(),
        }
    })
}

fn jwt(pem: &str) -> Credentials {
    Credentials::Jwt {
        integration_key: "dddddddd-0000-4000-8000-000000000001".to_owned(),
        user_id: "bbbbbbbb-0000-4000-8000-000000000001".to_owned(),
        private_key: SecretString::from(pem),
    }
}

fn jwt_config() -> DocusignConfig {
    DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), jwt(&key().pkcs8))
}

fn assertion(sent: &Sent) -> String {
    sent.form().into_iter().find(|(name, _)| name == "assertion").unwrap().1
}

fn part(token: &str, at: usize) -> serde_json::Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn a_grant_is_asked_for_by_form_then_the_place_then_the_call() {
    let script = common::script(&["token", "userinfo", "empty"]);
    let clock = common::clock();
    list_at(&Docusign::new(jwt_config()).unwrap(), &script, &clock).await.unwrap();
    let sent = script.sent();
    let token = assertion(&sent[0]);
    assert_eq!(part(&token, 0), serde_json::json!({"alg": "RS256", "typ": "JWT"}));
    let now = "2026-01-01T09:30:00Z".parse::<countersign_core::Timestamp>().unwrap().as_second();
    assert_eq!(
        part(&token, 1),
        serde_json::json!({
            "iss": "dddddddd-0000-4000-8000-000000000001", "sub": "bbbbbbbb-0000-4000-8000-000000000001",
            "aud": "account-d.docusign.com", "iat": now - 30, "exp": now + 600,
            "scope": "signature impersonation",
        })
    );
    let (message, signature) = token.rsplit_once('.').unwrap();
    let public = DecodingKey::from_rsa_der(&key().public);
    let good =
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &public, Algorithm::RS256).unwrap();
    assert!(good, "the signature fits the key");
    insta::assert_snapshot!(common::sent(&script));
}

#[tokio::test]
async fn both_forms_of_a_key_and_one_with_written_line_ends_are_read() {
    let in_one_line = key().pkcs8.replace('\n', "\\n");
    let with_end = format!("{in_one_line}\n");
    for pem in [key().pkcs1.clone(), key().pkcs8.clone(), in_one_line, with_end] {
        Docusign::new(DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), jwt(&pem))).unwrap();
    }
    let cut = format!("{}marked{}", &key().pkcs8[..200], &key().pkcs8[260..]);
    for pem in ["", "marked", &cut, "-----BEGIN PUBLIC KEY-----\nbWFya2Vk\n-----END PUBLIC KEY-----\n"] {
        let error =
            Docusign::new(DocusignConfig::new(AccountId::new(ACCOUNT).unwrap(), jwt(pem))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().starts_with("`private_key`"), "{error}");
        shown(&error);
    }
}

#[tokio::test]
async fn neither_key_nor_token_shows_after_signing_in() {
    let account = Docusign::new(jwt_config()).unwrap();
    let script = common::script(&["token", "userinfo", "empty"]);
    list_at(&account, &script, &common::clock()).await.unwrap();
    let body = key().pkcs8.lines().nth(3).unwrap();
    for text in [format!("{account:?}"), format!("{:?}", jwt_config()), common::sent(&script)] {
        assert!(!text.contains(body) && !text.contains(common::MARK), "{text}");
    }
}

#[tokio::test]
async fn a_token_is_kept_and_renewed_ten_minutes_before_its_end() {
    let account = Docusign::new(jwt_config()).unwrap();
    let clock = common::clock();
    let script = common::script(&["token", "userinfo", "empty", "empty", "empty"]);
    list_at(&account, &script, &clock).await.unwrap();
    clock.advance(Duration::from_secs(60));
    list_at(&account, &script, &clock).await.unwrap();
    clock.advance(Duration::from_secs(3600 - 660 - 1));
    list_at(&account, &script, &clock).await.unwrap();
    assert_eq!(script.finish().len(), 5, "one token for three calls");
    clock.advance(Duration::from_secs(1));
    let script = common::script(&["token", "userinfo", "empty"]);
    list_at(&account, &script, &clock).await.unwrap();
    assert!(script.finish()[0].url.ends_with("/oauth/token"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let account = Docusign::new(jwt_config()).unwrap();
    let clock = common::clock();
    let script = common::script(&[
        "token",
        "userinfo",
        "401 AUTHORIZATION_INVALID_TOKEN",
        "token",
        "userinfo",
        "empty",
    ]);
    list_at(&account, &script, &clock).await.unwrap();
    script.finish();
    // Twice in a row is an answer.
    let script = common::script(&[
        "401 USER_AUTHENTICATION_FAILED",
        "token",
        "userinfo",
        "401 USER_AUTHENTICATION_FAILED",
    ]);
    let error = list_at(&account, &script, &clock).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    script.finish();
    // A fixed token cannot be renewed.
    let script = common::script(&["401 AUTHORIZATION_INVALID_TOKEN"]);
    assert_eq!(common::list(&script).await.unwrap_err().kind(), ErrorKind::Unauthenticated);
    script.finish();
}

#[tokio::test]
async fn a_fresh_token_that_userinfo_refuses_is_renewed_once() {
    const PASSING: &str = "401 internal_server_error+reference_id";
    for (answers, good) in [
        (&["token", "401 invalid_token", "token", "userinfo"][..], true),
        (&["token", "401 invalid_token", "token", "401 invalid_token"], false),
        // This one comes for good tokens as well.
        (&["token", PASSING, "userinfo"], true),
        (&["token", PASSING, PASSING, "token", "userinfo"], true),
        (&["token", PASSING, PASSING, "token", PASSING], false),
    ] {
        let script = common::script(answers);
        let checked = Docusign::new(jwt_config()).unwrap();
        let checked = checked.check_access(&context(&script, Operation::SignIn)).await;
        assert_eq!((checked.is_ok(), script.finish().len()), (good, answers.len()), "{answers:?}");
        let script = common::script(answers);
        script.fixture(&answer("empty"));
        let listed = list_at(&Docusign::new(jwt_config()).unwrap(), &script, &common::clock()).await;
        assert_eq!(listed.is_ok(), good, "{answers:?}");
        let sent = script.sent();
        let tokens: Vec<&Sent> = sent.iter().filter(|one| one.url.ends_with("/userinfo")).collect();
        assert_eq!(sent.len(), answers.len() + usize::from(good), "{tokens:?}");
    }
}

#[tokio::test]
async fn production_signs_in_elsewhere_and_overrides_name_host_and_port() {
    let clock = common::clock();
    for (config, url, audience) in [
        (
            jwt_config().with_environment(Environment::Production),
            "https://account.docusign.com/oauth/token",
            "account.docusign.com",
        ),
        (
            jwt_config().with_oauth_url(BaseUrl::new("http://127.0.0.1:9000/").unwrap()),
            "http://127.0.0.1:9000/oauth/token",
            "127.0.0.1:9000",
        ),
    ] {
        let script = common::script(&["token", "userinfo", "empty"]);
        list_at(&Docusign::new(config).unwrap(), &script, &clock).await.unwrap();
        let sent = script.finish();
        assert_eq!(sent[0].url, url);
        assert_eq!(part(&assertion(&sent[0]), 1)["aud"], audience);
    }
}

#[tokio::test]
async fn missing_consent_says_where_to_consent() {
    let clock = common::clock();
    let mut all = String::new();
    let with_uri = jwt_config().with_redirect_uri(WebUrl::new("https://app.example/callback?x=1").unwrap());
    for config in [jwt_config(), with_uri] {
        let script = common::script(&["consent_required"]);
        let error = list_at(&Docusign::new(config).unwrap(), &script, &clock).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConsentRequired);
        assert!(!error.to_string().contains("http"), "no URL on the line for the log: {error}");
        all += &shown(&error);
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn refused_grants_are_told_apart() {
    let clock = common::clock();
    let mut all = String::new();
    for name in [
        "400 invalid_grant/issuer_not_found",
        "400 invalid_grant/no_valid_keys_or_signatures",
        "400 invalid_grant/user_not_found",
        "400 invalid_grant/expired_client_token",
        "400 unsupported_grant_type",
    ] {
        let script = common::script(&[name]);
        let error = list_at(&Docusign::new(jwt_config()).unwrap(), &script, &clock).await.unwrap_err();
        script.finish();
        all += &format!("{error}\n  {}\n", error.hint());
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_refusal_at_the_sign_in_is_never_told_as_one_about_an_envelope() {
    for (status, kind) in [
        (404, ErrorKind::Config),
        (409, ErrorKind::Unauthenticated),
        (423, ErrorKind::Unauthenticated),
        (429, ErrorKind::RateLimited),
    ] {
        // Refused for the token, and refused at userinfo.
        for granted in [false, true] {
            let script = Script::new();
            if granted {
                script.json(200, &serde_json::json!({"access_token": "t-1", "expires_in": 3600}));
            }
            script.raw(status, &[], "<html>");
            let account = Docusign::new(jwt_config()).unwrap();
            let error = list_at(&account, &script, &common::clock()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{status}, granted: {granted}");
            assert!(!error.to_string().contains("envelope") && !error.hint().contains("envelope"), "{error}");
        }
    }
}

/// Refuses a grant at a time by DocuSign's clock, and tells what the error says; the caller's clock is at `NOW`.
async fn refused_at(name: &str, date: Option<&str>) -> String {
    let script = Script::new();
    let headers: Vec<(&str, &str)> = date.map(|date| ("date", date)).into_iter().collect();
    script.raw(400, &headers, coded(name).bytes());
    let error = list_at(&Docusign::new(jwt_config()).unwrap(), &script, &common::clock()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    format!("{}: {error}\n  {}\n", date.unwrap_or("no date"), error.hint())
}

#[tokio::test]
async fn a_wrong_clock_and_a_wrong_key_are_told_apart_by_the_vendors_own_time() {
    let mut all = String::new();
    for date in [
        Some("Thu, 01 Jan 2026 09:24:48 GMT"),
        Some("Thu, 01 Jan 2026 09:31:01 GMT"),
        Some("Thu, 01 Jan 2026 09:31:00 GMT"),
        Some("Thu, 01 Jan 2026 09:29:00 GMT"),
        Some("soon"),
        None,
    ] {
        all += &refused_at("400 invalid_grant/no_valid_keys_or_signatures", date).await;
    }
    for date in [Some("Thu, 01 Jan 2026 10:30:00 GMT"), Some("Thu, 01 Jan 2026 09:30:00 GMT")] {
        all += &refused_at("400 invalid_grant/expired_client_token", date).await;
    }
    all += &refused_at("400 invalid_grant/user_not_found", Some("Thu, 01 Jan 2026 10:30:00 GMT")).await;
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_sign_in_without_a_token_is_an_unreadable_answer() {
    let clock = common::clock();
    for body in [serde_json::json!({}), serde_json::json!([]), serde_json::json!({"access_token": ""})] {
        let script = Script::new();
        script.json(200, &body);
        let error = list_at(&Docusign::new(jwt_config()).unwrap(), &script, &clock).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
}

#[tokio::test]
async fn access_is_checked_at_userinfo_or_at_the_account_itself() {
    let check = async |account: Docusign, script: &Arc<Script>| {
        account.check_access(&context(script, Operation::SignIn)).await
    };
    let script = common::script(&["token", "userinfo"]);
    let access = check(Docusign::new(jwt_config()).unwrap(), &script).await.unwrap();
    assert_eq!(access.base_url, "https://demo.docusign.net");
    assert_eq!(
        (access.account.as_deref(), access.user.as_deref()),
        (Some("Acme"), Some("susan@example.com"))
    );

    // Both hosts configured, as for a sandbox.
    let local = BaseUrl::new("http://127.0.0.1:9000").unwrap();
    let script = common::script(&["userinfo"]);
    let account = Docusign::new(config().with_base_url(local.clone()).with_oauth_url(local)).unwrap();
    let access = check(account, &script).await.unwrap();
    assert_eq!(access.base_url, "http://127.0.0.1:9000");

    // Only the API's host is known: no host can be asked who the user is.
    let script = common::script(&["empty"]);
    let access = check(common::account(), &script).await.unwrap();
    assert_eq!((access.account.as_deref(), access.user), (Some(ACCOUNT), None));
    assert!(script.finish()[0].url.ends_with(&format!("/restapi/v2.1/accounts/{ACCOUNT}")));
}
