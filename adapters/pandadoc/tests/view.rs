//! Sessions, which name a recipient by address alone.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use std::time::Duration;

use common::{ANNA, account, answer, clock, envelope, named, script, sent, view};
use countersign_core::vendor::perform;
use countersign_core::{CreateView, ErrorKind, Operation, Outcome, ReturnUrl, ReturnsTo, SecretString};
use countersign_pandadoc::{Credentials, Pandadoc, PandadocConfig};
use serde_json::json;

#[tokio::test]
async fn the_link_is_made_of_the_sessions_id_and_returns_nowhere() {
    let script = script(&[answer("parallel"), answer("session")]);
    let view = view(&script, ANNA).await.expect("a link");
    assert_eq!(view.link.expose(), "https://app.pandadoc.com/s/QYCPtavst3DqqBK72ZRtbF");
    assert_eq!(view.expires_at.map(|at| at.to_string()).as_deref(), Some("2026-11-28T23:15:00Z"));
    assert_eq!((view.single_use, view.returns_to.clone()), (None, ReturnsTo::Vendor));
    assert!(!format!("{view:?}").contains("QYCP"), "the id is the secret");
    insta::assert_snapshot!(sent(&script));
}

#[tokio::test]
async fn the_link_is_one_of_the_region() {
    let credentials = Credentials::ApiKey(SecretString::from(common::KEY));
    let european = PandadocConfig::new(credentials, "eu").expect("a region");
    let european = Pandadoc::new(european).expect("an account");
    let script = script(&[answer("parallel"), answer("session")]);
    let back = ReturnUrl::new("https://app.example.com/done").expect("a URL");
    let cx = script.context(Operation::CreateView, &clock());
    let view =
        perform(&european, &cx, &CreateView::new(envelope(), named(ANNA), back)).await.expect("a link");
    assert_eq!(view.link.expose(), "https://app.pandadoc.eu/s/QYCPtavst3DqqBK72ZRtbF");
    assert!(script.finish().iter().all(|sent| sent.url.starts_with("https://api.pandadoc.eu/public/v1/")));
}

#[tokio::test]
async fn a_chosen_life_is_a_whole_number_of_seconds() {
    let script = script(&[answer("parallel"), answer("session")]);
    let back = ReturnUrl::new("https://app.example.com/done?x=1").expect("a URL");
    let request = CreateView::new(envelope(), named(ANNA), back).with_expires_in(Duration::from_secs(900));
    let cx = script.context(Operation::CreateView, &clock());
    perform(&account(), &cx, &request).await.expect("a link");
    assert_eq!(script.finish()[1].json(), json!({"recipient": "anna@example.com", "lifetime": 900}));
}

#[tokio::test]
async fn who_cannot_have_a_session_is_refused_before_one_is_made() {
    for (list, who, kind) in [
        ("repeated", "email:anna@example.com", ErrorKind::RecipientAmbiguous),
        ("repeated", "id:tf5dGS3Tmu3cj228ao6fna", ErrorKind::RecipientAmbiguous),
        ("in_order", "email:ben@example.com", ErrorKind::RecipientNotInTurn),
        ("first_done", ANNA, ErrorKind::RecipientDone),
        ("parallel", "email:cleo@example.com", ErrorKind::Unsupported),
        ("parallel", "email:eve@example.com", ErrorKind::RecipientNotFound),
        ("by_phone", "id:tf5dGS3Tmu3cj228ao6fna", ErrorKind::Unsupported),
        ("group", "id:tf5dGS3Tmu3cj228ao6fng", ErrorKind::Unsupported),
        ("draft", ANNA, ErrorKind::EnvelopeNotReady),
        ("waiting_approval", ANNA, ErrorKind::EnvelopeNotReady),
        ("completed", ANNA, ErrorKind::EnvelopeClosed),
        ("single_declined", ANNA, ErrorKind::EnvelopeClosed),
        ("voided", ANNA, ErrorKind::EnvelopeClosed),
        ("expired", ANNA, ErrorKind::EnvelopeClosed),
    ] {
        let script = script(&[answer(list)]);
        let error = view(&script, who).await.expect_err(list);
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NoEffect), "{list} {who}: {error}");
        assert!(list != "group" || !error.hint().contains("phone"), "{}", error.hint());
        assert_eq!(script.finish().len(), 1, "{list}");
    }
}

#[tokio::test]
async fn an_answer_without_a_usable_id_is_no_link() {
    for body in [json!({}), json!({"id": ""}), json!({"id": "a/b?c"}), json!([])] {
        let script = script(&[answer("parallel")]);
        script.json(201, &body);
        let error = view(&script, ANNA).await.expect_err("no link");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidResponse, Outcome::Unknown), "{body}");
    }
}
