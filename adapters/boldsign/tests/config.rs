//! Accounts from configuration and from code.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{KEY, answer, clock, script};
use countersign_boldsign::{Boldsign, BoldsignConfig, DESCRIPTOR, Region};
use countersign_core::{
    BaseUrl, Email, Error, ErrorKind, Feature, Operation, Provider, ResendRecipient, SecretString, Support,
};

fn build(table: &serde_json::Value) -> Result<std::sync::Arc<dyn Provider>, Error> {
    countersign_testkit::build(&DESCRIPTOR, "beta", table.clone())
}

async fn base_of(provider: &dyn Provider) -> String {
    let script = script(&[answer("brand_list")]);
    let access = provider.check_access(&script.context(Operation::SignIn, &clock())).await.expect("access");
    assert_eq!(script.finish()[0].url, format!("{}/v1/brand/list", access.base_url));
    access.base_url
}

#[tokio::test]
async fn each_region_has_its_host_and_a_base_url_overrides_it() {
    let auth = serde_json::json!({"kind": "api_key", "api_key": KEY});
    let hosts = [
        (serde_json::json!({"vendor": "boldsign", "auth": auth}), "https://api.boldsign.com"),
        (serde_json::json!({"region": "us", "auth": auth}), "https://api.boldsign.com"),
        (serde_json::json!({"region": "EU", "auth": auth}), "https://api-eu.boldsign.com"),
        (serde_json::json!({"region": "ca", "auth": auth}), "https://api-ca.boldsign.com"),
        (serde_json::json!({"region": "au", "auth": auth}), "https://api-au.boldsign.com"),
        (
            serde_json::json!({"region": "eu", "base_url": "https://eu-api.boldsign.com/", "auth": auth}),
            "https://eu-api.boldsign.com",
        ),
        (
            serde_json::json!({"base_url": "http://127.0.0.1:4000/boldsign", "auth": auth}),
            "http://127.0.0.1:4000/boldsign",
        ),
    ];
    for (table, host) in hosts {
        let provider = build(&table).expect(host);
        assert_eq!(base_of(provider.as_ref()).await, host);
    }
}

#[test]
fn mistakes_name_the_key_and_what_is_allowed_and_repeat_no_value() {
    let auth = serde_json::json!({"kind": "api_key", "api_key": KEY});
    let cases = [
        serde_json::json!({}),
        serde_json::json!({"auth": "x"}),
        serde_json::json!({"auth": {}}),
        serde_json::json!({"auth": {"kind": "api_key"}}),
        serde_json::json!({"auth": {"kind": "api_key", "api_key": " "}}),
        serde_json::json!({"auth": {"kind": "jwt", "api_key": KEY}}),
        serde_json::json!({"auth": {"kind": "api_key", "api_key": KEY, "api_key_file": "x"}}),
        serde_json::json!({"auth": {"kind": "api_key", "api_key": KEY, "token": KEY}}),
        serde_json::json!({"auth": {"kind": "api_key", "api_key_file": "/no/such/file"}}),
        serde_json::json!({"auth": auth, "region": "mars"}),
        serde_json::json!({"auth": auth, "oauth_url": "http://account.boldsign.com"}),
        serde_json::json!({"auth": {"kind": "client_credentials"}}),
        serde_json::json!({"auth": {"kind": "client_credentials", "client_id": "a"}}),
        serde_json::json!({"auth": {"kind": "client_credentials", "client_id": "a", "client_secret": KEY, "redirect_uri": "http://localhost/x"}}),
        serde_json::json!({"auth": {"kind": "authorization_code"}}),
        serde_json::json!({"auth": {"kind": "authorization_code", "client_id": "a", "redirect_uri": "localhost"}}),
        serde_json::json!({"auth": {"kind": "authorization_code", "client_id": "a", "api_key": KEY}}),
        serde_json::json!({"auth": auth, "base_url": "http://api.boldsign.com"}),
        serde_json::json!({"auth": auth, "base_url": "api.boldsign.com"}),
        serde_json::json!({"auth": auth, "on_behalf_of": "somebody"}),
        serde_json::json!({"auth": auth, "api_key": KEY}),
    ];
    let mut said = String::new();
    for table in cases {
        let error = build(&table).expect_err("a mistake");
        assert_eq!(error.kind(), ErrorKind::Config);
        said.push_str(&format!("{error}\n  {}\n", error.hint()));
    }
    assert!(!said.contains(KEY) && !said.contains("mars"));
    insta::assert_snapshot!(said);
}

#[test]
fn code_may_not_send_the_key_over_an_open_line_either() {
    let plain = BaseUrl::new("http://api.boldsign.com").expect("a URL");
    let config = BoldsignConfig::new(SecretString::from(KEY)).with_region(Region::Eu).with_base_url(plain);
    assert_eq!(Boldsign::new(config).expect_err("a refusal").kind(), ErrorKind::Config);
    assert_eq!(
        Boldsign::new(BoldsignConfig::new(SecretString::from(" "))).expect_err("a refusal").kind(),
        ErrorKind::Config
    );
}

#[tokio::test]
async fn the_accounts_sender_identity_counts_unless_the_call_names_another() {
    let desk = Email::new("desk@example.com").expect("an address");
    let config = BoldsignConfig::new(SecretString::from(KEY)).with_on_behalf_of(desk);
    let account = Boldsign::new(config).expect("an account");
    let other = Email::new("other@example.com").expect("an address");
    let plain = ResendRecipient::everyone(common::document());
    for (request, sender) in
        [(plain.clone(), "desk@example.com"), (plain.with_on_behalf_of(other), "other@example.com")]
    {
        let script = script(&[answer("properties_in_order"), answer("no_content")]);
        let cx = script.context(Operation::ResendRecipient, &clock());
        account.resend_recipient(&cx, &request).await.expect("a reminder");
        assert_eq!(script.finish()[1].json()["onBehalfOf"], sender);
    }
}

#[test]
fn what_is_impossible_says_why() {
    let rows = &DESCRIPTOR.facts.capabilities;
    assert!(rows.iter().all(|row| row.support != Support::Impossible || !row.conditions.is_empty()));
    for feature in [
        Feature::ListRecipients,
        Feature::CreateView,
        Feature::ResendOne,
        Feature::ResendEveryone,
        Feature::ChangeAccessCode,
        Feature::AccessCodeNotify,
        Feature::OnBehalfOf,
        Feature::Unlock,
    ] {
        DESCRIPTOR.facts.offers(feature).expect("all of these are supported");
    }
    assert_eq!(DESCRIPTOR.facts.verified_live, None);
}
