//! Reminders: a 200 has a result for each recipient and channel.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{ANNA, answer, envelope, resend, script, sent, to};
use countersign_core::{Channel, ErrorKind, MailExpectation, NoMail, Outcome, ResendRecipient, Retry};
use serde_json::{Value, json};

const A: &str = "tf5dGS3Tmu3cj228ao6fna";
const B: &str = "tf5dGS3Tmu3cj228ao6fnb";

fn failed(detail: &str) -> Value {
    json!({"status": "error", "sent_at": null, "detail": detail})
}

/// Resends with this result after this list.
async fn told(
    list: &str,
    request: &ResendRecipient,
    result: Value,
) -> Result<countersign_core::Resent, countersign_core::Error> {
    let script = script(&[answer(list)]);
    script.json(200, &json!({ "result": result }));
    resend(&script, request).await
}

#[tokio::test]
async fn a_mail_that_was_sent_is_told_with_its_time() {
    let script = script(&[answer("parallel"), answer("reminded")]);
    let resent = resend(&script, &to(ANNA)).await.expect("a resend");
    assert_eq!(resent.to[0].mail, MailExpectation::Expected);
    assert_eq!(resent.to[0].mailed_at.map(|at| at.to_string()).as_deref(), Some("2026-11-28T23:00:01Z"));
    insta::assert_snapshot!(sent(&script));
}

/// Without the methods beside it, the text would be ignored; without `sms`, the SMS would be lost.
#[tokio::test]
async fn a_text_names_the_channels_and_keeps_the_sms() {
    let request = ResendRecipient::everyone(envelope()).with_message("Please sign.");
    let script = script(&[answer("by_phone")]);
    script.json(
        200,
        &json!({"result": [
            {"recipient_id": A, "sms": {"status": "sent"}},
            {"recipient_id": B, "email": {"status": "sent"}, "sms": {"status": "sent"}},
        ]}),
    );
    resend(&script, &request).await.expect("a resend");
    assert_eq!(
        script.finish()[1].json()["reminders"],
        json!([
            {"recipient_id": A},
            {"recipient_id": B, "delivery_methods": {"email": true, "sms": true},
             "email_customization": {"message": "Please sign."}},
        ])
    );
    let by_phone = to(&format!("id:{A}")).with_message("Please sign.");
    let script = common::script(&[answer("by_phone")]);
    let error = resend(&script, &by_phone).await.expect_err("an SMS has no text");
    assert_eq!((error.kind(), script.finish().len()), (ErrorKind::Unsupported, 1));
    let long = to(ANNA).with_message("x".repeat(5_001));
    let error = resend(&common::script(&[answer("parallel")]), &long).await.expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn each_sentence_has_its_kind_or_its_reason() {
    let no = |why| Ok(MailExpectation::NotExpected(why));
    for (sentence, wanted) in [
        ("Can't send reminder to CC recipient", Err(ErrorKind::Unsupported)),
        ("Can't send reminder to the Recipient who completed their part", Err(ErrorKind::RecipientDone)),
        (
            "Can't send reminder. Signing order is enabled and this Recipient can't sign the document yet",
            Err(ErrorKind::RecipientNotInTurn),
        ),
        ("Can't send reminder. Email delivery method is not selected for recipient", no(NoMail::Muted)),
        ("Can't send reminder. SMS delivery method is not selected for recipient", no(NoMail::Muted)),
        ("Can't send email reminder. Recipient's mailbox is unreachable", no(NoMail::DeliveryFailed)),
        ("Can't send email reminder to the Recipient with no email", no(NoMail::NoAddress)),
        ("Can't send SMS reminder to the Recipient with no phone number", no(NoMail::NoAddress)),
        ("Can't send SMS reminder to the Recipient with invalid phone number", no(NoMail::NoAddress)),
        (
            "Can't send email reminder to the Recipient more than once every 24 hours",
            Err(ErrorKind::QuotaExceeded),
        ),
        (
            "Can't send SMS reminder to the Recipient more than once every 24 hours",
            Err(ErrorKind::QuotaExceeded),
        ),
        (
            "Can't send reminder. The document does not contain a recipient with the specified recipient ID",
            Err(ErrorKind::RecipientNotFound),
        ),
        (
            "Can’t send reminder. Email message contains potentially malicious links and could not be processed",
            Err(ErrorKind::InvalidRequest),
        ),
        ("Can't send SMS reminder to recipient group", Err(ErrorKind::Unsupported)),
        (
            "Can't send SMS reminder. Confirmation of recipient consent is required. Admin should access \
             workspace settings to certify",
            Err(ErrorKind::PermissionDenied),
        ),
        ("Can't send reminder, and nobody knows why", Err(ErrorKind::Unexpected)),
    ] {
        let result =
            told("parallel", &to(ANNA), json!([{"recipient_id": A, "email": failed(sentence)}])).await;
        match (result, wanted) {
            (Ok(resent), Ok(mail)) => assert_eq!(resent.to[0].mail, mail, "{sentence}"),
            (Err(error), Err(kind)) => {
                assert_eq!(error.kind(), kind, "{sentence}: {error}");
                assert_eq!((error.outcome(), error.retry()), (Outcome::Refused, Retry::Never), "{sentence}");
            }
            (result, wanted) => panic!("{sentence}: {result:?}, not {wanted:?}"),
        }
    }
}

#[tokio::test]
async fn several_recipients_have_an_entry_each() {
    let day = failed("Can't send email reminder to the Recipient more than once every 24 hours");
    let everyone = ResendRecipient::everyone(envelope());
    let result = json!([{"recipient_id": B, "email": day}, {"recipient_id": A, "email": {"status": "sent"}}]);
    let resent = told("parallel", &everyone, result).await.expect("one was mailed");
    let mails: Vec<_> = resent.to.iter().map(|one| (one.recipient.as_str(), one.mail.clone())).collect();
    let refused = MailExpectation::NotExpected(NoMail::Refused(ErrorKind::QuotaExceeded));
    assert_eq!(mails, [(A, MailExpectation::Expected), (B, refused)]);
    let both = json!([{"recipient_id": B, "email": day}, {"recipient_id": A, "email": day}]);
    let error = told("parallel", &everyone, both).await.expect_err("no one was mailed");
    assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
}

/// A message by either channel is one, and the reply says why the other failed; one that is not used has not failed.
#[tokio::test]
async fn two_channels_of_one_recipient() {
    let muted = failed("Can't send reminder. SMS delivery method is not selected for recipient");
    let day = failed("Can't send email reminder to the Recipient more than once every 24 hours");
    let no_phone = failed("Can't send SMS reminder to the Recipient with no phone number");
    let limit = NoMail::Refused(ErrorKind::QuotaExceeded);
    for (email, sms, wanted) in [
        (json!({"status": "sent"}), muted.clone(), Ok(MailExpectation::Expected)),
        (day.clone(), json!({"status": "sent"}), Ok(MailExpectation::Partly(Channel::Email, limit))),
        (json!({"status": "sent"}), no_phone, Ok(MailExpectation::Partly(Channel::Sms, NoMail::NoAddress))),
        (json!({"status": "queued"}), day.clone(), Ok(MailExpectation::Unknown)),
        (day, muted, Err(ErrorKind::QuotaExceeded)),
        (json!({"status": "queued"}), Value::Null, Ok(MailExpectation::Unknown)),
        (Value::Null, Value::Null, Ok(MailExpectation::Unknown)),
    ] {
        let result = json!([{"recipient_id": A, "email": email, "sms": sms}]);
        let mail = told("parallel", &to(ANNA), result).await.map(|resent| resent.to[0].mail.clone());
        assert_eq!(mail.map_err(|error| error.kind()), wanted, "{email} {sms}");
    }
    let other = told("parallel", &to(ANNA), json!([{"recipient_id": B}])).await.expect("a resend");
    assert_eq!(other.to[0].mail, MailExpectation::Unknown, "nothing is said of her");
}

/// Nothing is claimed or denied that the answer does not say.
#[tokio::test]
async fn results_in_odd_shapes() {
    let day = failed("Can't send email reminder to the Recipient more than once every 24 hours");
    let limit = NoMail::Refused(ErrorKind::QuotaExceeded);
    let one = |members: Value| {
        let mut entry = json!({"recipient_id": A, "email": day});
        for (name, value) in members.as_object().into_iter().flatten() {
            entry[name] = value.clone();
        }
        json!([entry])
    };
    for (result, wanted) in [
        (json!([]), Ok(MailExpectation::Unknown)),
        (json!([{"email": {"status": "sent"}}]), Ok(MailExpectation::Unknown)),
        (json!([{"recipient_id": A, "email": {"detail": "no word"}}]), Ok(MailExpectation::Unknown)),
        (json!([{"recipient_id": A, "email": {"status": "error"}}]), Err(ErrorKind::Unexpected)),
        (
            json!([{"recipient_id": A, "email": day}, {"recipient_id": A, "sms": {"status": "sent"}}]),
            Ok(MailExpectation::Partly(Channel::Email, limit)),
        ),
        (one(json!({"whatsapp": {"status": "sent"}})), Ok(MailExpectation::Unknown)),
        (one(json!({"whatsapp": {"status": "error"}})), Err(ErrorKind::QuotaExceeded)),
        (
            one(json!({"email_customization": {"message": "Hello"}, "note": "x"})),
            Err(ErrorKind::QuotaExceeded),
        ),
    ] {
        let mail = told("parallel", &to(ANNA), result.clone()).await.map(|resent| resent.to[0].mail.clone());
        assert_eq!(mail.map_err(|error| error.kind()), wanted, "{result}");
    }
}

#[tokio::test]
async fn an_answer_without_results_may_have_mailed() {
    for body in [
        json!({}),
        json!([]),
        json!({"result": "sent"}),
        json!({"result": [null]}),
        json!({"result": [{"recipient_id": A, "email": "error"}]}),
    ] {
        let script = script(&[answer("parallel")]);
        script.json(200, &body);
        let error = resend(&script, &to(ANNA)).await.expect_err("no results");
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never), "{body}");
    }
}

#[tokio::test]
async fn who_would_get_nothing_is_refused_before_anything_is_sent() {
    for (list, who, kind) in [
        ("first_done", ANNA, ErrorKind::RecipientDone),
        ("in_order", "email:ben@example.com", ErrorKind::RecipientNotInTurn),
        ("parallel", "email:cleo@example.com", ErrorKind::Unsupported),
        ("draft", ANNA, ErrorKind::EnvelopeNotReady),
        ("completed", ANNA, ErrorKind::EnvelopeClosed),
        ("expired", ANNA, ErrorKind::EnvelopeClosed),
    ] {
        let script = script(&[answer(list)]);
        let error = resend(&script, &to(who)).await.expect_err(list);
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NoEffect), "{list} {who}: {error}");
        assert_eq!(script.finish().len(), 1, "{list}");
    }
}
