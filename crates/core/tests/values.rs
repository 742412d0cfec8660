//! Values that are valid once made, and errors that say what would be right.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use countersign_core::{
    AccessCode, BaseUrl, Email, EnvelopeId, InvalidValue, Origin, Phone, Ping, RecipientRef, ReturnUrl,
    SigningLink, WebUrl,
};
use proptest::prelude::*;

fn wrong<T>(result: Result<T, InvalidValue>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(invalid) => invalid.to_string(),
    }
}

#[test]
fn bad_values_are_named_with_what_would_be_right() {
    let long_id = "x".repeat(257);
    let long_mail = format!("{}@example.com", "x".repeat(250));
    let long_url = format!("https://example.com/{}", "x".repeat(2_029));
    let refusals = [
        wrong(EnvelopeId::new("")),
        wrong(EnvelopeId::new("  ")),
        wrong(EnvelopeId::new(".")),
        wrong(EnvelopeId::new("..")),
        wrong(EnvelopeId::new("a\nb")),
        wrong(EnvelopeId::new(" a")),
        wrong(EnvelopeId::new(long_id)),
        wrong(Email::new("")),
        wrong(Email::new("anna")),
        wrong(Email::new("Anna <anna@example.com>")),
        wrong(Email::new("anna@localhost")),
        wrong(Email::new("anna@[127.0.0.1]")),
        wrong(Email::new(long_mail)),
        wrong(AccessCode::new("")),
        wrong(AccessCode::new("1234\n")),
        wrong(AccessCode::new("x".repeat(256))),
        wrong(ReturnUrl::new("")),
        wrong(ReturnUrl::new("app.example.com/done")),
        wrong(ReturnUrl::new("ftp://example.com")),
        wrong(ReturnUrl::new("https:example.com")),
        wrong(ReturnUrl::new("javascript:alert(1)")),
        wrong(ReturnUrl::new("https://user:pw@example.com/")),
        wrong(ReturnUrl::new("https://example.com/a b")),
        wrong(ReturnUrl::new("https://")),
        wrong(ReturnUrl::new(&long_url)),
        wrong(Phone::new("0301234567")),
        wrong(Phone::new("+12345")),
        wrong(Phone::new("+49 30 x")),
        wrong(Origin::new("https://example.com/path")),
        wrong(BaseUrl::new("https://example.com/?q")),
        wrong(SigningLink::new("")),
        wrong(Ping::new(WebUrl::new("http://a.example").unwrap(), std::time::Duration::from_secs(300))),
        wrong(Ping::new(WebUrl::new("https://a.example").unwrap(), std::time::Duration::from_secs(86_401))),
        wrong("anna@example.com".parse::<RecipientRef>()),
        wrong("2".parse::<RecipientRef>()),
        wrong("mail:a@b.cd".parse::<RecipientRef>()),
        wrong("email:a@b.cd#x".parse::<RecipientRef>()),
        wrong("client:".parse::<RecipientRef>()),
        wrong("id:..".parse::<RecipientRef>()),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn odd_but_good_values_pass() {
    for id in ["a/b", "a?b", "ü", "%2e%2e", "...", "a b", "#", &"x".repeat(256)] {
        assert_eq!(EnvelopeId::new(id).unwrap().as_str(), id);
    }
    for mail in ["anna+tag@example.com", "é@example.org", "o'brien@exa-mple.co.uk"] {
        assert_eq!(Email::new(mail).unwrap().as_str(), mail);
    }
    assert_eq!(AccessCode::new("ü !@#").unwrap().expose(), "ü !@#");
    assert_eq!(Phone::new("+49 (30) 123-456").unwrap().as_str(), "+4930123456");
    let url = "http://127.0.0.1:8080/back?x=1&y=%20#z";
    assert_eq!(ReturnUrl::new(url).unwrap().as_str(), url);
    assert_eq!(
        ReturnUrl::new(&format!("https://example.com/{}", "x".repeat(2_028))).unwrap().as_str().len(),
        2_048
    );
    assert!(BaseUrl::new("http://[::1]:9/x").unwrap().is_loopback());
    assert!(!BaseUrl::new("http://127.0.0.1.example.com").unwrap().is_loopback());
}

#[test]
fn secrets_do_not_show() {
    let code = AccessCode::new("marked-code").unwrap();
    let link = SigningLink::new("https://sign.example/marked-link").unwrap();
    assert_eq!(format!("{code:?} {link:?}"), "AccessCode([redacted]) SigningLink([redacted])");
    let refused = AccessCode::new("marked-code\n").unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("marked"));
    let refused = SigningLink::new("ftp://marked-link").unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("marked"));
}

#[test]
fn recipient_references_read_and_show_the_same_text() {
    for text in [
        "id:2",
        "id:a:b",
        "id:anna@example.com#2",
        "email:a+b@b.cd",
        "email:a@b.cd#2",
        "email:a#2@b.cd",
        "email:a#2@b.cd#3",
        "client:77",
        "client: x ",
        "phone:+4912345678",
    ] {
        assert_eq!(text.parse::<RecipientRef>().unwrap().to_string(), text);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC{0,80}") {
        let _ = text.parse::<RecipientRef>();
        let _ = ReturnUrl::new(&text);
        let _ = Phone::new(&text);
        let _ = Email::new(text.clone());
        let _ = Origin::new(&text);
    }

    #[test]
    fn what_a_reference_shows_reads_back(text in "(id|email|client|phone):\\PC{0,40}") {
        if let Ok(reference) = text.parse::<RecipientRef>() {
            let shown = reference.to_string();
            prop_assert_eq!(shown.parse::<RecipientRef>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn a_return_url_is_never_longer_than_the_vendors_take(path in "[a-zé ü%]{0,600}") {
        if let Ok(url) = ReturnUrl::new(&format!("https://example.com/{path}")) {
            prop_assert!(url.as_str().len() <= ReturnUrl::MAX);
        }
    }
}

#[test]
fn envelope_ids_that_are_guids_are_equal_whatever_their_letter_case() {
    use std::collections::{BTreeSet, HashSet};
    let id = |text: &str| EnvelopeId::new(text).unwrap();
    let (small, capitals) = ("5e29dc8d-54bb-8a7a-9a1c-33f0e2b5a00f", "5E29DC8D-54BB-8A7A-9a1c-33F0E2B5A00F");
    assert_eq!(id(small), id(capitals));
    assert_eq!(HashSet::from([id(small), id(capitals)]).len(), 1);
    assert_eq!(BTreeSet::from([id(small), id(capitals)]).len(), 1);
    assert_eq!((id(capitals).to_string(), id(capitals).as_str()), (capitals.to_owned(), capitals));
    assert!(id(capitals).starts_with("5e29d") && !id(capitals).starts_with("5e3"));
    // Other ids may differ in letter case alone.
    for (one, other) in [
        ("Ab", "aB"),
        ("5e29dc8d54bb8a7a9a1c33f0e2b5a00f", "5E29DC8D54BB8A7A9A1C33F0E2B5A00F"),
        ("5e29dc8d-54bb-8a7a-9a1c-33f0e2b5a00g", "5E29dc8d-54bb-8a7a-9a1c-33f0e2b5a00g"),
        ("5e29dc8d-54bb-8a7a-9a1c33f0e2b5a00ff", "5E29dc8d-54bb-8a7a-9a1c33f0e2b5a00ff"),
    ] {
        assert_ne!(id(one), id(other));
        assert_eq!(HashSet::from([id(one), id(other)]).len(), 2);
    }
    assert!(!id("Ab").starts_with("a"));
}

#[test]
fn the_path_of_the_api_is_dropped_at_the_end_of_a_base_url_only() {
    for (given, left) in [
        ("https://host/restapi", "https://host"),
        ("https://host/RestApi/v2.1/", "https://host"),
        ("https://host:8443/gate/restapi/v2.1", "https://host:8443/gate"),
        ("https://host/restapi/gate", "https://host/restapi/gate"),
        ("https://host/myrestapi", "https://host/myrestapi"),
        ("https://restapi", "https://restapi"),
        ("https://host/v2.1", "https://host/v2.1"),
    ] {
        let base = BaseUrl::new(given).unwrap().without_api_path(&["restapi", "v2.1"]);
        assert_eq!(base.as_str(), left);
    }
}
