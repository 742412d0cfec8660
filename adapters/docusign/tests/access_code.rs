//! Giving a recipient another access code.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

use common::{change, code, envelope, named, script, sent, shown};
use countersign_core::{
    AccessCode, ChangeAccessCode, ErrorKind, MailExpectation, NoMail, Outcome, Phase, Retry, TransportFault,
    Unlocking,
};

fn new_code(who: &str) -> ChangeAccessCode {
    ChangeAccessCode::new(envelope(), named(who), code())
}

#[tokio::test]
async fn a_code_is_set_without_an_address_and_without_a_mail() {
    let script = script(&["two_signers", "updated"]);
    let changed = change(&script, &new_code("id:2")).await.unwrap();
    assert_eq!(changed.mail, MailExpectation::NotExpected(NoMail::NotAsked));
    assert_eq!(changed.unlocking, Unlocking::NotNeeded);
    let put = script.sent()[1].clone();
    assert_eq!(
        put.json(),
        serde_json::json!({"signers": [{"recipientId": "2", "name": "Jon Doe", "accessCode": "marked-code"}]})
    );
    assert_eq!(put.query, "");
    let shown = sent(&script);
    assert!(!shown.contains("marked"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn notify_adds_the_resend_and_unlocks() {
    let script = script(&["mail_cases"]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": [{"recipientId": "8"}]}));
    let changed = change(&script, &new_code("id:8").with_notify(true)).await.unwrap();
    assert_eq!(changed.mail, MailExpectation::Expected);
    assert_eq!(changed.unlocking, Unlocking::Unlocked);
    let put = script.finish()[1].clone();
    assert_eq!(put.query_values("resend_envelope"), ["true"]);
    assert_eq!(put.json()["signers"][0].get("email"), None);
}

#[tokio::test]
async fn without_notify_nothing_is_promised_to_a_locked_signer() {
    let script = script(&["mail_cases"]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": [{"recipientId": "8"}]}));
    let changed = change(&script, &new_code("id:8")).await.unwrap();
    assert_eq!(changed.unlocking, Unlocking::Unverified);
}

#[tokio::test]
async fn forbidden_characters_are_refused_without_a_request() {
    for text in ["marked<1", "marked>1", "marked&1", "marked#1", "marked;1"] {
        let script = script(&[]);
        let request = ChangeAccessCode::new(envelope(), named("id:2"), AccessCode::new(text).unwrap());
        let error = change(&script, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessCodeRefused);
        assert_eq!(error.outcome(), Outcome::NoEffect);
        shown(&error);
        script.finish();
    }
    let script = script(&["two_signers", "updated"]);
    let odd = AccessCode::new("Ünï \"cödé\" + 100%").unwrap();
    change(&script, &ChangeAccessCode::new(envelope(), named("id:2"), odd)).await.unwrap();
}

#[tokio::test]
async fn who_is_done_or_a_seal_is_refused_before_sending() {
    for (who, kind) in [("id:1", ErrorKind::RecipientDone), ("id:14", ErrorKind::Unsupported)] {
        let script = script(&["mail_cases"]);
        let error = change(&script, &new_code(who)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(script.finish().len(), 1);
    }
}

#[tokio::test]
async fn a_failure_inside_a_success_is_a_failure() {
    let script = script(&["two_signers", "recipient_update_failed"]);
    let error = change(&script, &new_code("id:2")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RecipientDone, Outcome::Refused));
    insta::assert_snapshot!(shown(&error));
}

#[tokio::test]
async fn setting_may_be_repeated_after_an_open_outcome_unless_it_notifies() {
    for (notify, retry) in [(false, Retry::After(None)), (true, Retry::Never)] {
        let script = script(&["two_signers"]);
        script.fail(TransportFault::Timeout, Phase::AfterSending);
        let error = change(&script, &new_code("id:2").with_notify(notify)).await.unwrap_err();
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, retry));
    }
}

/// A vendor that echoes the code in its refusal does not get it into our error.
#[tokio::test]
async fn an_echoed_code_is_taken_out() {
    let script = script(&["two_signers"]);
    script.json(
        400,
        &serde_json::json!({"errorCode": "INVALID_REQUEST_PARAMETER", "message": "access code marked-code is too weak (Bearer marked-token)"}),
    );
    let error = change(&script, &new_code("id:2")).await.unwrap_err();
    insta::assert_snapshot!(shown(&error));
}

#[tokio::test]
async fn an_in_person_signer_keeps_host_and_name() {
    let script = script(&["all_arrays"]);
    script.json(200, &serde_json::json!({"recipientUpdateResults": [{"recipientId": "7"}]}));
    change(&script, &new_code("id:7")).await.unwrap();
    assert_eq!(
        script.finish()[1].json(),
        serde_json::json!({"inPersonSigners": [{
            "recipientId": "7", "name": "Hugo Host", "hostName": "Hugo Host", "signerName": "Ida Inperson",
            "accessCode": "marked-code",
        }]})
    );
}
