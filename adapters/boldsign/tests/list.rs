//! From BoldSign's documents to our recipients.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{account, answer, folder, list, script, shown};
use countersign_core::Operation;
use countersign_core::vendor::perform;
use countersign_testkit::Fixture;

#[tokio::test]
async fn every_document_is_read_whole() {
    for (name, fixture) in Fixture::load_all(&folder("answers")) {
        let Some(name) = name.strip_prefix("properties_") else { continue };
        let list = list(&script(&[fixture])).await.expect(name);
        insta::assert_json_snapshot!(format!("list_{name}"), list);
    }
}

#[tokio::test]
async fn the_list_is_asked_for_with_the_key_hidden() {
    let script = script(&[answer("properties_in_order")]);
    list(&script).await.expect("a list");
    insta::assert_snapshot!(shown(&script));
}

#[tokio::test]
async fn an_odd_document_id_stays_one_value_of_the_query() {
    for (id, encoded) in
        [("a/b", "a%2Fb"), ("a&b=c", "a%26b%3Dc"), ("%2e%2e", "%252e%252e"), ("ü+", "%C3%BC%2B")]
    {
        let script = script(&[answer("properties_sparse")]);
        let cx = script.context(Operation::ListRecipients, &common::clock());
        let request = countersign_core::ListRecipients::new(id.parse().expect(id));
        perform(&account(), &cx, &request).await.expect(id);
        assert_eq!(script.finish()[0].query, format!("documentId={encoded}"));
    }
}

#[tokio::test]
async fn what_signers_typed_is_not_kept() {
    let list = list(&script(&[answer("properties_in_order")])).await.expect("a list");
    let text = format!("{list:?}{}", serde_json::to_string(&list).expect("JSON"));
    assert!(!text.contains("PRIVATE-FIELD-VALUE"));
}

/// The fixture with one of its members changed.
fn changed(name: &str, change: impl FnOnce(&mut serde_json::Value)) -> Fixture {
    let mut fixture = answer(name);
    change(fixture.body.as_mut().expect("a body"));
    fixture
}

#[tokio::test]
async fn times_are_told_only_where_the_audit_trail_can_mean_nobody_else() {
    let sender_signs = changed("properties_in_order", |document| {
        document["senderDetail"]["emailAddress"] = "Anna@example.com".into();
    });
    let list_of_sender = list(&script(&[sender_signs])).await.expect("a list");
    let anna = &list_of_sender.recipients[0];
    assert_eq!(anna.viewed_at, None, "the sender's own look may be meant");
    assert!(anna.signed_at.is_some(), "only a signer signs");

    let twice = changed("properties_in_order", |document| {
        document["signerDetails"][1]["signerEmail"] = "ANNA@example.com".into();
    });
    let list_of_two = list(&script(&[twice])).await.expect("a list");
    assert!(list_of_two.recipients.iter().all(|person| person.signed_at.is_none()));
}

#[tokio::test]
async fn a_reason_is_not_given_to_two_who_declined() {
    let both = changed("properties_declined", |document| {
        document["signerDetails"][1]["status"] = "Declined".into();
    });
    let list = list(&script(&[both])).await.expect("a list");
    assert!(list.recipients.iter().all(|person| person.decline_reason.is_none()));
}
