//! Reminders.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{Says, answer, document, error_forms, known, named, refusal, refused, resend, script, shown};
use countersign_core::{
    Email, ErrorKind, MailExpectation, Outcome, Phase, RecipientRef, ResendRecipient, Retry, TransportFault,
};

fn one(recipient: &str) -> ResendRecipient {
    ResendRecipient::new(document(), named(recipient))
}

#[tokio::test]
async fn one_recipient_is_named_in_the_query() {
    let script = script(&[answer("properties_in_order"), answer("no_content")]);
    let sender = Email::new("desk+1@example.com").expect("an address");
    let request = one("email:ben@example.com").with_message("Please sign\ntoday").with_on_behalf_of(sender);
    let resent = resend(&script, &request).await.expect("a reminder");
    insta::assert_json_snapshot!("one_reply", resent);
    insta::assert_snapshot!("one_request", shown(&script));
}

#[tokio::test]
async fn a_reminder_never_goes_to_nobody_which_would_be_everybody() {
    let cases = [
        ("properties_in_order", "id:ben@example.com#2", vec!["ben@example.com"]),
        ("properties_tricky_addresses", "id:zoë+lease@exämple.com#1", vec!["zoë+lease@exämple.com"]),
        (
            "properties_tricky_addresses",
            "everyone",
            vec!["zoë+lease@exämple.com", "o'neil+a&b=c@example.com"],
        ),
        ("properties_in_order", "everyone", vec!["ben@example.com"]),
        ("properties_reassigned", "everyone", vec!["new@example.com"]),
        ("properties_group", "everyone", vec!["ada@example.com", "bob@example.com"]),
        ("properties_phone", "everyone", vec!["ben@example.com"]),
    ];
    for (properties, target, emails) in cases {
        let script = script(&[answer(properties), answer("no_content")]);
        let request = match target {
            "everyone" => ResendRecipient::everyone(document()),
            one_of_them => one(one_of_them),
        };
        resend(&script, &request).await.expect(target);
        let sent = script.finish();
        let mut named = sent[1].query_values("receiverEmails");
        named.sort();
        let mut emails = emails;
        emails.sort_unstable();
        assert_eq!(named, emails, "{properties} {target}");
        assert!(sent[1].json().is_object(), "a body is always sent");
        assert!(sent[1].json().get("receiverEmails").is_none(), "in the body it would be ignored");
    }
}

#[tokio::test]
async fn a_phone_signer_is_named_in_the_body_and_others_are_not_vouched_for() {
    let script = script(&[answer("properties_phone"), answer("no_content")]);
    let resent = resend(&script, &one("phone:+491701234567")).await.expect("a reminder");
    insta::assert_json_snapshot!("phone_reply", resent);
    insta::assert_snapshot!("phone_request", shown(&script));
}

#[tokio::test]
async fn a_reminder_by_address_reaches_each_part_of_the_person() {
    let script = script(&[answer("properties_repeated"), answer("no_content")]);
    let resent = resend(&script, &one("email:anna@example.com#1")).await.expect("a reminder");
    let reached: Vec<&str> = resent.to.iter().map(|one| one.recipient.as_str()).collect();
    assert_eq!(reached, ["anna@example.com#1", "Anna@example.com#3"]);
}

#[tokio::test]
async fn the_reply_tells_who_is_not_reached_and_who_stays_locked() {
    let mut said = Vec::new();
    for properties in ["properties_locked", "properties_parallel"] {
        let script = script(&[answer(properties), answer("no_content")]);
        said.push(resend(&script, &ResendRecipient::everyone(document())).await.expect("a reminder"));
    }
    insta::assert_json_snapshot!(said);
}

#[tokio::test]
async fn a_signer_who_is_sent_no_reminders_is_not_promised_one() {
    let mut fixture = answer("properties_in_order");
    if let Some(body) = &mut fixture.body {
        body["signerDetails"][1]["recipientNotificationSettings"] = serde_json::json!({"reminders": false});
    }
    let script = script(&[fixture, answer("no_content")]);
    let resent = resend(&script, &one("email:ben@example.com")).await.expect("a reminder");
    assert_eq!(resent.to[0].mail, MailExpectation::Unknown);
}

#[tokio::test]
async fn a_muted_document_is_mailed_only_with_leave() {
    let refused = script(&[answer("properties_muted")]);
    let error = resend(&refused, &one("email:anna@example.com")).await.expect_err("a refusal");
    refused.finish();
    insta::assert_snapshot!(error_forms(&error));

    let allowed = script(&[answer("properties_muted"), answer("no_content")]);
    let resent =
        resend(&allowed, &one("email:anna@example.com").allow_muted(true)).await.expect("a reminder");
    assert!(resent.expects_mail());
}

#[tokio::test]
async fn a_known_recipient_needs_one_call_if_muting_does_not_matter() {
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let request = ResendRecipient::new(document(), ben);
    let two = script(&[answer("properties_in_order"), answer("no_content")]);
    resend(&two, &request).await.expect("a reminder");
    two.finish();
    let one = script(&[answer("no_content")]);
    resend(&one, &request.allow_muted(true)).await.expect("a reminder");
    one.finish();
}

#[tokio::test]
async fn who_is_not_due_is_not_reminded() {
    let cases = [
        ("properties_in_order", Some("email:anna@example.com"), ErrorKind::RecipientDone),
        ("properties_in_order", Some("email:cleo@example.com"), ErrorKind::RecipientNotInTurn),
        ("properties_in_order", Some("id:cc:file@example.com"), ErrorKind::Unsupported),
        ("properties_group", Some("id:group:g-1#1"), ErrorKind::Unsupported),
        ("properties_repeated", Some("id:nobody@example.com#9"), ErrorKind::RecipientNotFound),
        ("properties_same_order_twice", Some("email:anna@example.com"), ErrorKind::RecipientAmbiguous),
        ("properties_completed", Some("email:anna@example.com"), ErrorKind::EnvelopeClosed),
        ("properties_completed", None, ErrorKind::EnvelopeClosed),
        ("properties_draft", None, ErrorKind::EnvelopeNotReady),
    ];
    let mut said = String::new();
    for (properties, recipient, kind) in cases {
        let script = script(&[answer(properties)]);
        let request = recipient.map_or_else(|| ResendRecipient::everyone(document()), one);
        let error = resend(&script, &request).await.expect_err("a refusal");
        assert_eq!(error.kind(), kind, "{properties} {recipient:?}");
        assert_eq!(script.finish().len(), 1, "nothing may be sent to people");
        said.push_str(&format!("{properties} {}\n  {error}\n", recipient.unwrap_or("everyone")));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn nobody_due_is_told_before_anything_is_sent() {
    let mut fixture = answer("properties_completed");
    if let Some(body) = &mut fixture.body {
        body["status"] = "InProgress".into();
    }
    let script = script(&[fixture]);
    let error = resend(&script, &ResendRecipient::everyone(document())).await.expect_err("a refusal");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::RecipientDone, "it is no recipient's turn on the document")
    );
    script.finish();
}

#[tokio::test]
async fn the_daily_limit_is_a_quota_and_no_lack_of_rights() {
    for refused in [common::reminded(), refused(403, Says::Nothing)] {
        let script = script(&[answer("properties_in_order"), refused]);
        let error = resend(&script, &one("email:ben@example.com")).await.expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
        assert_eq!((error.outcome(), error.retry()), (Outcome::Refused, Retry::Never));
    }
}

#[tokio::test]
async fn a_403_on_the_list_is_not_taken_for_the_daily_limit() {
    let script = script(&[refused(403, Says::Text("Access denied"))]);
    let error = resend(&script, &one("email:ben@example.com")).await.expect_err("a refusal");
    assert_eq!((error.kind(), error.retry()), (ErrorKind::EnvelopeNotReady, Retry::After(None)));
    assert_eq!(error.outcome(), Outcome::NoEffect);
}

#[tokio::test]
async fn a_mail_that_may_have_gone_out_is_never_offered_for_repetition() {
    for fault in [TransportFault::Timeout, TransportFault::Broken] {
        let script = script(&[answer("properties_in_order")]);
        script.fail(fault, Phase::AfterSending);
        let error = resend(&script, &one("email:ben@example.com")).await.expect_err("a fault");
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
    }
}

#[tokio::test]
async fn a_refused_known_recipient_is_explained_from_the_list() {
    let ben = known("properties_in_order", "ben@example.com#2").await;
    let request = ResendRecipient::new(document(), RecipientRef::from(ben)).allow_muted(true);
    let mut signed = answer("properties_in_order");
    if let Some(body) = &mut signed.body {
        body["signerDetails"][1]["status"] = "Completed".into();
    }
    let cases = [
        (signed, ErrorKind::RecipientDone),
        (answer("properties_in_order"), ErrorKind::QuotaExceeded),
        (answer("properties_locked"), ErrorKind::RecipientNotFound),
        (refused(403, Says::Text("Access denied")), ErrorKind::EnvelopeNotReady),
        (refusal("list_502_html"), ErrorKind::QuotaExceeded),
    ];
    for (now, kind) in cases {
        let script = script(&[refused(403, Says::Nothing), now]);
        let error = resend(&script, &request).await.expect_err("a refusal");
        assert_eq!(error.kind(), kind);
        script.finish();
    }
}
