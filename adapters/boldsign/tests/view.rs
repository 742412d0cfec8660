//! Signing links.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::time::Duration;

use common::{
    Says, TOKEN, answer, document, error_forms, known, named, refusal, return_url, script, shown, view,
};
use countersign_core::{
    AuthenticationMethod, CreateView, ErrorKind, Origin, RecipientRef, Retry, ReturnUrl, WebUrl,
};

const DAY: u64 = 86_400;

fn request(recipient: impl Into<RecipientRef>) -> CreateView {
    CreateView::new(document(), recipient, return_url())
}

async fn refused(properties: &str, recipient: &str) -> countersign_core::Error {
    let script = script(&[answer(properties)]);
    let error = view(&script, &request(named(recipient))).await.expect_err("a refusal");
    assert_eq!(script.finish().len(), 1, "no link may be asked for");
    error
}

#[tokio::test]
async fn a_link_is_asked_for_by_the_address_of_the_list() {
    let script = script(&[answer("properties_in_order"), answer("sign_link")]);
    let view = view(&script, &request(named("email:ben@example.com#2"))).await.expect("a link");
    assert!(view.link.expose().contains(TOKEN));
    assert_eq!(view.recipient.as_str(), "ben@example.com#2");
    assert_eq!(
        view.expires_at.expect("an end").to_string(),
        "2027-05-21T10:00:00Z",
        "180 days unless chosen"
    );
    assert_eq!(view.single_use, None, "BoldSign does not say");
    insta::assert_snapshot!(shown(&script));
}

#[tokio::test]
async fn a_chosen_end_is_sent_and_told() {
    let script = script(&[answer("properties_in_order"), answer("sign_link")]);
    let request = request(named("id:ben@example.com#2")).with_expires_in(Duration::from_secs(2 * DAY));
    let view = view(&script, &request).await.expect("a link");
    assert_eq!(view.expires_at.expect("an end").to_string(), "2026-11-24T10:00:00Z");
    assert_eq!(script.finish()[1].query_values("SignLinkValidTill"), ["2026-11-24T10:00:00Z"]);
}

#[tokio::test]
async fn an_end_out_of_range_is_refused_before_anything_is_sent() {
    for life in [0, 1, DAY - 1, 180 * DAY + 1, u64::MAX] {
        let script = script(&[]);
        let request = request(named("id:x#1")).with_expires_in(Duration::from_secs(life));
        let error = view(&script, &request).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.hint(), "give 1 to 180 days");
    }
    for life in [DAY, 180 * DAY] {
        let script = script(&[answer("properties_in_order"), answer("sign_link")]);
        let request = request(named("id:ben@example.com#2")).with_expires_in(Duration::from_secs(life));
        view(&script, &request).await.expect("both ends of the range are allowed");
    }
}

#[tokio::test]
async fn a_return_url_to_which_boldsign_cannot_append_is_refused_with_the_reason() {
    for url in ["https://a.example/done?x=1", "https://a.example/done#x", "https://a.example/done?"] {
        let script = script(&[]);
        let request = CreateView::new(document(), named("id:x#1"), ReturnUrl::new(url).expect(url));
        let error = view(&script, &request).await.expect_err("a refusal");
        insta::allow_duplicates! { insta::assert_snapshot!(error_forms(&error)) };
    }
}

#[tokio::test]
async fn what_cannot_be_said_to_boldsign_is_refused_before_anything_is_sent() {
    let plain = || request(named("id:x#1"));
    let origin = || vec![Origin::new("https://a.example").expect("an origin")];
    let ping = countersign_core::Ping::new(
        WebUrl::new("https://a.example/ping").expect("a URL"),
        Duration::from_secs(60),
    );
    let requests = [
        plain().with_authentication_method(AuthenticationMethod::Password),
        plain().with_assertion_id("a-1"),
        plain().with_ping(ping.expect("a ping")),
        plain().with_frame_ancestors(origin()),
        plain().with_message_origins(origin()),
        request(named("client:77")),
    ];
    let mut said = String::new();
    for request in requests {
        let error = view(&script(&[]), &request).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        said.push_str(&format!("{error}\n  {}\n", error.hint()));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn who_cannot_sign_now_gets_no_link() {
    let cases = [
        ("properties_in_order", "id:anna@example.com#1", ErrorKind::RecipientDone),
        ("properties_in_order", "id:cleo@example.com#3", ErrorKind::RecipientNotInTurn),
        ("properties_in_order", "id:cc:boss@example.com", ErrorKind::Unsupported),
        ("properties_in_order", "email:nobody@example.com", ErrorKind::RecipientNotFound),
        ("properties_in_order", "email:Ben@example.com", ErrorKind::RecipientNotFound),
        ("properties_locked", "email:anna@example.com", ErrorKind::RecipientLocked),
        ("properties_locked", "email:otto@example.com", ErrorKind::RecipientLocked),
        ("properties_repeated", "email:anna@example.com#1", ErrorKind::Unsupported),
        ("properties_same_order_twice", "email:anna@example.com", ErrorKind::RecipientAmbiguous),
        ("properties_reassigned", "id:unaddressed#1", ErrorKind::RecipientDone),
        ("properties_group", "id:group:g-1#1", ErrorKind::Unsupported),
        ("properties_completed", "email:anna@example.com", ErrorKind::EnvelopeClosed),
        ("properties_declined", "email:ben@example.com", ErrorKind::EnvelopeClosed),
        ("properties_draft", "email:anna@example.com", ErrorKind::EnvelopeNotReady),
    ];
    let mut said = String::new();
    for (properties, recipient, kind) in cases {
        let error = refused(properties, recipient).await;
        assert_eq!(error.kind(), kind, "{properties} {recipient}");
        assert_eq!(error.retry(), Retry::Never);
        said.push_str(&format!("{properties} {recipient}\n  {error}\n  {}\n", error.hint()));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn those_who_can_sign_get_a_link_by_e_mail_or_phone() {
    let cases = [
        ("properties_phone", "phone:+491701234567"),
        ("properties_tricky_addresses", "id:zoë+lease@exämple.com#1"),
        ("properties_tricky_addresses", "id:o'neil+a&b=c@example.com#2"),
        ("properties_group", "email:ada@example.com"),
        ("properties_reassigned", "email:new@example.com"),
        ("properties_unknown_words", "email:anna@example.com"),
        ("properties_sparse", "email:anna@example.com"),
        ("properties_muted", "email:anna@example.com"),
    ];
    let mut asked = String::new();
    for (properties, recipient) in cases {
        let script = script(&[answer(properties), answer("sign_link")]);
        view(&script, &request(named(recipient))).await.expect(recipient);
        asked.push_str(&format!("{recipient}\n  {}\n", script.finish()[1].query.replace('&', "\n  ")));
    }
    insta::assert_snapshot!(asked);
}

#[tokio::test]
async fn a_known_recipient_needs_one_call() {
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let script = script(&[answer("sign_link")]);
    view(&script, &request(ben)).await.expect("a link");
    assert_eq!(script.finish().len(), 1);
}

#[tokio::test]
async fn a_known_recipient_who_was_locked_is_looked_up_again() {
    let mut ben = known("properties_in_order", "ben@example.com#2").await;
    ben.access_code = countersign_core::AccessCodeState::Failed;
    let script = script(&[answer("properties_in_order"), answer("sign_link")]);
    view(&script, &request(ben)).await.expect("the lock is gone by now");
    assert_eq!(script.finish().len(), 2);
}

#[tokio::test]
async fn a_refused_known_recipient_is_explained_from_the_list() {
    let cases = [
        ("properties_completed", ErrorKind::EnvelopeClosed),
        ("properties_locked", ErrorKind::RecipientNotFound),
        ("properties_in_order", ErrorKind::PermissionDenied),
    ];
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let mut said = String::new();
    for (properties, _) in cases {
        // The completed document is Anna's alone, so it needs the state and not the person.
        let mut now = answer(properties);
        if properties == "properties_completed" {
            let mut body = answer("properties_in_order").body.expect("a body");
            body["status"] = "Completed".into();
            now.body = Some(body);
        }
        let script = script(&[common::refused(403, Says::Nothing), now]);
        let error = view(&script, &request(ben.clone())).await.expect_err("a refusal");
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(error.status(), Some(403), "the vendor's own account is kept");
        script.finish();
        said.push_str(&format!("{properties}\n{}", error_forms(&error)));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_document_that_is_not_created_yet_may_be_asked_for_again() {
    let script = script(&[refusal("list_403_not_created_yet")]);
    let error = view(&script, &request(named("email:anna@example.com"))).await.expect_err("not yet");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::EnvelopeNotReady, Retry::After(None)));
    assert!(!error.to_string().contains("forbidden"));
}

#[tokio::test]
async fn a_link_refused_for_a_document_that_is_shown_is_not_called_unready() {
    let script = script(&[answer("properties_in_order"), refusal("list_403_not_created_yet")]);
    let error = view(&script, &request(named("email:ben@example.com"))).await.expect_err("a refusal");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::PermissionDenied, Retry::Never));
}

#[tokio::test]
async fn an_answer_without_a_usable_link_is_an_error() {
    let link = |value: serde_json::Value| {
        let mut fixture = answer("sign_link");
        fixture.body = Some(value);
        fixture
    };
    for fixture in [
        answer("sign_link_null"),
        link(serde_json::json!({})),
        link(serde_json::json!({"signLink": " "})),
        link(serde_json::json!({"signLink": 7})),
        link(serde_json::json!({"signLink": "javascript:alert(1)"})),
        link(serde_json::json!([])),
    ] {
        let script = script(&[answer("properties_in_order"), fixture]);
        let error = view(&script, &request(named("email:ben@example.com"))).await.expect_err("no link");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert_eq!(error.status(), Some(200));
        assert_eq!(error.retry(), Retry::After(None), "another link harms nobody");
    }
}
