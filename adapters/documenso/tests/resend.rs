//! Resends, which the vendor always calls a success: the result of one is in its log.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{answer, log, refusal, resend, script, to};
use countersign_core::{
    ErrorKind, MailExpectation, NoMail, Outcome, Phase, ResendRecipient, Retry, TransportFault,
};
use serde_json::json;

const ANN: &str = "email:ann@example.com";

#[tokio::test]
async fn one_recipient_is_named_by_number_and_the_log_shows_the_mail() {
    let script = script(&[
        answer("parallel"),
        log(&[("old", 1, true)]),
        answer("redistributed"),
        log(&[("new", 1, true), ("old", 1, true)]),
    ]);
    let resent = resend(&script, &to(ANN)).await.expect("a resend");
    assert_eq!(resent.to[0].mail, MailExpectation::Expected);
    assert_eq!(resent.to[0].mailed_at.map(|at| at.to_string()).as_deref(), Some("2026-11-28T22:59:59.5Z"));
    let sent = script.finish();
    insta::assert_snapshot!(sent.iter().map(ToString::to_string).collect::<Vec<_>>().join("----\n"));
}

/// The answer of the vendor is the same each time.
#[tokio::test]
async fn a_success_without_an_entry_in_the_log_is_no_mail() {
    for (name, list, before, after, wanted) in [
        (
            "an earlier resend does not count",
            "parallel",
            vec![("a", 1, true)],
            vec![("a", 1, true)],
            NoMail::NotSent,
        ),
        ("nor one to another recipient", "parallel", vec![], vec![("b", 2, true)], NoMail::NotSent),
        ("nor an invitation", "parallel", vec![], vec![("b", 1, false)], NoMail::NotSent),
        ("mails switched off", "without_mails", vec![], vec![], NoMail::Muted),
    ] {
        let script = script(&[answer(list), log(&before), answer("redistributed"), log(&after)]);
        let list = common::list(&common::script(&[answer(list)])).await.expect("a list");
        let id = format!("id:{}", list.recipients[0].id);
        let resent = resend(&script, &to(&id)).await.expect(name);
        assert_eq!(resent.to[0].mail, MailExpectation::NotExpected(wanted), "{name}");
        assert_eq!(resent.to[0].mailed_at, None, "{name}");
    }
}

/// The reason is told in the vendor's own words: what the server says of the other setting is not repeated wrongly.
#[tokio::test]
async fn the_request_mail_alone_can_be_switched_off() {
    let mut off = answer("parallel");
    off.body.as_mut().expect("a body")["documentMeta"]["emailSettings"]["recipientSigningRequest"] =
        json!(false);
    let list = common::list(&common::script(&[off.clone()])).await.expect("a list");
    let extra = &list.recipients[0].vendor.extra;
    assert_eq!(extra.get("recipientSigningRequest"), Some("false"));
    assert!(!extra.contains_key("distributionMethod"));
    let script = script(&[off, log(&[]), answer("redistributed"), log(&[])]);
    let resent = resend(&script, &to(ANN)).await.expect("a resend");
    assert_eq!(resent.to[0].mail, MailExpectation::NotExpected(NoMail::Muted));
}

#[tokio::test]
async fn who_has_no_address_gets_no_mail() {
    let mut list = answer("parallel");
    list.body.as_mut().expect("a body")["recipients"][0]["email"] = json!("");
    let script = script(&[list, log(&[]), answer("redistributed"), log(&[])]);
    let resent = resend(&script, &to("id:1")).await.expect("a resend");
    assert_eq!(resent.to[0].mail, MailExpectation::NotExpected(NoMail::NoAddress));
}

/// Mails may have left: the call neither fails nor promises anything.
#[tokio::test]
async fn a_log_that_cannot_be_read_afterwards_leaves_the_mail_unknown() {
    let script = script(&[answer("parallel"), log(&[]), answer("redistributed")]);
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    let resent = resend(&script, &to(ANN)).await.expect("a resend");
    assert_eq!(resent.to[0].mail, MailExpectation::Unknown);
}

/// The vendor gives 100 entries at most: if all are new, the one that counts may be behind them.
#[tokio::test]
async fn no_mail_is_claimed_only_if_the_log_was_read_back_to_the_resend() {
    let others = |count: u64| (0..count).map(|_| ("new", 2, true)).collect::<Vec<_>>();
    let not_sent = || MailExpectation::NotExpected(NoMail::NotSent);
    let mut reached = others(99);
    reached.push(("old", 1, true));
    for (name, before, after, wanted) in [
        ("100 new ones", vec![("old", 1, true)], others(100), MailExpectation::Unknown),
        ("100 new ones in a log that was empty", vec![], others(100), MailExpectation::Unknown),
        ("99 new ones", vec![("old", 1, true)], reached, not_sent()),
        ("99 new ones in a log that was empty", vec![], others(99), not_sent()),
    ] {
        let script = script(&[answer("parallel"), log(&before), answer("redistributed"), log(&after)]);
        let resent = resend(&script, &to(ANN)).await.expect(name);
        assert_eq!(resent.to[0].mail, wanted, "{name}");
    }
}

#[tokio::test]
async fn a_mail_whose_time_cannot_be_read_counts() {
    let mut after = log(&[("new", 1, true)]);
    after.body.as_mut().expect("a body")["data"][0]["createdAt"] = json!("yesterday");
    let script = script(&[answer("parallel"), log(&[]), answer("redistributed"), after]);
    let resent = resend(&script, &to(ANN)).await.expect("a resend");
    assert_eq!((&resent.to[0].mail, resent.to[0].mailed_at), (&MailExpectation::Expected, None));
}

/// Without it, an earlier mail would be taken for this one.
#[tokio::test]
async fn a_log_whose_newest_entry_has_no_id_sends_nothing() {
    let mut before = log(&[("old", 1, true)]);
    before.body.as_mut().expect("a body")["data"][0]["id"] = json!(null);
    let script = script(&[answer("parallel"), before]);
    let error = resend(&script, &to(ANN)).await.expect_err("no mark");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidResponse, Outcome::NoEffect));
    assert_eq!(script.finish().len(), 2);
}

#[tokio::test]
async fn a_log_that_cannot_be_read_before_sends_nothing() {
    let script = script(&[answer("parallel"), refusal("unknown_envelope")]);
    let error = resend(&script, &to(ANN)).await.expect_err("no log");
    assert_eq!(error.outcome(), Outcome::NoEffect);
    assert_eq!(script.finish().len(), 2);
}

#[tokio::test]
async fn who_would_get_nothing_is_refused_before_anything_is_sent() {
    for (name, who, kind) in [
        ("first_signed", ANN, ErrorKind::RecipientDone),
        ("parallel", "email:copy@example.com", ErrorKind::Unsupported),
        ("parallel", "email:eve@example.com", ErrorKind::RecipientNotFound),
        // Documenso would take each of them, and mail no one.
        ("parallel", "id:999999", ErrorKind::RecipientNotFound),
        ("parallel", "id:-1", ErrorKind::RecipientNotFound),
        ("parallel", "id:1.0", ErrorKind::RecipientNotFound),
        ("same_email", ANN, ErrorKind::RecipientAmbiguous),
        ("draft", ANN, ErrorKind::EnvelopeNotReady),
        ("completed", ANN, ErrorKind::EnvelopeClosed),
        ("rejected", ANN, ErrorKind::EnvelopeClosed),
        ("cancelled", ANN, ErrorKind::EnvelopeClosed),
        ("deleted", ANN, ErrorKind::EnvelopeClosed),
        ("sealing_rejected", ANN, ErrorKind::EnvelopeClosed),
        ("sealing_signed", ANN, ErrorKind::EnvelopeClosed),
    ] {
        let script = script(&[answer(name)]);
        let error = resend(&script, &to(who)).await.expect_err(name);
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NoEffect), "{name} {who}: {error}");
        assert_eq!(script.finish().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn recipients_before_their_turn_and_expired_ones_are_mailed() {
    for (name, who) in [("sequential", "email:bea@example.com"), ("expired", ANN), ("same_email", "id:26")] {
        let list = common::list(&common::script(&[answer(name)])).await.expect("a list");
        let person = common::named(who).find(&list).expect("one").clone();
        let number = person.id.as_str().parse().expect("a number");
        let script =
            script(&[answer(name), log(&[]), answer("redistributed"), log(&[("new", number, true)])]);
        // From an earlier list: it is read again all the same.
        let request = ResendRecipient::new(common::envelope(), person);
        let resent = resend(&script, &request).await.expect(name);
        assert_eq!(resent.to[0].mail, MailExpectation::Expected, "{name}");
        assert_eq!(script.finish()[2].json()["recipients"], json!([number]), "{name}");
    }
}

/// One call for all of them, whose answer does not tell them apart.
#[tokio::test]
async fn each_of_several_has_a_mail_of_their_own_or_none() {
    let after = log(&[("third", 3, true), ("first", 1, true), ("old", 2, true)]);
    let script = script(&[answer("parallel"), log(&[("old", 2, true)]), answer("redistributed"), after]);
    let resent = resend(&script, &ResendRecipient::everyone(common::envelope())).await.expect("a resend");
    let mails: Vec<_> = resent.to.iter().map(|one| (one.recipient.as_str(), one.mail.clone())).collect();
    let not_sent = MailExpectation::NotExpected(NoMail::NotSent);
    assert_eq!(mails, [("1", MailExpectation::Expected), ("2", not_sent), ("3", MailExpectation::Expected)]);
    assert_eq!(script.finish()[2].json()["recipients"], json!([1, 2, 3]));
}

/// Documenso refuses an empty list of recipients.
#[tokio::test]
async fn everyone_is_not_no_one() {
    for copies in [0, 1] {
        let mut list = answer("parallel");
        let rows = list.body.as_mut().expect("a body")["recipients"].as_array_mut().expect("rows");
        rows.retain(|row| copies == 1 && row["role"] == "CC");
        let script = script(&[list]);
        let error =
            resend(&script, &ResendRecipient::everyone(common::envelope())).await.expect_err("no one");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::RecipientDone, Outcome::NoEffect));
        assert_eq!(script.finish().len(), 1);
    }
}

#[tokio::test]
async fn everyone_is_who_is_due() {
    for (name, due) in [("parallel", 3), ("sequential", 1), ("first_signed", 1), ("expired", 2)] {
        let script = script(&[answer(name), log(&[]), answer("redistributed"), log(&[])]);
        let resent = resend(&script, &ResendRecipient::everyone(common::envelope())).await.expect(name);
        let named = script.finish()[2].json()["recipients"].as_array().expect("a list").len();
        assert_eq!((resent.to.len(), named), (due, due), "{name}");
    }
}

/// Those who wait are spared, whether or not their time has run out meanwhile, and whatever numbers the places have. Without an
/// order all are due.
#[tokio::test]
async fn of_expired_recipients_everyone_is_who_is_in_turn() {
    for (places, order, due) in [
        ([1, 2, 3], "SEQUENTIAL", 1),
        ([-1, 0, 2], "SEQUENTIAL", 1),
        ([0, 1, 2], "SEQUENTIAL", 1),
        ([-1, 0, 2], "PARALLEL", 3),
    ] {
        let mut list = answer("sequential");
        let body = list.body.as_mut().expect("a body");
        body["documentMeta"]["signingOrder"] = json!(order);
        let rows = body["recipients"].as_array_mut().expect("rows");
        rows.sort_by_key(|row| row["id"].as_u64());
        for (row, place) in rows.iter_mut().zip(places) {
            row["expiresAt"] = json!("2026-11-01T00:00:00.000Z");
            row["signingOrder"] = json!(place);
        }
        let first = rows[0]["id"].clone();
        let script = script(&[list, log(&[]), answer("redistributed"), log(&[])]);
        let resent = resend(&script, &ResendRecipient::everyone(common::envelope())).await.expect("a resend");
        let named = script.finish()[2].json()["recipients"].as_array().expect("a list").clone();
        assert_eq!((resent.to.len(), named.len()), (due, due), "{places:?} {order}");
        assert!(named.contains(&first), "{places:?} {order}");
    }
}

/// Only the three known sentences under 500 are refusals; mails may have left in every other case.
#[tokio::test]
async fn a_500_is_a_refusal_only_if_its_sentence_is_known() {
    for (name, kind, outcome) in [
        ("resend_draft", ErrorKind::EnvelopeNotReady, Outcome::Refused),
        ("resend_closed", ErrorKind::EnvelopeClosed, Outcome::Refused),
        ("resend_unknown", ErrorKind::EnvelopeNotFound, Outcome::Refused),
        ("resend_mail_refused", ErrorKind::Unavailable, Outcome::Unknown),
    ] {
        let script = script(&[answer("parallel"), log(&[]), refusal(name)]);
        let error = resend(&script, &to(ANN)).await.expect_err(name);
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{name}: {error}");
        if outcome == Outcome::Unknown {
            assert_eq!(error.retry(), Retry::Never);
            assert!(error.hint().contains("log"), "{}", error.hint());
        }
    }
    for text in ["554 refused: Document not found", "Document has no recipients", "Document not found."] {
        let mut other = refusal("resend_mail_refused");
        other.body.as_mut().expect("a body")["message"] = json!(text);
        let error = resend(&script(&[answer("parallel"), log(&[]), other]), &to(ANN)).await.expect_err(text);
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, Outcome::Unknown), "{text}");
    }
    let mut whole = answer("redistributed").body.expect("a body");
    assert!(whole.to_string().contains("/sign/TOKEN"), "each answer has the links");
    whole.as_object_mut().expect("an object").remove("success");
    for body in [json!({"success": false}), json!({}), json!([]), whole] {
        let script = script(&[answer("parallel"), log(&[])]);
        script.json(200, &body);
        let error = resend(&script, &to(ANN)).await.expect_err("no success");
        let refused = body["success"].is_boolean();
        let wanted = if refused { Outcome::Refused } else { Outcome::Unknown };
        assert_eq!((error.outcome(), error.retry()), (wanted, Retry::Never), "{body}: {error}");
        assert!(!format!("{error:?}").contains("TOKEN"), "{error:?}");
    }
}
