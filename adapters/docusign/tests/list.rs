//! Reading who is on an envelope.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{answer, list, listing, script, sent, signer, with_signers};
use countersign_core::{AccessCodeState, ErrorKind, RecipientStatus, Role};
use countersign_testkit::Script;

#[tokio::test]
async fn two_signers_are_read_and_the_request_is_a_plain_get() {
    let script = script(&["two_signers"]);
    let list = list(&script).await.unwrap();
    insta::assert_json_snapshot!(list);
    insta::assert_snapshot!(sent(&script));
    assert!(!format!("{list:?}").contains("marked"), "an access code was kept");
}

#[tokio::test]
async fn all_arrays_and_an_unknown_one_survive() {
    let list = list(&script(&["all_arrays"])).await.unwrap();
    assert_eq!(list.recipients.len(), 14);
    let future = list.recipients.iter().find(|one| one.id.as_str() == "14").unwrap();
    assert_eq!(future.role, Role::Other("futureRecipients".to_owned()));
    assert_eq!(future.status, RecipientStatus::Other("teleported".to_owned()));
    insta::assert_json_snapshot!(list);
}

#[tokio::test]
async fn scalars_are_read_in_every_form() {
    let list = list(&script(&["every_form"])).await.unwrap();
    insta::assert_json_snapshot!(list);
    assert!(!format!("{list:?}").contains("marked"), "the start URL was kept");
}

#[tokio::test]
async fn the_state_of_access_codes_and_other_checks() {
    let list = list(&script(&["access_codes"])).await.unwrap();
    let states: Vec<_> =
        list.recipients.iter().map(|one| (one.id.as_str(), one.access_code, one.is_locked())).collect();
    assert_eq!(
        states,
        [
            ("1", AccessCodeState::Failed, true),
            ("2", AccessCodeState::Failed, true),
            ("3", AccessCodeState::Passed, false),
            ("4", AccessCodeState::Passed, false),
            // The failure is older than the last sending, which gave new attempts.
            ("5", AccessCodeState::Required, false),
            ("6", AccessCodeState::Required, false),
            ("7", AccessCodeState::NotRequired, false),
            ("8", AccessCodeState::NotRequired, false),
            // Done is done, whatever failed before.
            ("9", AccessCodeState::Failed, false),
        ]
    );
    let eighth = list.recipients.iter().find(|one| one.id.as_str() == "8").unwrap();
    let checks: Vec<_> = eighth.other_checks.iter().map(|one| (one.method.as_str(), one.failed)).collect();
    assert_eq!(checks, [("idLookup", false), ("identityVerification", false), ("phoneAuth", true)]);
}

#[tokio::test]
async fn absent_arrays_are_an_empty_list() {
    let list = list(&script(&["empty"])).await.unwrap();
    assert!(list.recipients.is_empty());
    assert_eq!(list.current_order, Some(1));
}

#[tokio::test]
async fn turns_follow_the_order_that_is_served_unless_the_status_contradicts() {
    let script = Script::new();
    let person = |id: &str, order: &str, status: &str| serde_json::json!({"recipientId": id, "routingOrder": order, "status": status});
    script.json(
        200,
        &serde_json::json!({"currentRoutingOrder": "2", "signers": [
            person("1", "1", "completed"), person("2", "2", "sent"), person("3", "2", "created"),
            person("4", "3", "created"), person("5", "0", "delivered"), person("6", "3", "autoresponded"),
        ]}),
    );
    let turns: Vec<_> = list(&script)
        .await
        .unwrap()
        .recipients
        .iter()
        .map(|one| (one.id.to_string(), one.order, one.in_turn))
        .collect();
    let turn = |id: &str, order, turn| (id.to_owned(), Some(order), turn);
    assert_eq!(
        turns,
        [
            turn("5", 0, None),
            turn("1", 1, Some(false)),
            turn("2", 2, Some(true)),
            turn("3", 2, Some(false)),
            turn("4", 3, Some(false)),
            turn("6", 3, Some(false)),
        ]
    );
}

/// A resend gives new attempts, at whatever check the signer failed.
#[tokio::test]
async fn a_failure_before_the_last_sending_counts_no_more() {
    for (at, failed) in [("2026-01-01T07:59:00.5Z", false), ("2026-01-01T08:01:00.5Z", true)] {
        let results = serde_json::json!({"recipientAuthenticationStatus": {
            "smsAuthResult": {"status": "Failed", "eventTimestamp": at},
        }});
        let list = list(&with_signers(&[signer("1", results)])).await.unwrap();
        assert_eq!(list.recipients[0].failed_check().is_some(), failed, "{at}");
    }
}

/// A signing group has no name and address of its own.
#[tokio::test]
async fn a_signing_group_has_its_name_and_its_members() {
    let members = serde_json::json!([
        {"userName": "B1", "email": "b1@example.com"}, {"userName": "B2", "email": "b2@example.com"},
    ]);
    let group = serde_json::json!({
        "name": "", "email": null, "signingGroupId": "11", "signingGroupName": "Board", "signingGroupUsers": members,
    });
    let unnamed = serde_json::json!({"name": "", "email": "", "signingGroupId": "12"});
    let script =
        with_signers(&[signer("1", group), signer("2", unnamed), signer("3", serde_json::json!({}))]);
    let list = list(&script).await.unwrap();
    let [board, unnamed, single] = list.recipients.as_slice() else { panic!("{list:?}") };
    assert_eq!((board.name.as_deref(), &board.email), (Some("Board"), &None));
    let members = board.members.as_ref().unwrap();
    let addresses: Vec<_> = members.iter().map(|one| (one.name.as_deref(), one.email.as_deref())).collect();
    assert_eq!(addresses, [(Some("B1"), Some("b1@example.com")), (Some("B2"), Some("b2@example.com"))]);
    assert_eq!((&unnamed.name, unnamed.members.as_deref()), (&None, Some(&[][..])));
    assert_eq!(single.members, None);
}

/// The organization's seal, which DocuSign applies by itself in its turn.
#[tokio::test]
async fn a_seal_is_shown_as_what_it_is() {
    let script = Script::new();
    let seal = serde_json::json!({
        "recipientId": "2", "routingOrder": "1", "status": "created",
        "recipientSignatureProviders": [{"signatureProviderName": "p", "sealName": "Acme Seal"}],
    });
    script.json(
        200,
        &listing(serde_json::json!({"signers": [signer("1", serde_json::json!({}))], "seals": [seal]})),
    );
    let list = list(&script).await.unwrap();
    let seal = list.recipients.iter().find(|one| one.role == Role::Seal).unwrap();
    assert_eq!((seal.name.as_deref(), &seal.email, seal.id.as_str()), (Some("Acme Seal"), &None, "2"));
}

/// DocuSign shows who was deleted, without name and address; no recipient waits for them.
#[tokio::test]
async fn a_deleted_recipient_has_no_turn_and_holds_nothing_up() {
    let deleted = serde_json::json!({
        "name": null, "email": null, "routingOrder": "0", "status": "deleted", "sentDateTime": null,
    });
    let signed = serde_json::json!({"status": "completed"});
    // Over by what the list says, so the envelope itself is not asked for.
    let script = with_signers(&[signer("1", deleted), signer("2", signed)]);
    let request = countersign_core::ListRecipients::new(common::envelope()).with_envelope_status();
    let cx = common::context(&script, countersign_core::Operation::ListRecipients);
    let list = countersign_core::vendor::perform(&common::account(), &cx, &request).await.unwrap();
    assert_eq!(list.recipients[0].status, RecipientStatus::Other("deleted".to_owned()));
    assert_eq!(list.recipients[0].in_turn, Some(false));
    script.finish();
}

#[tokio::test]
async fn an_entry_without_an_id_is_an_error_that_says_where() {
    let script = Script::new();
    script.json(200, &serde_json::json!({"signers": [{"name": "Jon Doe"}]}));
    let error = list(&script).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(error.message(), "the answer's member `signers[0]` has no `recipientId`");
}

#[tokio::test]
async fn an_id_that_no_request_could_carry_is_refused() {
    let script = Script::new();
    script.json(200, &serde_json::json!({"signers": [{"recipientId": ".."}]}));
    let error = list(&script).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(error.message().contains("signers[0]"), "{error}");
}

#[test]
fn the_answers_name_their_source() {
    // Loading asserts it.
    assert!(!answer("two_signers").source.is_empty());
}
