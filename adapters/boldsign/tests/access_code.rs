//! Changes of access codes.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{CODE, Says, answer, change, code, document, error_forms, known, named, refusal, script, shown};
use countersign_core::{
    ChangeAccessCode, Email, ErrorKind, MailExpectation, NoMail, Outcome, Phase, Retry, TransportFault,
    Unlocking,
};

fn request(recipient: &str) -> ChangeAccessCode {
    ChangeAccessCode::new(document(), named(recipient), code())
}

#[tokio::test]
async fn the_signer_goes_into_the_query_and_the_code_into_the_body() {
    let script = script(&[answer("properties_in_order"), answer("no_content")]);
    let sender = Email::new("desk@example.com").expect("an address");
    let done =
        change(&script, &request("email:ben@example.com").with_on_behalf_of(sender)).await.expect("a change");
    assert_eq!(done.mail, MailExpectation::NotExpected(NoMail::NotAsked));
    assert_eq!(done.unlocking, Unlocking::NotNeeded);
    assert_eq!(script.sent()[1].json()["accessCode"], CODE);
    insta::assert_snapshot!(shown(&script));
}

#[tokio::test]
async fn the_order_is_always_that_of_the_list() {
    let cases = [
        ("properties_repeated", "email:anna@example.com#1", "anna@example.com", "1"),
        ("properties_repeated", "id:Anna@example.com#3", "Anna@example.com", "3"),
        ("properties_in_order", "email:ben@example.com", "ben@example.com", "2"),
    ];
    for (properties, recipient, email, order) in cases {
        let script = script(&[answer(properties), answer("no_content")]);
        change(&script, &request(recipient)).await.expect(recipient);
        let sent = script.finish();
        assert_eq!(sent[1].query_values("EmailId"), [email]);
        assert_eq!(sent[1].query_values("ZOrder"), [order]);
    }
}

#[tokio::test]
async fn a_phone_signer_is_named_in_the_body() {
    let script = script(&[answer("properties_phone"), answer("no_content")]);
    change(&script, &request("phone:+491701234567")).await.expect("a change");
    insta::assert_snapshot!(shown(&script));
}

#[tokio::test]
async fn a_new_code_unlocks() {
    let script = script(&[answer("properties_locked"), answer("no_content")]);
    let done = change(&script, &request("email:anna@example.com")).await.expect("a change");
    assert_eq!(done.unlocking, Unlocking::Unlocked);
}

#[tokio::test]
async fn where_no_code_can_be_changed_the_way_out_is_told() {
    let cases = [
        ("properties_parallel", "email:anna@example.com", ErrorKind::AccessCodeNotEnabled),
        ("properties_locked", "email:sam@example.com", ErrorKind::AccessCodeNotEnabled),
        ("properties_locked", "email:otto@example.com", ErrorKind::RecipientLocked),
        ("properties_in_order", "email:anna@example.com", ErrorKind::RecipientDone),
        ("properties_in_order", "id:cc:file@example.com", ErrorKind::Unsupported),
        ("properties_same_order_twice", "id:anna@example.com#1", ErrorKind::Unsupported),
        ("properties_completed", "email:anna@example.com", ErrorKind::EnvelopeClosed),
    ];
    let mut said = String::new();
    for (properties, recipient, kind) in cases {
        let script = script(&[answer(properties)]);
        let error = change(&script, &request(recipient)).await.expect_err("a refusal");
        assert_eq!(error.kind(), kind, "{properties} {recipient}");
        assert_eq!(script.finish().len(), 1, "nothing may be changed");
        said.push_str(&format!("{properties} {recipient}\n  {error}\n  {}\n", error.hint()));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_known_recipient_needs_one_call() {
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let script = script(&[answer("no_content")]);
    change(&script, &ChangeAccessCode::new(document(), ben, code())).await.expect("a change");
    assert_eq!(script.finish()[0].query_values("ZOrder"), ["2"]);
}

#[tokio::test]
async fn a_notification_is_a_reminder_behind_the_change() {
    let script = script(&[answer("properties_locked"), answer("no_content"), answer("no_content")]);
    let done = change(&script, &request("email:anna@example.com").with_notify(true)).await.expect("a change");
    assert_eq!((done.mail, done.unlocking), (MailExpectation::Expected, Unlocking::Unlocked));
    insta::assert_snapshot!(shown(&script));
}

#[tokio::test]
async fn a_change_stands_whatever_becomes_of_its_notification() {
    let email = Says::Field("receiverEmails", "The field receiverEmails is invalid.");
    let refused = |kind| MailExpectation::NotExpected(NoMail::Refused(kind));
    let cases = [
        (common::reminded(), refused(ErrorKind::QuotaExceeded)),
        (common::refused(400, email), refused(ErrorKind::InvalidRequest)),
        (refusal("any_429"), refused(ErrorKind::RateLimited)),
        (refusal("list_502_html"), MailExpectation::Unknown),
    ];
    for (fixture, mail) in cases {
        let status = fixture.status;
        let script = script(&[answer("properties_locked"), answer("no_content"), fixture]);
        let done =
            change(&script, &request("email:anna@example.com").with_notify(true)).await.expect("a change");
        assert_eq!(done.mail, mail, "{status}");
        assert_eq!(done.unlocking, Unlocking::Unlocked);
    }
    for (phase, mail) in
        [(Phase::AfterSending, MailExpectation::Unknown), (Phase::BeforeSending, refused(ErrorKind::Timeout))]
    {
        let script = script(&[answer("properties_locked"), answer("no_content")]);
        script.fail(TransportFault::Timeout, phase);
        let done =
            change(&script, &request("email:anna@example.com").with_notify(true)).await.expect("a change");
        assert_eq!(done.mail, mail);
    }
}

#[tokio::test]
async fn nobody_is_mailed_against_the_documents_settings_or_out_of_turn() {
    let muted = script(&[answer("properties_muted"), answer("no_content")]);
    let done = change(&muted, &request("email:anna@example.com").with_notify(true)).await.expect("a change");
    assert_eq!(done.mail, MailExpectation::NotExpected(NoMail::Muted));
    muted.finish();

    let mut fixture = answer("properties_in_order");
    if let Some(body) = &mut fixture.body {
        body["signerDetails"][0]["status"] = "NotCompleted".into();
    }
    let early = script(&[fixture, answer("no_content")]);
    let done = change(&early, &request("email:ben@example.com").with_notify(true)).await.expect("a change");
    assert_eq!(done.mail, MailExpectation::NotExpected(NoMail::NotInTurn));
    early.finish();
}

#[tokio::test]
async fn a_change_of_unknown_outcome_may_be_repeated() {
    let script = script(&[answer("properties_in_order")]);
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    let error = change(&script, &request("email:ben@example.com")).await.expect_err("a fault");
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::After(None)));
}

#[tokio::test]
async fn a_refused_known_recipient_is_explained_from_the_list() {
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let request = ChangeAccessCode::new(document(), ben, code());
    let script = script(&[refusal("change_403_forbidden"), answer("properties_locked")]);
    let error = change(&script, &request).await.expect_err("a refusal");
    script.finish();
    insta::assert_snapshot!(error_forms(&error));
}

#[tokio::test]
async fn a_known_recipient_with_another_order_is_told_what_differs() {
    let mut ben = known("properties_in_order", "ben@example.com#2").await;
    ben.order = Some(7);
    let request = ChangeAccessCode::new(document(), ben, code());
    let script = script(&[refusal("change_403_forbidden"), answer("properties_in_order")]);
    let error = change(&script, &request).await.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::RecipientNotFound);
    let differing: Vec<&str> = error.details().iter().map(|detail| detail.field.as_ref()).collect();
    assert_eq!(differing, ["order"]);
}
