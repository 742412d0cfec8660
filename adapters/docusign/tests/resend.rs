//! Sending the request to sign once more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{
    change, code, envelope, known, named, resend, script, sent, shown, signer, view, view_of, with_signers,
};
use countersign_core::{
    ChangeAccessCode, Email, ErrorKind, MailExpectation, NoMail, Outcome, Phase, ResendRecipient, Retry,
    TransportFault, Unlocking,
};
use countersign_testkit::Script;

fn to(who: &str) -> ResendRecipient {
    ResendRecipient::new(envelope(), named(who))
}

#[tokio::test]
async fn one_recipient_in_the_array_of_their_kind() {
    let script = script(&["two_signers", "updated_success"]);
    let resent = resend(&script, &to("id:2")).await.unwrap();
    assert_eq!(resent.to.len(), 1);
    assert_eq!(resent.to[0].mail, MailExpectation::NotExpected(NoMail::Embedded));
    assert!(!resent.expects_mail());
    insta::assert_snapshot!(sent(&script));
}

/// Every change writes the name, and DocuSign takes any address as a new one: old values would undo corrections.
#[tokio::test]
async fn a_name_or_address_from_memory_is_not_sent() {
    let mut old = known("two_signers", "2").await;
    (old.name, old.email) = (Some("Old Name".to_owned()), Some("old@example.com".to_owned()));
    let script = common::script(&["two_signers", "updated_success"]);
    resend(&script, &ResendRecipient::new(envelope(), old.clone())).await.unwrap();
    let code_script = common::script(&["two_signers", "updated"]);
    change(&code_script, &ChangeAccessCode::new(envelope(), old, code())).await.unwrap();
    let [mailed, changed] =
        [script, code_script].map(|script| script.finish()[1].json()["signers"][0].clone());
    assert_eq!((&mailed["name"], &mailed["email"]), (&"Jon Doe".into(), &"jon@example.com".into()));
    assert_eq!((&changed["name"], changed.get("email")), (&"Jon Doe".into(), None));
}

/// For each state of a recipient: what the request holds, whether a mail is to be expected and why not, what it does
/// for a locked signer.
#[tokio::test]
async fn the_reply_says_who_gets_mail_and_why_not() {
    let mut all = String::new();
    for id in 1..=14 {
        let script = script(&["mail_cases"]);
        script.json(200, &serde_json::json!({"recipientUpdateResults": [{"recipientId": id.to_string()}]}));
        match resend(&script, &to(&format!("id:{id}"))).await {
            Ok(resent) => {
                let body = script.finish()[1].json();
                all += &format!("{body}\n  {}\n", serde_json::to_string(&resent).unwrap());
            }
            Err(error) => {
                assert_eq!(script.sent().len(), 1, "nothing is sent for them");
                all += &format!("id:{id}\n  {error}\n");
            }
        }
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn everyone_is_one_call_on_the_envelope_with_an_empty_object() {
    let script = script(&["mail_cases", "envelope_resent"]);
    let resent = resend(&script, &ResendRecipient::everyone(envelope())).await.unwrap();
    assert!(resent.expects_mail());
    insta::assert_json_snapshot!(resent);
    insta::assert_snapshot!(sent(&script));
}

#[tokio::test]
async fn everyone_with_refusals_for_some_tells_whom() {
    let script = script(&["mail_cases"]);
    let refused = |id: &str, code: &str| serde_json::json!({"recipientId": id, "errorDetails": {"errorCode": code, "message": "no"}});
    script.json(
        200,
        &serde_json::json!({"recipientUpdateResults": [
            refused("1", "RECIPIENT_UPDATE_FAILED"), refused("2", "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT"),
            refused("8", "SOMETHING_NEW"), refused("3", "success"),
        ]}),
    );
    let resent = resend(&script, &ResendRecipient::everyone(envelope())).await.unwrap();
    let of = |id: &str| resent.to.iter().find(|one| one.recipient.as_str() == id).unwrap();
    assert_eq!(of("1").mail, MailExpectation::NotExpected(NoMail::Done));
    assert_eq!(of("2").mail, MailExpectation::NotExpected(NoMail::Refused(ErrorKind::InvalidRequest)));
    assert_eq!(of("3").mail, MailExpectation::NotExpected(NoMail::Embedded));
    assert_eq!(of("8").unlocking, Unlocking::StillLocked);
    assert_eq!(of("13").mail, MailExpectation::Expected);
}

#[tokio::test]
async fn everyone_with_nothing_but_refusals_is_a_failure() {
    let script = script(&["two_signers"]);
    script.json(
        200,
        &serde_json::json!({"recipientUpdateResults": [
            {"recipientId": "1", "errorDetails": {"errorCode": "RECIPIENT_UPDATE_FAILED", "message": "no"}},
        ]}),
    );
    let error = resend(&script, &ResendRecipient::everyone(envelope())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecipientDone);
    assert_eq!(error.outcome(), Outcome::Refused);
}

/// DocuSign fell over for one of them, so that this one may have been mailed.
#[tokio::test]
async fn of_several_refusals_one_of_unknown_effect_decides() {
    let refused = |id: &str, code: &str| serde_json::json!({"recipientId": id, "errorDetails": {"errorCode": code, "message": "no"}});
    let script = script(&["mail_cases"]);
    let (busy, crash) = ("EDIT_LOCK_NOT_LOCK_OWNER", "UNSPECIFIED_ERROR");
    let results = serde_json::json!([refused("8", busy), refused("13", crash)]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": results}));
    let error = resend(&script, &ResendRecipient::everyone(envelope())).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never), "{error}");

    let script = common::script(&["mail_cases"]);
    let results = serde_json::json!([refused("8", crash), refused("13", "SUCCESS")]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": results}));
    let resent = resend(&script, &ResendRecipient::everyone(envelope())).await.unwrap();
    let of = |id: &str| resent.to.iter().find(|one| one.recipient.as_str() == id).unwrap();
    assert_eq!((&of("8").mail, of("8").unlocking), (&MailExpectation::Unknown, Unlocking::Unverified));
}

#[tokio::test]
async fn a_refusal_beside_a_success_does_not_say_what_was_done() {
    for request in [to("id:2"), ResendRecipient::everyone(envelope())] {
        let script = script(&["two_signers"]);
        script.json(
            200,
            &serde_json::json!({
                "errorDetails": {"errorCode": "EDIT_LOCK_NOT_LOCK_OWNER", "message": "no"},
                "recipientUpdateResults": [{"recipientId": "2", "errorDetails": {"errorCode": "SUCCESS"}}],
            }),
        );
        let error = resend(&script, &request).await.unwrap_err();
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never), "{error}");
    }
}

#[tokio::test]
async fn a_locked_signer_gets_new_attempts() {
    let script = script(&["mail_cases"]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": [{"recipientId": "8"}]}));
    let resent = resend(&script, &to("id:8")).await.unwrap();
    assert_eq!(resent.to[0].unlocking, Unlocking::Unlocked);
    assert_eq!(resent.to[0].mail, MailExpectation::Expected);
}

/// A mail that may have gone out is never sent again by us, and never offered for repetition.
#[tokio::test]
async fn an_open_outcome_is_told_and_nothing_is_repeated() {
    for request in [to("id:2"), ResendRecipient::everyone(envelope())] {
        let script = script(&["two_signers"]);
        script.fail(TransportFault::Timeout, Phase::AfterSending);
        let error = resend(&script, &request).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
        assert_eq!(error.retry(), Retry::Never);
        assert_eq!(script.finish().len(), 2);
    }
    // Before sending nothing can have happened.
    let script = script(&["two_signers"]);
    script.fail(TransportFault::Connect, Phase::BeforeSending);
    let error = resend(&script, &to("id:2")).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::NoEffect, Retry::After(None)));
}

#[tokio::test]
async fn an_answer_that_says_nothing_about_the_recipient_is_no_success() {
    let script = script(&["two_signers"]);
    let trace = ("x-docusign-tracetoken", "5f1c7d3e-0000-4000-8000-00000000abcd");
    script.raw(200, &[trace], r#"{"recipientUpdateResults": []}"#);
    let error = resend(&script, &to("id:2")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidResponse, Outcome::Unknown));
    assert_eq!(error.retry(), Retry::Never);
    insta::assert_snapshot!(shown(&error));
}

#[tokio::test]
async fn one_result_without_an_id_is_about_the_one_recipient() {
    let script = script(&["two_signers"]);
    script.json(
        200,
        &serde_json::json!({"recipientUpdateResults": [{"errorDetails": {"errorCode": "", "message": ""}}]}),
    );
    resend(&script, &to("id:2")).await.unwrap();
}

#[tokio::test]
async fn options_that_docusign_lacks_are_refused_without_a_request() {
    for request in [
        to("id:2").with_message("please"),
        to("id:2").with_on_behalf_of(Email::new("boss@example.com").unwrap()),
    ] {
        let script = script(&[]);
        let error = resend(&script, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.vendor(), Some("docusign"));
        script.finish();
    }
}

/// A row of DocuSign's about a recipient who was deleted from the envelope.
fn deleted(id: &str) -> serde_json::Value {
    signer(
        id,
        serde_json::json!({"name": null, "email": null, "routingOrder": "0", "status": "deleted", "sentDateTime": null}),
    )
}

#[tokio::test]
async fn a_deleted_recipient_is_refused_before_sending_and_left_out_of_everyone() {
    let both = || with_signers(&[signer("1", serde_json::json!({})), deleted("2")]);
    let code_for = |who| ChangeAccessCode::new(envelope(), named(who), code());
    let (first, second, third) = (both(), both(), both());
    for error in [
        view(&first, &view_of(named("id:2"))).await.unwrap_err(),
        resend(&second, &to("id:2")).await.unwrap_err(),
        change(&third, &code_for("id:2")).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::RecipientDone, Outcome::NoEffect));
        assert_eq!(error.message(), "the recipient was deleted from the envelope");
        assert!(!error.hint().contains("resend"), "{}", error.hint());
    }
    [first, second, third].iter().for_each(|script| assert_eq!(script.finish().len(), 1));
    let script = both();
    script.fixture(&common::answer("envelope_resent"));
    let resent = resend(&script, &ResendRecipient::everyone(envelope())).await.unwrap();
    let who: Vec<_> = resent.to.iter().map(|one| one.recipient.as_str()).collect();
    assert_eq!(who, ["1"]);
}

/// A draft's list names no order that is being served.
#[tokio::test]
async fn a_draft_has_to_be_sent_first() {
    let draft = || script(&["draft"]);
    let notify = ChangeAccessCode::new(envelope(), named("id:1"), code()).with_notify(true);
    let (one, all, coded) = (draft(), draft(), draft());
    for error in [
        resend(&one, &to("id:1")).await.unwrap_err(),
        resend(&all, &ResendRecipient::everyone(envelope())).await.unwrap_err(),
        change(&coded, &notify).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::EnvelopeNotReady, Outcome::NoEffect));
        assert_eq!(error.message(), "the envelope is a draft: it was never sent");
        assert_eq!(error.hint(), "send the envelope first");
    }
    [one, all, coded].iter().for_each(|script| assert_eq!(script.finish().len(), 1));
    // A recipient from an earlier list is read again: only a list tells a later turn from a draft.
    let known = known("draft", "2").await;
    let script = draft();
    let error = resend(&script, &ResendRecipient::new(envelope(), known)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EnvelopeNotReady);
    script.finish();
    // A code can be set on a draft, as long as no mail is wanted.
    let script = common::script(&["draft", "updated"]);
    change(&script, &ChangeAccessCode::new(envelope(), named("id:2"), code())).await.unwrap();
}

/// A signature locks the envelope for seconds; only a lock that a later attempt still meets is an edit.
#[tokio::test]
async fn a_lock_is_waited_for_some_seconds_once() {
    let script = Script::new();
    for _ in 0..2 {
        script.fixture(&common::answer("two_signers"));
        script.fixture(&common::coded("400 EDIT_LOCK_NOT_LOCK_OWNER"));
    }
    let cx = common::context(&script, countersign_core::Operation::ResendRecipient);
    let mut waits = Vec::new();
    for _ in 0..2 {
        let error =
            countersign_core::vendor::perform(&common::account(), &cx, &to("id:2")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::EnvelopeBusy, Outcome::Refused));
        assert!(
            error.message().contains("has just signed") && error.message().contains("editing"),
            "{error}"
        );
        waits.push(error.retry());
        cx.restart();
    }
    let after = |seconds| Retry::After(Some(std::time::Duration::from_secs(seconds)));
    assert_eq!(waits, [after(5), after(30 * 60)]);
    script.finish();
}

/// DocuSign's word for a crash of its own: the mail may have gone out, so it is not sent again by us.
#[tokio::test]
async fn an_unspecified_error_leaves_the_outcome_of_a_mail_open() {
    let body = serde_json::json!({
        "errorCode": "UNSPECIFIED_ERROR", "message": "Object reference not set to an instance of an object.",
    });
    for request in [to("id:2"), ResendRecipient::everyone(envelope())] {
        let script = script(&["two_signers"]);
        script.json(400, &body);
        let error = resend(&script, &request).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unexpected, Outcome::Unknown));
        assert_eq!(error.retry(), Retry::Never);
        assert!(
            error.hint().contains("request id") && !error.hint().contains("correct the value"),
            "{}",
            error.hint()
        );
    }
}

/// An envelope may be made so that DocuSign writes the code into its mails.
#[tokio::test]
async fn a_code_that_docusign_mails_is_told() {
    let mails_code =
        |mails: &str| signer("1", serde_json::json!({"accessCode": "marked", "addAccessCodeToEmail": mails}));
    for (mails, contained) in [("true", true), ("false", false)] {
        let done = serde_json::json!({"recipientUpdateResults": [{"recipientId": "1"}]});
        let script = with_signers(&[mails_code(mails)]);
        script.json(200, &done);
        let resent = resend(&script, &to("id:1")).await.unwrap();
        assert_eq!((resent.to[0].code_in_mail, &resent.to[0].mail), (contained, &MailExpectation::Expected));
        let script = with_signers(&[mails_code(mails)]);
        script.json(200, &done);
        let request = ChangeAccessCode::new(envelope(), named("id:1"), code()).with_notify(true);
        assert_eq!(change(&script, &request).await.unwrap().code_in_mail, contained);
        // Without a mail the caller has to pass the new code on.
        let script = with_signers(&[mails_code(mails)]);
        script.json(200, &done);
        assert!(!change(&script, &request.with_notify(false)).await.unwrap().code_in_mail);
        let listed = common::list(&with_signers(&[mails_code(mails)])).await.unwrap();
        assert_eq!(listed.recipients[0].code_in_mail, contained);
    }
}

/// A group's name is no recipient's, so a change does not give it to one.
#[tokio::test]
async fn a_group_is_not_renamed_by_a_resend() {
    let group =
        serde_json::json!({"name": "", "email": "", "signingGroupId": "11", "signingGroupName": "Board"});
    let script = with_signers(&[signer("1", group)]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": [{"recipientId": "1"}]}));
    resend(&script, &to("id:1")).await.unwrap();
    assert_eq!(script.finish()[1].json(), serde_json::json!({"signers": [{"recipientId": "1"}]}));
}
