use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::model::{AccessCode, EnvelopeId, Ping, RecipientId, ReturnUrl, Role, WebUrl};

const KEY: [u8; 32] = [7; 32];

fn text(call: &Call) -> String {
    let request = CanonicalRequest::of("acme", Some("sales"), call);
    String::from_utf8(request.0.to_vec()).unwrap()
}

fn hex(call: &Call) -> String {
    let fingerprint = CanonicalRequest::of("acme", Some("sales"), call).fingerprint(&KEY);
    fingerprint.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn envelope() -> EnvelopeId {
    EnvelopeId::new("e-1").unwrap()
}

fn email(text: &str) -> Email {
    Email::new(text).unwrap()
}

fn recipient() -> RecipientRef {
    RecipientRef::EmailAndOrder(email("anna@example.com"), 2)
}

fn view() -> CreateView {
    let url = |text| WebUrl::new(text).unwrap();
    CreateView::new(envelope(), recipient(), ReturnUrl::new("https://app.example/").unwrap())
        .with_expires_in(Duration::from_millis(1_500))
        .with_authentication_method(AuthenticationMethod::Other("Kerb\"eros".to_owned()))
        .with_assertion_id("a-1")
        .with_ping(Ping::new(url("https://app.example/ping"), Duration::from_secs(60)).unwrap())
        .with_frame_ancestors(vec![Origin::new("https://a.example").unwrap()])
        .with_message_origins(vec![Origin::new("https://b.example").unwrap()])
}

fn code(text: &str) -> ChangeAccessCode {
    ChangeAccessCode::new(envelope(), recipient(), AccessCode::new(text).unwrap())
}

/// One request of each operation with every member, and each with one member changed.
fn calls() -> Vec<Call> {
    let known = |change: fn(&mut Recipient)| {
        let mut recipient = Recipient::new(RecipientId::new("7").unwrap(), Role::Signer);
        (recipient.name, recipient.email) = (Some("Anna".into()), Some("anna@example.com".into()));
        (recipient.phone, recipient.order) = (Some("+4912345678".into()), Some(1));
        recipient.client_user_id = Some("c".into());
        change(&mut recipient);
        Call::from(ResendRecipient::new(envelope(), recipient))
    };
    let changed = |change: fn(&mut CreateView)| {
        let mut request = view();
        change(&mut request);
        Call::from(request)
    };
    let to = |reference| Call::from(ResendRecipient::new(envelope(), reference));
    vec![
        ListRecipients::new(envelope()).into(),
        ListRecipients::new(envelope()).with_envelope_status().into(),
        view().into(),
        changed(|view| view.expires_in = None),
        changed(|view| view.expires_in = Some(Duration::from_millis(1_501))),
        changed(|view| view.authentication_method = None),
        changed(|view| view.authentication_method = Some(AuthenticationMethod::None)),
        changed(|view| view.authentication_method = Some(AuthenticationMethod::Other("none".into()))),
        changed(|view| view.assertion_id = None),
        changed(|view| view.ping = None),
        changed(|view| view.frame_ancestors.clear()),
        changed(|view| view.message_origins = view.frame_ancestors.clone()),
        changed(|view| view.return_url = ReturnUrl::new("https://app.example/x").unwrap()),
        to(recipient()),
        to(RecipientRef::Email(email("anna@example.com"))),
        to(RecipientRef::Id(RecipientId::new("7").unwrap())),
        to(RecipientRef::ClientUserId("7".into())),
        to(RecipientRef::ClientUserId("\u{1b}7".into())),
        to(RecipientRef::ClientUserId("\\u{1b}7".into())),
        to("phone:+4912345678".parse().unwrap()),
        known(|_| ()),
        known(|recipient| recipient.name = None),
        known(|recipient| recipient.email = None),
        known(|recipient| recipient.phone = None),
        known(|recipient| recipient.order = None),
        known(|recipient| recipient.client_user_id = None),
        known(|recipient| recipient.role = Role::CarbonCopy),
        ResendRecipient::everyone(envelope()).into(),
        ResendRecipient::everyone(envelope()).with_message("m").into(),
        ResendRecipient::everyone(envelope()).allow_muted(true).into(),
        ResendRecipient::everyone(envelope()).with_on_behalf_of(email("s@example.com")).into(),
        code("4711").into(),
        code("4712").into(),
        code("4711").with_notify(true).into(),
        code("4711").with_on_behalf_of(email("s@example.com")).into(),
        Call::SignIn,
    ]
}

#[test]
fn a_request_is_sorted_json_without_blanks() {
    for call in calls() {
        let text = text(&call);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(sorted(&value), text);
    }
}

/// Written independently of the order in which a map of `serde_json` has its members.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.as_str());
            let members: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), sorted(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn a_request_that_differs_in_one_member_has_another_fingerprint() {
    let calls = calls();
    let all: HashSet<String> = calls.iter().map(hex).collect();
    assert_eq!(all.len(), calls.len());
    let of = |vendor, account| CanonicalRequest::of(vendor, account, &calls[0]).fingerprint(&KEY);
    assert_ne!(of("acme", None), of("acme", Some("sales")));
    assert_ne!(of("acme", None), of("other", None));
    let request = CanonicalRequest::of("acme", None, &calls[0]);
    assert_ne!(request.fingerprint(&KEY), request.fingerprint(&[8; 32]));
}

#[test]
fn a_known_recipient_who_has_opened_the_documents_is_still_the_same() {
    let mut recipient = Recipient::new(RecipientId::new("7").unwrap(), Role::Signer);
    let before = text(&ResendRecipient::new(envelope(), recipient.clone()).into());
    recipient.viewed_at = Some(crate::Timestamp::UNIX_EPOCH);
    recipient.status = crate::RecipientStatus::Viewed;
    assert_eq!(text(&ResendRecipient::new(envelope(), recipient).into()), before);
}

/// Every build writes the same bytes and computes the same fingerprints: these never change.
#[test]
fn requests_and_fingerprints_are_those_of_every_build() {
    let vectors: Vec<_> =
        [2, 13, 20, 27, 31, 35].map(|at| format!("{}\n{}\n", text(&calls()[at]), hex(&calls()[at]))).into();
    insta::assert_snapshot!(vectors.concat());
}

#[test]
fn a_request_is_not_shown_by_debug() {
    let request = CanonicalRequest::of("acme", None, &code("s3cret").into());
    let shown = format!("{request:?} {:?}", request.fingerprint(&KEY));
    assert_eq!(shown, "CanonicalRequest([redacted]) Fingerprint(..)");
}

proptest! {
    #[test]
    fn every_text_is_read_back_from_the_json(message in any::<String>()) {
        let call = Call::from(ResendRecipient::everyone(envelope()).with_message(message.clone()));
        let value: Value = serde_json::from_str(&text(&call)).unwrap();
        prop_assert_eq!(value["request"]["message"].as_str(), Some(message.as_str()));
    }
}
