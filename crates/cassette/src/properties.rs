//! What holds for any document, and for any secret wherever it is put.

use std::collections::HashSet;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_core::{Names, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::file::{Answered, Body, Cassette, Exchange, RecordedCall, Sent, Source};
use crate::labels::{Kind, Labels};
use crate::matching::Bonds;
use crate::names::Place;
use crate::redact::Redactor;
use crate::rehydrate::Filler;
use crate::scanner::Scanner;

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn name() -> impl Strategy<Value = String> {
    let known = "name signerName email recipientId recipientIdGuid status accessCode url message phoneNumber countryCode \
        number metaData formFields value errorDetails sentDateTime timestamp order clientUserId roleName title";
    let known: Vec<&str> = known.split_whitespace().collect();
    prop_oneof![4 => proptest::sample::select(known).prop_map(str::to_owned), 1 => "[a-z]{1,8}", 1 => "\\PC{0,12}"]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (1_700_000_000_i64..1_900_000_000).prop_map(Value::from),
        "[A-Za-z]{1,4}(\\+[a-z]{1,3})?@[A-Za-z]{1,3}\\.(com|test)".prop_map(Value::from),
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}".prop_map(Value::from),
        "[A-Z][a-z]{2,6} [A-Z][a-zäöü]{2,6}".prop_map(Value::from),
        "202[0-9]-0[1-9]-1[0-9]T1[0-9]:00:00(\\.[0-9]{7})?Z".prop_map(Value::from),
        "(sent|Completed|UNKNOWN_RECIPIENT|7|4217|1234567)".prop_map(Value::from),
        "\\+[0-9]{8,12}".prop_map(Value::from),
        "https?://[a-z]{3}\\.test/[a-z?#=&]{0,9}".prop_map(Value::from),
        "(token: |api-key=|Bearer |basic )[A-Za-z0-9]{6,30}[., ]".prop_map(Value::from),
        "code [A-Za-z0-9]{6,30} of [a-z]{3}@[a-z]{3}\\.test is wrong".prop_map(Value::from),
        "\\{(id|name|text|secret|phone|x):?[0-9]{0,2}'?(\\+1h)?\\}".prop_map(Value::from),
        "(Person|person)-[0-9](\\+tag-[0-9])?@example\\.com".prop_map(Value::from),
        "\\PC{0,30}".prop_map(Value::from),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::hash_map(name(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn place(refusal: bool) -> Place {
    Place { refusal, ..Place::default() }
}

/// A cassette with this answer.
fn holding(status: u16, body: Value) -> Cassette {
    let mut cassette = Cassette::new("acme", "story", Source::Sandbox);
    let request = Sent {
        effect: None,
        method: "GET".to_owned(),
        path: "/x".to_owned(),
        query: vec!["n=1".to_owned()],
        body: None,
    };
    let answer = Answered { status, headers: [].into(), body: Some(Body::Json(body)) };
    let exchange = Exchange { request, answer: Some(answer), fault: None };
    cassette.calls.push(RecordedCall { operation: None, request: None, exchanges: vec![exchange] });
    cassette
}

fn scan(cassette: &Cassette) -> crate::Findings {
    Scanner::new().scan_text(Path::new("x.cassette.json"), &cassette.text())
}

proptest! {
    #[test]
    fn writing_a_document_again_changes_nothing(value in document(), refusal: bool) {
        let once = Redactor::new(now()).json(&value, "", place(refusal));
        let twice = Redactor::new(now()).json(&once, "", place(refusal));
        prop_assert_eq!(&once, &twice);
    }

    #[test]
    fn what_was_written_is_found_harmless_and_is_read_back(value in document(), refusal: bool) {
        let written = Redactor::new(now()).json(&value, "", place(refusal));
        let cassette = holding(if refusal { 400 } else { 200 }, written);
        prop_assert_eq!(&Cassette::parse(&cassette.text()).unwrap(), &cassette);
        let found = scan(&cassette);
        prop_assert!(found.found.is_empty(), "{:?}\n{}", found.found, cassette.text());
    }

    #[test]
    fn what_is_filled_in_is_written_as_it_was(value in document(), refusal: bool) {
        let written = Redactor::new(now()).json(&value, "", place(refusal));
        let answer = Answered { status: 200, headers: [].into(), body: Some(Body::Json(written.clone())) };
        let (mut redactor, mut bonds) = (Redactor::new(now()), Bonds::default());
        let response = Filler { redactor: &mut redactor, bonds: &mut bonds }.response(&answer).unwrap();
        let filled: Value = serde_json::from_slice(response.body()).unwrap();
        let again = redactor.json(&filled, "", place(refusal));
        prop_assert!(bonds.same_json(&written, &again), "{written}\n{filled}\n{again}");
    }

    #[test]
    fn two_values_never_get_one_placeholder(
        texts in proptest::collection::hash_set("([aA]{1,2}(\\+[tT])?@[bB]\\.c|\\{id:[12]'?\\}|[pP]erson-[12]@example\\.com)", 2..40)
    ) {
        let mut labels = Labels::default();
        for kind in Kind::ALL.iter().copied() {
            let given: HashSet<String> = texts.iter().map(|text| labels.label(kind, text)).collect();
            prop_assert_eq!(given.len(), texts.len(), "{:?}", kind);
        }
        let given: HashSet<String> = texts.iter().map(|text| labels.address(text)).collect();
        prop_assert_eq!(given.len(), texts.len());
        for text in &texts {
            let label = labels.address(text);
            prop_assert_eq!(labels.behind(&label), Some(text.as_str()));
        }
    }

    #[test]
    fn near_misses_stay_near_misses(local in "[a-z]{3,8}", tag in "[a-z]{2,5}") {
        let mut labels = Labels::default();
        let plain = labels.address(&format!("{local}@corp.test"));
        let upper = labels.address(&format!("{}@corp.test", local.to_uppercase()));
        let tagged = labels.address(&format!("{local}+{tag}@corp.test"));
        let other = labels.address(&format!("{local}x@corp.test"));
        prop_assert!(plain != upper && plain.eq_ignore_ascii_case(&upper));
        let (before, behind) = tagged.split_once("+tag-1").unwrap();
        prop_assert_eq!(format!("{before}{behind}"), plain.clone());
        prop_assert!(!other.eq_ignore_ascii_case(&plain));
    }

    #[test]
    fn a_secret_is_found_wherever_it_is_put(
        marker in "[A-Za-z0-9]{3}[ -~äß]{5,20}[A-Za-z0-9]{2}", around in "[ a-z]{0,6}", spot in 0_usize..8, form in 0_usize..7
    ) {
        prop_assume!(!marker.contains(['{', '}']));
        let told = encoded(&marker, form);
        // What is encoded stands by itself, as in a header or a parameter.
        let told = if form < 3 { format!("{around}{told}{around}") } else { format!(" {told} ") };
        let cassette = planted(&told, spot);
        let scanner = Scanner::new().with_marker(marker.as_str());
        let found = scanner.scan_text(Path::new("x.cassette.json"), &cassette.text());
        prop_assert!(found.found.iter().any(|one| one.what.contains("named as a secret")), "{}", cassette.text());
        let shown = format!("{found:?}");
        prop_assert!(!shown.contains(&marker));
        prop_assert!(!scanner.scan_text(Path::new("x.txt"), &told).found.is_empty());
    }

    #[test]
    fn reading_anything_does_not_fail(text in "[ -~\\n{}\\[\\]\":,äß]{0,80}") {
        let _ = Scanner::new().scan_text(Path::new("x.cassette.json"), &text);
        let _ = Cassette::parse(&text);
        let _ = crate::lenient::text(&mut Redactor::new(now()), &text, place(false));
    }
}

fn encoded(marker: &str, form: usize) -> String {
    let json = Value::from(marker).to_string();
    match form {
        0 => marker.to_owned(),
        1 => utf8_percent_encode(marker, NON_ALPHANUMERIC).to_string(),
        2 => json.trim_matches('"').to_owned(),
        3 => STANDARD.encode(marker),
        4 => URL_SAFE_NO_PAD.encode(format!("user:{marker}")),
        5 => STANDARD.encode(utf8_percent_encode(marker, NON_ALPHANUMERIC).to_string()),
        _ => utf8_percent_encode(&STANDARD.encode(marker), NON_ALPHANUMERIC).to_string(),
    }
}

/// A cassette with something in one of its places.
fn planted(text: &str, spot: usize) -> Cassette {
    let nested = json!({"a": [{"b": {"c": [text]}}]});
    let mut cassette = holding(200, if spot == 0 { json!({"status": text}) } else { json!({}) });
    let call = &mut cassette.calls[0];
    let exchange = &mut call.exchanges[0];
    let answer = exchange.answer.as_mut().unwrap();
    match spot {
        0 => {}
        1 => answer.body = Some(Body::Json(nested)),
        2 => answer.body = Some(Body::Json(json!({text: 1}))),
        3 => answer.body = Some(Body::Text(format!("<html>{text}</html>"))),
        4 => drop(answer.headers.insert("x-request-id".to_owned(), text.to_owned())),
        5 => exchange.request.path = format!("/v1/{text}"),
        6 => exchange.request.query.push(format!("q={text}")),
        _ => call.request = Some(json!({"message": text})),
    }
    cassette
}

#[test]
fn what_is_known_by_its_looks_is_found_in_any_file() {
    // Cut through, so that this file is not found itself.
    let whole = |text: &str| text.replace('~', "");
    for (what, text) in [
        ("JSON Web Token", whole("x eyJhbGciOiJSUzI1NiJ9~.eyJzdWIiOiIxMjM0NTY3ODkwIn0~.c2lnbmF0dXJl")),
        ("authorization", "Authorization: Bearer abcdefgh123".to_owned()),
        ("authorization", "basic dXNlcjpwYXNz".to_owned()),
        ("PEM", whole("-----BEGIN~ PRIVATE KEY-----")),
        ("key or token", whole("MjY3OWI4ZTYt~YmNkZC00ZTVm~LWE1MzAtZDk5")),
        ("e-mail", "anna@corp.de".to_owned()),
        ("e-mail", "to=anna%40corp.de".to_owned()),
        ("link", "https://app.vendor.com/sign/1".to_owned()),
        ("phone", "+4917112345678".to_owned()),
        ("name that says", "\\\"accessCode\\\":\\\"1234\\\"".to_owned()),
        ("name that says", "x-api-key=k1234".to_owned()),
    ] {
        let found = Scanner::new().scan_text(Path::new("x.txt"), &text).found;
        assert!(found.iter().any(|one| one.what.contains(what)), "{what}: {found:?} in {text}");
    }
    for text in [
        "anna@example.com, https://app.example.com/x and person-1@example.com",
        "the token expired; a basic authentication is not enough, nor is a bearer token",
        "accessCode: {secret:1}, \"url\": \"https://link-1.example.com/\"",
        "RECIPIENT_NOT_IN_SEQUENCE at 2026-11-22T10:00:00Z for 5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001",
    ] {
        assert_eq!(Scanner::new().scan_text(Path::new("x.txt"), text).found, vec![], "{text}");
    }
    assert!(Names::generic().is_secret("accessCode"));
}
