//! Lists: the document's status tells most of a recipient's.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{answer, folder, list, script};
use countersign_core::{AccessCodeState, EnvelopeStatus, ErrorKind, RecipientStatus, Role};
use countersign_testkit::Fixture;
use serde_json::json;

#[tokio::test]
async fn every_state() {
    let mut shown = String::new();
    for (name, fixture) in Fixture::load_all(&folder("answers")) {
        let is_document = fixture.body.as_ref().is_some_and(|body| body.get("recipients").is_some());
        if !is_document {
            continue;
        }
        let list = list(&script(&[fixture])).await.expect(&name);
        let status = list.envelope_status.as_ref().map_or("-", |status| status.as_str());
        shown.push_str(&format!("{name}: {status}, now {:?}\n", list.current_order));
        for one in &list.recipients {
            shown.push_str(&format!(
                "  {} {} {} {}, turn {:?}, code {}, checks {:?}\n",
                one.name.as_deref().unwrap_or("-"),
                one.email.as_deref().unwrap_or("-"),
                one.role,
                one.status,
                one.in_turn,
                one.access_code.as_str(),
                one.other_checks.iter().map(|check| &check.method).collect::<Vec<_>>(),
            ));
        }
        assert!(!format!("{list:?}{}", json!(list)).contains("MARKED"), "{name}: a link");
        assert!(!format!("{list:?}{}", json!(list)).contains("Marked"), "{name}: a passcode");
    }
    insta::assert_snapshot!(shown);
}

/// Every word of the OpenAPI document and one of the page on webhooks, for a document of one signer.
#[tokio::test]
async fn each_word_of_a_document() {
    for (word, envelope, person) in [
        ("draft", "draft", "waiting"),
        ("uploaded", "draft", "waiting"),
        ("waiting_approval", "draft", "waiting"),
        ("approved", "draft", "waiting"),
        ("rejected", "draft", "waiting"),
        ("scheduled", "draft", "waiting"),
        ("sent", "sent", "notified"),
        ("external_review", "sent", "notified"),
        ("viewed", "viewed", "viewed"),
        ("declined", "declined", "declined"),
        ("voided", "voided", "revoked"),
        ("cancelled", "voided", "revoked"),
        ("completed", "completed", "signed"),
        ("waiting_pay", "completed", "signed"),
        ("paid", "completed", "signed"),
        ("error", "failed", "document.error"),
    ] {
        let mut one = answer("single");
        one.body.as_mut().expect("a body")["status"] = json!(format!("document.{word}"));
        let listed = list(&script(&[one.clone()])).await.expect(word);
        let status = listed.envelope_status.as_ref().map(EnvelopeStatus::as_str);
        assert_eq!((status, listed.recipients[0].status.as_str()), (Some(envelope), person), "{word}");
        one.body.as_mut().expect("a body")["recipients"][0]["has_completed"] = json!(true);
        let listed = list(&script(&[one])).await.expect(word);
        assert_eq!(
            listed.recipients[0].status,
            RecipientStatus::Signed,
            "{word}: who has finished has finished"
        );
    }
}

#[tokio::test]
async fn a_group_is_one_recipient_with_its_members() {
    let list = list(&script(&[answer("group")])).await.expect("a list");
    let board = list.recipients.iter().find(|one| one.members.is_some()).expect("a group");
    assert_eq!((board.name.as_deref(), &board.role), (Some("Board"), &Role::Signer));
    let members = board.members.as_deref().expect("members");
    assert_eq!(members[0].email.as_deref(), Some("mia@example.com"));
}

#[tokio::test]
async fn a_cancelled_document_is_never_an_expired_one() {
    let mut late = answer("expired");
    late.body.as_mut().expect("a body")["status"] = json!("document.cancelled");
    let list = list(&script(&[late])).await.expect("a list");
    assert_eq!(list.envelope_status, Some(EnvelopeStatus::Voided));
    assert_eq!(list.recipients[0].status, RecipientStatus::Revoked);
}

#[tokio::test]
async fn unknown_words_are_kept() {
    let list = list(&script(&[answer("unknown_words")])).await.expect("a list");
    assert_eq!(list.envelope_status, Some(EnvelopeStatus::Other("document.frozen".to_owned())));
    let one = &list.recipients[0];
    assert_eq!(one.status, RecipientStatus::Other("document.frozen".to_owned()));
    assert_eq!(one.role, Role::Other("Notary".to_owned()));
    assert_eq!((one.order, &one.access_code), (Some(1), &AccessCodeState::NotRequired));
}

#[tokio::test]
async fn what_is_no_document_is_not_taken_for_one() {
    for body in [json!({}), json!([]), json!({"id": "x"}), json!({"recipients": []}), json!("text")] {
        let script = script(&[]);
        script.json(200, &body);
        let error = list(&script).await.expect_err("no document");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
}
