//! Sending the request to sign once more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{envelope, known, named, resend, script, sent, shown};
use countersign_core::{
    Email, ErrorKind, MailExpectation, NoMail, Outcome, Phase, ResendRecipient, Retry, TransportFault,
    Unlocking,
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
    assert!(!resent.mails_anybody());
    insta::assert_snapshot!(sent(&script));
}

#[tokio::test]
async fn an_address_from_memory_is_not_sent() {
    let script = script(&["updated_success"]);
    resend(&script, &ResendRecipient::new(envelope(), known("two_signers", "2").await)).await.unwrap();
    let sent = script.finish();
    assert_eq!(sent[0].query_values("resend_envelope"), ["true"]);
    assert_eq!(sent[0].json(), serde_json::json!({"signers": [{"recipientId": "2", "name": "Jon Doe"}]}));
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
    assert!(resent.mails_anybody());
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
async fn a_refused_known_recipient_is_read_again_and_sent_to_once_more() {
    let script = Script::new();
    script.json(
        200,
        &serde_json::json!({"recipientUpdateResults": [
            {"recipientId": "2", "errorDetails": {"errorCode": "UNKNOWN_ENVELOPE_RECIPIENT", "message": "no"}},
        ]}),
    );
    script.fixture(&common::answer("two_signers"));
    script.fixture(&common::answer("updated_success"));
    let mut old = known("two_signers", "2").await;
    old.name = Some("Old Name".to_owned());
    resend(&script, &ResendRecipient::new(envelope(), old.clone())).await.unwrap();
    assert_eq!(script.finish()[2].json()["signers"][0]["name"], "Jon Doe");

    // After an open outcome there is no second try, not even if the code says that nobody was found.
    let script = Script::new();
    script.json(500, &serde_json::json!({"errorCode": "UNKNOWN_ENVELOPE_RECIPIENT", "message": "no"}));
    let error = resend(&script, &ResendRecipient::new(envelope(), old.clone())).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
    assert_eq!(script.finish().len(), 1);
    let script = Script::new();
    script.fail(TransportFault::Broken, Phase::AfterSending);
    let error = resend(&script, &ResendRecipient::new(envelope(), old)).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(script.finish().len(), 1);
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
