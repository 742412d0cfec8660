//! An account's table in a configuration file.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::MARK;
use countersign_core::{ErrorKind, Result, Settings};
use countersign_docusign::{Credentials, DESCRIPTOR, Docusign, DocusignConfig};
use serde_json::{Value, json};

fn build(table: Value) -> Result<()> {
    countersign_testkit::build(&DESCRIPTOR, "acme", table).map(drop)
}

const KEY: &str = "dddddddd-0000-4000-8000-000000000001";
const USER: &str = "EEEEEEEE-0000-8000-8000-000000000001";

fn token() -> Value {
    json!({"kind": "token", "token": "marked-token"})
}

#[test]
fn the_documented_tables_are_read() {
    build(json!({"vendor": "docusign", "account_id": "a", "environment": "Demo", "auth": token()})).unwrap();
    build(json!({
        "vendor": "docusign", "account_id": 1703061, "base_url": "http://127.0.0.1:9000", "auth": token(),
    }))
    .unwrap();
    build(json!({
        "account_id": "a", "oauth_url": "http://localhost:9000", "base_url": "http://localhost:9000/restapi",
        "redirect_uri": "https://app.example/callback", "auth": token(),
    }))
    .unwrap();
    for auth in [
        json!({"kind": "authorization_code", "integration_key": KEY}),
        // As an environment variable has it that a command wrote.
        json!({"kind": "authorization_code", "integration_key": format!(" {KEY}\r\n")}),
        json!({"kind": "authorization_code", "integration_key": KEY, "client_secret": "marked"}),
        json!({"kind": "authorization_code", "integration_key": KEY, "redirect_uri": "http://localhost:8712/callback"}),
    ] {
        build(json!({"account_id": "a", "environment": "production", "auth": auth})).unwrap();
    }
}

#[test]
fn mistakes_are_told_with_key_and_place_and_what_is_allowed() {
    let mut all = String::new();
    for table in [
        json!({"auth": token()}),
        json!({"account_id": "", "environment": "demo", "auth": token()}),
        json!({"account_id": "..", "environment": "demo", "auth": token()}),
        json!({"account_id": "a", "auth": token()}),
        json!({"account_id": "a", "environment": "marked", "auth": token()}),
        json!({"account_id": "a", "environment": "demo"}),
        json!({"account_id": "a", "environment": "demo", "auth": "marked"}),
        json!({"account_id": "a", "environment": "demo", "auth": {}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "marked"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "token"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "token", "token": "marked", "token_file": "t"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "token", "token": "marked", "tokn": "marked"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "jwt"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "jwt", "integration_key": "marked", "user_id": USER}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "jwt", "integration_key": KEY, "user_id": "marked@example.com"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "jwt", "integration_key": KEY, "user_id": USER}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "jwt", "integration_key": KEY, "user_id": USER, "private_key": "marked"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "jwt", "integration_key": KEY, "user_id": USER, "private_key_file": "/nowhere/marked"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "authorization_code"}}),
        json!({"account_id": "a", "auth": {"kind": "authorization_code", "integration_key": KEY}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "authorization_code", "integration_key": KEY, "client_secret_file": "/nowhere/marked"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "authorization_code", "integration_key": KEY, "redirect_uri": "marked"}}),
        json!({"account_id": "a", "environment": "demo", "auth": {"kind": "authorization_code", "integration_key": KEY, "user_id": "marked"}}),
        json!({"account_id": "a", "environment": "demo", "base_url": "http://api.example", "auth": token()}),
        json!({"account_id": "a", "environment": "demo", "oauth_url": "http://docusign.net", "auth": token()}),
        json!({"account_id": "a", "environment": "demo", "base_url": "marked", "auth": token()}),
        json!({"account_id": "a", "environment": "demo", "baseurl": "marked", "auth": token()}),
    ] {
        let error = build(table).unwrap_err();
        let line = format!("{error}\n  {}\n", error.hint());
        assert!(!line.contains(MARK) && !format!("{error:?}").contains(MARK), "{line}");
        all += &line;
    }
    insta::assert_snapshot!(all);
}

/// In code a value comes from the environment as often as in a file.
#[test]
fn ids_in_code_are_guids_as_well() {
    let config = |integration_key: &str| {
        let integration_key = integration_key.to_owned();
        let credentials = Credentials::AuthorizationCode { integration_key, client_secret: None };
        Docusign::new(DocusignConfig::new("a".parse().unwrap(), credentials))
    };
    config(&format!("{KEY}\n")).unwrap();
    let error = config("marked").unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Config, "`integration_key` is not a GUID"));
}

#[test]
fn nothing_secret_shows_in_the_debug_form() {
    let config = common::config();
    let account = common::account();
    let settings = Settings::new("a", serde_json::Map::new(), None, |_| None);
    for text in [format!("{config:?}"), format!("{account:?}"), format!("{settings:?}")] {
        assert!(!text.contains(MARK), "{text}");
    }
}
