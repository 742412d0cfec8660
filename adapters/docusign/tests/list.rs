//! Reading who is on an envelope.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{answer, list, script, sent};
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
