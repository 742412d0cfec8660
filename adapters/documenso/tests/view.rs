//! Links: read, never made.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{account, answer, clock, config, envelope, named, script, view};
use countersign_core::vendor::perform;
use countersign_core::{
    AccessCode, BaseUrl, ChangeAccessCode, CreateView, ErrorKind, Operation, Outcome, ReturnUrl, ReturnsTo,
};
use countersign_documenso::Documenso;
use countersign_testkit::Script;
use serde_json::json;

#[tokio::test]
async fn the_link_is_the_recipients_own_and_says_where_it_leads() {
    let script = script(&[answer("parallel")]);
    let view = view(&script, "email:ann@example.com").await.expect("a link");
    assert!(view.link.expose().starts_with("https://sign.example.com/sign/TOKEN"), "the host of the API");
    assert_eq!(view.expires_at.map(|at| at.to_string().starts_with("2027-02-26T")), Some(true));
    assert_eq!(view.single_use, Some(false));
    let fixed = ReturnUrl::new("https://example.com/back?x=1").expect("a URL");
    assert_eq!(view.returns_to, ReturnsTo::Fixed(fixed));
    let sent = script.finish();
    assert_eq!(sent.len(), 1, "nothing is made");
    assert!(!format!("{view:?}").contains("TOKEN"));
}

#[tokio::test]
async fn where_the_signer_returns_is_never_left_open() {
    for (set, wanted) in [
        (json!("https://app.example.com/done"), ReturnsTo::Requested),
        (json!(null), ReturnsTo::Vendor),
        (json!(""), ReturnsTo::Vendor),
        (json!("not a URL"), ReturnsTo::Vendor),
    ] {
        let mut fixture = answer("parallel");
        fixture.body.as_mut().expect("a body")["documentMeta"]["redirectUrl"] = set.clone();
        let view = view(&script(&[fixture]), "email:ann@example.com").await.expect("a link");
        assert_eq!(view.returns_to, wanted, "{set}");
    }
}

#[tokio::test]
async fn signers_may_reach_the_server_at_another_address() {
    let web = BaseUrl::new("https://public.example.com/").expect("a URL");
    let account = Documenso::new(config().with_web_url(web)).expect("an account");
    let script = script(&[answer("never_expires")]);
    let back = ReturnUrl::new("https://app.example.com/done").expect("a URL");
    let list = common::list(&common::script(&[answer("never_expires")])).await.expect("a list");
    let request = CreateView::new(envelope(), list.recipients[0].clone(), back);
    let view =
        perform(&account, &script.context(Operation::CreateView, &clock()), &request).await.expect("a link");
    assert!(view.link.expose().starts_with("https://public.example.com/sign/TOKEN"));
    assert_eq!(view.expires_at, None, "it never expires");
}

#[tokio::test]
async fn a_link_that_would_not_let_the_recipient_sign_is_refused() {
    for (name, who, kind) in [
        ("draft", "email:ann@example.com", ErrorKind::EnvelopeNotReady),
        ("completed", "email:ann@example.com", ErrorKind::EnvelopeClosed),
        ("deleted", "email:ann@example.com", ErrorKind::EnvelopeClosed),
        ("cancelled", "email:ann@example.com", ErrorKind::EnvelopeClosed),
        ("rejected", "email:ann@example.com", ErrorKind::EnvelopeClosed),
        ("sealing_rejected", "email:ann@example.com", ErrorKind::EnvelopeClosed),
        ("sealing_signed", "email:ann@example.com", ErrorKind::EnvelopeClosed),
        ("first_signed", "email:ann@example.com", ErrorKind::RecipientDone),
        ("sequential", "email:bea@example.com", ErrorKind::RecipientNotInTurn),
        ("expired", "email:ann@example.com", ErrorKind::RecipientDone),
        ("parallel", "email:copy@example.com", ErrorKind::Unsupported),
        ("parallel", "email:eve@example.com", ErrorKind::RecipientNotFound),
        ("same_email", "email:ann@example.com", ErrorKind::RecipientAmbiguous),
    ] {
        let error = view(&script(&[answer(name)]), who).await.expect_err(name);
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NoEffect), "{name} {who}: {error}");
    }
}

#[tokio::test]
async fn a_recipient_without_a_usable_token_has_no_link() {
    for token in [json!(null), json!(""), json!("../complete"), json!("a b")] {
        let mut fixture = answer("parallel");
        let rows = fixture.body.as_mut().expect("a body")["recipients"].as_array_mut().expect("rows");
        rows.iter_mut().for_each(|row| row["token"] = token.clone());
        let error = view(&script(&[fixture]), "email:ann@example.com").await.expect_err("no token");
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::InvalidResponse, Outcome::NoEffect),
            "{token}"
        );
    }
}

/// Refused before anything is sent, with the nearest way.
#[tokio::test]
async fn there_are_no_access_codes() {
    let script = Script::new();
    let code = AccessCode::new("Fresh-2345").expect("a code");
    for notify in [false, true] {
        let request = ChangeAccessCode::new(envelope(), named("id:1"), code.clone()).with_notify(notify);
        let cx = script.context(Operation::ChangeAccessCode, &clock());
        let error = perform(&account(), &cx, &request).await.expect_err("no codes");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unsupported, Outcome::NoEffect));
        assert!(error.hint().contains("accessAuth"), "{}", error.hint());
    }
    assert!(script.finish().is_empty());
}
