//! Passcodes, which replace any other check of the recipient.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{ANNA, answer, change, refusal, script, sent};
use countersign_core::{ErrorKind, MailExpectation, NoMail, Outcome, Retry, Unlocking};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_first_code_is_asked_for_before_opening_and_another_one_keeps_its_place() {
    for (list, place, unlocking) in [
        ("parallel", "before_open", Unlocking::NotNeeded),
        ("draft", "before_open", Unlocking::NotNeeded),
        ("passcode", "before_sign", Unlocking::Unverified),
    ] {
        let script = script(&[answer(list), answer("no_content")]);
        let changed = change(&script, ANNA, false).await.expect(list);
        assert_eq!(changed.mail, MailExpectation::NotExpected(NoMail::NotAsked));
        assert_eq!(changed.unlocking, unlocking, "{list}");
        let body = script.finish()[1].json();
        assert_eq!(
            body,
            json!({"verification_settings": {"verification_place": place,
                "passcode_verification": {"passcode": "N3wMarkedCode"}}}),
            "nothing else is sent: it would change the contact book"
        );
    }
}

#[tokio::test]
async fn no_other_check_is_replaced() {
    let script = script(&[answer("phone_check")]);
    let error = change(&script, ANNA, false).await.expect_err("a phone check");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unsupported, Outcome::NoEffect));
    assert!(error.to_string().contains("phone_verification"), "{error}");
    assert_eq!(script.finish().len(), 1);
}

#[tokio::test]
async fn a_group_gets_no_code() {
    let script = script(&[answer("group")]);
    let error = change(&script, "id:tf5dGS3Tmu3cj228ao6fng", false).await.expect_err("a group");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unsupported, Outcome::NoEffect));
    assert_eq!(script.finish().len(), 1);
}

#[tokio::test]
async fn only_204_without_content_is_a_success() {
    for (status, body) in [(200, ""), (204, "page")] {
        let script = script(&[answer("parallel")]);
        script.raw(status, &[], body);
        let error = change(&script, ANNA, false).await.expect_err("not PandaDoc's answer");
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::InvalidResponse, Outcome::Unknown),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_change_with_notify_is_followed_by_a_reminder_which_cannot_undo_it() {
    let script = script(&[answer("parallel"), answer("no_content"), answer("reminded")]);
    let changed = change(&script, ANNA, true).await.expect("a change");
    assert_eq!(changed.mail, MailExpectation::Expected);
    insta::assert_snapshot!(sent(&script));
    let script = common::script(&[answer("parallel"), answer("no_content"), answer("reminder_refused")]);
    let changed = change(&script, ANNA, true).await.expect("a change");
    let refused = NoMail::Refused(ErrorKind::QuotaExceeded);
    assert_eq!(changed.mail, MailExpectation::NotExpected(refused));
    for (list, why) in
        [("draft", NoMail::Refused(ErrorKind::EnvelopeNotReady)), ("in_order", NoMail::NotInTurn)]
    {
        let who = if list == "draft" { ANNA } else { "email:ben@example.com" };
        let script = common::script(&[answer(list), answer("no_content")]);
        let changed = change(&script, who, true).await.expect(list);
        assert_eq!(changed.mail, MailExpectation::NotExpected(why), "{list}");
    }
    let script = common::script(&[answer("parallel"), answer("no_content")]);
    script.json(200, &json!({}));
    assert_eq!(change(&script, ANNA, true).await.expect("a change").mail, MailExpectation::Unknown);
}

#[tokio::test]
async fn a_lock_says_when_it_ends() {
    let script = script(&[answer("parallel"), refusal("locked")]);
    let error = change(&script, ANNA, false).await.expect_err("a lock");
    assert_eq!(error.kind(), ErrorKind::EnvelopeBusy);
    assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(300))), "23:00 to 23:05");
}

#[tokio::test]
async fn an_unknown_document_is_not_taken_for_an_unknown_recipient() {
    let error = change(&script(&[refusal("not_found")]), ANNA, false).await.expect_err("unknown");
    assert_eq!(error.kind(), ErrorKind::EnvelopeNotFound);
    let script = script(&[answer("parallel"), refusal("code_recipient_gone")]);
    let error = change(&script, ANNA, false).await.expect_err("gone");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RecipientNotFound, Outcome::Refused));
}
