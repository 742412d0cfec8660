//! Passcodes, which replace any other check of the recipient.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{ANNA, account, answer, change, clock, envelope, named, refusal, script, sent};
use countersign_core::vendor::perform;
use countersign_core::{
    AccessCode, ChangeAccessCode, ErrorKind, MailExpectation, NoMail, Operation, Outcome, Retry, Unlocking,
};
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
    for kind in
        ["phone_verification", "kba_verification", "id_verification", "email_otp_verification", "new_kind"]
    {
        let mut list = answer("phone_check");
        let row = &mut list.body.as_mut().expect("a body")["recipients"][0];
        // The other kinds are null, says the OpenAPI document.
        row["verification_settings"] =
            json!({"verification_place": "before_open", "passcode_verification": null});
        row["verification_settings"][kind] = json!({});
        let script = script(&[list]);
        let error = change(&script, ANNA, false).await.expect_err(kind);
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unsupported, Outcome::NoEffect), "{kind}");
        assert!(error.to_string().contains(kind), "{error}");
        assert_eq!(script.finish().len(), 1);
    }
}

#[tokio::test]
async fn a_code_follows_the_rule_before_anything_is_sent() {
    for (code, is_right) in [
        ("Simpl1", true),
        (&*format!("{}1", "x".repeat(99)), true),
        ("Sim1e", false),
        (&*format!("{}1", "x".repeat(100)), false),
        ("Simple", false),
        ("123456", false),
        ("Sim ple1", false),
    ] {
        let script = script(&[answer("parallel"), answer("no_content")]);
        let request = ChangeAccessCode::new(envelope(), named(ANNA), AccessCode::new(code).expect("a code"));
        let cx = script.context(Operation::ChangeAccessCode, &clock());
        let done = perform(&account(), &cx, &request).await;
        let wanted = if is_right { None } else { Some((ErrorKind::AccessCodeRefused, Outcome::NoEffect)) };
        assert_eq!(done.err().map(|error| (error.kind(), error.outcome())), wanted, "{code}");
    }
}

/// The code is in no error, even if PandaDoc repeats it.
#[tokio::test]
async fn a_code_that_is_repeated_is_not_shown() {
    let script = script(&[answer("parallel")]);
    let detail = json!({"passcode": ["N3wMarkedCode is too weak: N3wMarkedCode"]});
    script.json(400, &json!({"type": "validation_error", "detail": detail}));
    let error = change(&script, ANNA, false).await.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::AccessCodeRefused);
    assert!(!format!("{error} {error:?} {}", error.hint()).contains("N3wMarkedCode"), "{error:?}");
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
    let script = common::script(&[answer("parallel")]);
    script.raw(404, &[("content-type", "text/html")], "<html><body>nginx</body></html>");
    let error = change(&script, ANNA, false).await.expect_err("a page");
    assert_eq!(error.kind(), ErrorKind::Config, "a gateway's page says nothing of the recipient");
}
