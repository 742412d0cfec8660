//! Reading returns of a made-up vendor: whatever a URL holds, something sensible comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::LazyLock;

use countersign_core::vendor::Facts;
use countersign_core::{Descriptor, Error, ErrorKind, Problem, ReturnOutcome, SigningReturn};
use proptest::prelude::*;

const FACTS: &str = r#"
title = "Acme Sign"

[returns]
outcome_parameter = "result"
envelope_parameter = "envelope"

[returns.words]
done = { outcome = "signed", meaning = "they signed", source = "docs.example" }
fax = { meaning = "they send it by fax", source = "docs.example" }
"#;

static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: None,
    build: |_| Err(Error::new(ErrorKind::Config, "none")),
    offline: || Err(Error::new(ErrorKind::Config, "none")),
};

#[test]
fn a_return_as_json() {
    let back = SigningReturn::read(&VENDOR, "/x?result=DONE&envelope=7");
    assert_eq!(
        serde_json::to_value(&back).unwrap(),
        serde_json::json!({"vendor": "acme", "outcome": "signed", "envelope": "7"})
    );
}

#[test]
fn a_word_from_outside_is_cut_and_drives_no_terminal() {
    let url = format!("/x?result=a%1b%5B2J{}", "b".repeat(500));
    let outcome = SigningReturn::read(&VENDOR, &url).outcome.unwrap();
    assert!(outcome.as_str().chars().count() <= 64);
    assert!(outcome.to_string().starts_with("a\\u{1b}[2J"), "{outcome}");
    assert!(!serde_json::to_string(&outcome).unwrap().contains("u001b"));
}

#[test]
fn the_named_outcomes_have_different_words() {
    let mut words: Vec<_> = ReturnOutcome::NAMED.iter().map(|one| one.as_str().to_owned()).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), ReturnOutcome::NAMED.len());
}

proptest! {
    #[test]
    fn nothing_in_a_url_stops_the_reading(url in "\\PC{0,80}") {
        prop_assert_eq!(SigningReturn::read(&VENDOR, &url).vendor, "acme");
    }

    #[test]
    fn what_a_vendor_appends_is_found_behind_any_query(before in "[a-z0-9=&?%+./;:@-]{0,40}", mark in "[?&]") {
        let url = format!("https://app.example.com/x?{before}{mark}result=done");
        prop_assert_eq!(SigningReturn::read(&VENDOR, &url).outcome, Some(ReturnOutcome::Signed));
    }

    #[test]
    fn any_word_survives(word in "[A-Za-z0-9 _.-]{0,20}[A-Za-z]") {
        let url = format!("/x?result={}", word.replace(' ', "+"));
        let expected = match word.trim() {
            known if known.eq_ignore_ascii_case("done") => ReturnOutcome::Signed,
            known if known.eq_ignore_ascii_case("fax") => ReturnOutcome::Other(known.to_owned()),
            other => ReturnOutcome::Other(other.to_owned()),
        };
        prop_assert_eq!(SigningReturn::read(&VENDOR, &url).outcome, Some(expected));
    }
}
