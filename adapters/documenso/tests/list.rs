//! Lists, as a server answered them.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

mod common;

use common::{answer, list, script};
use countersign_core::{EnvelopeStatus, ErrorKind, RecipientStatus, Recipients};
use serde_json::json;

async fn listed(name: &str) -> Recipients {
    list(&script(&[answer(name)])).await.expect(name)
}

/// The envelope's status, and each recipient's with the turn.
async fn states(name: &str) -> String {
    let list = listed(name).await;
    let turn = |turn: Option<bool>| turn.map_or("?", |turn| if turn { "in turn" } else { "-" });
    let rows = list.recipients.iter().map(|one| format!("{} {}", one.status, turn(one.in_turn)));
    let rows: Vec<String> = rows.collect();
    format!(
        "{}: {}",
        list.envelope_status.map_or("?".to_owned(), |status| status.to_string()),
        rows.join(", ")
    )
}

#[tokio::test]
async fn every_recorded_state() {
    let mut all = String::new();
    for name in [
        "draft",
        "parallel",
        "sequential",
        "out_of_turn",
        "first_signed",
        "rejected",
        "sealing_signed",
        "sealing_rejected",
        "rejection_undone",
        "signed_after_rejection",
        "cancelled",
        "deleted",
        "completed",
        "expired",
        "never_expires",
        "without_mails",
        "without_mails_opened",
        "just_sent",
        "same_email",
    ] {
        all.push_str(&format!("{name:22} {}\n", states(name).await));
    }
    insta::assert_snapshot!(all);
}

/// What no recording has in one piece: the first recipient's words, and the envelope's.
#[tokio::test]
async fn of_the_words_only_some_prove_a_status() {
    for (about, [read, signing, send], status, wanted) in [
        ("no mails, signed without opening", ["NOT_OPENED", "SIGNED", "NOT_SENT"], "PENDING", "signed"),
        ("opened after the end", ["OPENED", "NOT_SIGNED", "SENT"], "CANCELLED", "revoked"),
        ("opened, and the mail was refused", ["OPENED", "NOT_SIGNED", "NOT_SENT"], "PENDING", "viewed"),
        (
            "the mail was refused, or is on its way",
            ["NOT_OPENED", "NOT_SIGNED", "NOT_SENT"],
            "PENDING",
            "NOT_SENT",
        ),
        ("a word that proves no mail", ["NOT_OPENED", "NOT_SIGNED", "QUEUED"], "PENDING", "QUEUED"),
        ("another has rejected", ["NOT_OPENED", "NOT_SIGNED", "NOT_SENT"], "REJECTED", "waiting"),
        ("completed", ["NOT_OPENED", "SIGNED", "SENT"], "COMPLETED", "signed"),
    ] {
        let mut fixture = answer("parallel");
        let body = fixture.body.as_mut().expect("a body");
        body["status"] = json!(status);
        let row = &mut body["recipients"][0];
        for (name, word) in [("readStatus", read), ("signingStatus", signing), ("sendStatus", send)] {
            row[name] = json!(word);
        }
        let list = list(&script(&[fixture])).await.expect("a list");
        assert_eq!(list.recipients[0].status.as_str(), wanted, "{about}");
    }
}

#[tokio::test]
async fn a_rejection_is_told_with_its_reason_and_only_while_it_stands() {
    let rejected = listed("rejected").await;
    let decliner =
        rejected.recipients.iter().find(|one| one.status == RecipientStatus::Declined).expect("one");
    assert_eq!(decliner.decline_reason.as_deref(), Some("no thanks"));
    assert!(decliner.declined_at.is_some() && decliner.signed_at.is_none());
    for undone in ["rejection_undone", "signed_after_rejection"] {
        let list = listed(undone).await;
        assert!(list.recipients.iter().all(|one| one.decline_reason.is_none() && one.declined_at.is_none()));
    }
    // Documenso says PENDING until it has sealed the documents.
    assert_eq!(listed("sealing_rejected").await.envelope_status, Some(EnvelopeStatus::Declined));
}

/// With equal or missing places, the mails and the pages of the vendor disagree about the turn.
#[tokio::test]
async fn a_turn_that_cannot_be_known_is_unknown() {
    for (orders, turns, current) in [
        ([json!(1), json!(2), json!(3)], [Some(true), Some(false), Some(false)], Some(1)),
        ([json!(1), json!(1), json!(2)], [None, None, Some(false)], Some(1)),
        ([json!(null), json!(1), json!(2)], [None, None, None], None),
        ([json!(-1), json!(0), json!(2)], [Some(true), Some(false), Some(false)], None),
    ] {
        let mut fixture = answer("sequential");
        let body = fixture.body.as_mut().expect("a body");
        for (row, order) in body["recipients"].as_array_mut().expect("rows").iter_mut().zip(&orders) {
            row["signingOrder"] = order.clone();
        }
        let list = list(&script(&[fixture])).await.expect("a list");
        let mut rows: Vec<_> = list.recipients.iter().collect();
        rows.sort_by_key(|one| one.id.as_str().parse::<u64>().expect("a number"));
        let found: Vec<_> = rows.iter().map(|one| one.in_turn).collect();
        assert_eq!((found, list.current_order), (turns.to_vec(), current), "{orders:?}");
    }
}

#[tokio::test]
async fn copies_do_not_block_the_turn_and_an_address_may_be_empty() {
    let mut fixture = answer("sequential");
    let rows = fixture.body.as_mut().expect("a body")["recipients"].as_array_mut().expect("rows");
    rows.sort_by_key(|row| row["id"].as_u64());
    (rows[0]["role"], rows[0]["signingStatus"]) = (json!("CC"), json!("SIGNED"));
    // Sent, says the server, though there is no address for a mail.
    (rows[1]["email"], rows[1]["sendStatus"]) = (json!(""), json!("SENT"));
    let list = list(&script(&[fixture])).await.expect("a list");
    let second = list.recipients.iter().find(|one| one.order == Some(2)).expect("the second");
    assert_eq!((second.in_turn, list.current_order), (Some(true), Some(2)));
    assert_eq!((&second.status, &second.email), (&RecipientStatus::Notified, &None));
}

#[tokio::test]
async fn what_is_asked_of_a_signer_is_shown_and_unknown_words_are_kept() {
    let mut fixture = answer("parallel");
    let body = fixture.body.as_mut().expect("a body");
    body["authOptions"]["globalAccessAuth"] = json!(["ACCOUNT"]);
    body["recipients"][0]["authOptions"]["actionAuth"] = json!(["EXPLICIT_NONE", "PASSKEY"]);
    body["recipients"][0]["role"] = json!("ASSISTANT");
    body["recipients"][0]["signingStatus"] = json!("PONDERING");
    let list = list(&script(&[fixture])).await.expect("a list");
    let first = &list.recipients[0];
    let kinds: Vec<_> = first.other_checks.iter().map(|check| check.method.as_str()).collect();
    assert_eq!(kinds, ["ACCOUNT", "PASSKEY"]);
    assert_eq!((first.status.as_str(), first.role.as_str()), ("PONDERING", "ASSISTANT"));
}

#[tokio::test]
async fn no_list_has_a_token() {
    for name in ["parallel", "rejected"] {
        let list = listed(name).await;
        let shown = format!("{list:?} {}", serde_json::to_string(&list).expect("JSON"));
        assert!(!shown.contains("TOKEN"), "{name}: {shown}");
    }
}

#[tokio::test]
async fn a_template_is_no_envelope() {
    let mut template = answer("draft");
    template.body.as_mut().expect("a body")["type"] = json!("TEMPLATE");
    let error = list(&script(&[template])).await.expect_err("a template");
    assert_eq!(error.kind(), ErrorKind::EnvelopeNotFound);
}

#[tokio::test]
async fn json_that_is_no_envelope_is_no_empty_list() {
    for body in [json!({}), json!([]), json!({"id": "envelope_a"}), json!({"recipients": []}), json!("x")] {
        let script = script(&[]);
        script.json(200, &body);
        let error = list(&script).await.expect_err("no envelope");
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{body}");
    }
}
