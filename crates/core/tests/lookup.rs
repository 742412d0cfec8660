//! Finding one recipient: exactly, or not at all with a reason.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use countersign_core::{
    ErrorKind, Recipient, RecipientId, RecipientRef, RecipientStatus, Recipients, Role,
    explain_unknown_recipient,
};

fn person(id: &str, name: &str, email: &str, order: u32) -> Recipient {
    let mut recipient = Recipient::new(RecipientId::new(id).unwrap(), Role::Signer);
    recipient.name = Some(name.to_owned());
    recipient.email = Some(email.to_owned());
    recipient.order = Some(order);
    recipient.status = RecipientStatus::Notified;
    recipient
}

fn list() -> Recipients {
    let mut embedded = person("3", "Cem", "cem@example.com", 2);
    embedded.client_user_id = Some("77".to_owned());
    embedded.embedded = Some(true);
    let mut by_phone = person("4", "Dee", "", 3);
    by_phone.email = None;
    by_phone.phone = Some("+4912345678".to_owned());
    let mut sample = person("6", "Flo", "flo@example.net", 4);
    sample.client_user_id = Some("sample-1".to_owned());
    let recipients = vec![
        person("2", "Anna", "anna@example.com", 2),
        person("1", "Anna", "anna@example.com", 1),
        person("5", "Bo", "bo+work@example.com", 2),
        embedded,
        by_phone,
        sample,
    ];
    Recipients::new(recipients, Some(1), None)
}

fn look(reference: &str) -> String {
    match reference.parse::<RecipientRef>().unwrap().find(&list()) {
        Ok(recipient) => format!("{reference} -> {}", recipient.id),
        Err(error) => {
            let details: Vec<String> = error
                .details()
                .iter()
                .map(|d| format!("{}: {:?} / {:?}", d.field, d.sent.as_deref(), d.present.as_deref()))
                .collect();
            format!("{reference} -> {error}\n    {}", details.join("\n    "))
        }
    }
}

#[test]
fn each_way_of_naming_finds_one_or_says_why_not() {
    let looks = [
        "id:1",
        "id:9",
        "email:anna@example.com#2",
        "email:anna@example.com#7",
        "email:anna@example.com",
        "email:Bo+work@example.com",
        "email:bo@example.com",
        "email:bo+home@example.com",
        "email:eve@example.com",
        "email:ana@example.com",
        "email:anna@x.example.com",
        "email:anna@elsewhere.example.org",
        "client:77",
        "client:78",
        "client:sample1",
        "client:SAMPLE-1",
        "phone:+49 123 45678",
    ];
    insta::assert_snapshot!(looks.map(look).join("\n"));
}

#[test]
fn recipients_come_in_routing_order() {
    let ids: Vec<String> = list().recipients.iter().map(|r| r.id.to_string()).collect();
    assert_eq!(ids, ["1", "2", "3", "5", "4", "6"]);
}

#[test]
fn a_recipient_who_signed_is_not_locked() {
    let mut recipient = person("1", "Anna", "anna@example.com", 1);
    recipient.access_code = countersign_core::AccessCodeState::Failed;
    assert!(recipient.is_locked());
    recipient.status = RecipientStatus::Signed;
    assert!(!recipient.is_locked());
}

#[test]
fn an_unknown_recipient_is_explained_by_what_differs() {
    let refusal =
        || countersign_core::Error::new(ErrorKind::RecipientNotFound, "the vendor knows no such recipient");
    let mut renamed = person("3", "Cem O.", "cem@example.com", 1);
    renamed.client_user_id = Some("77".to_owned());
    let explained = explain_unknown_recipient(refusal(), &renamed, &list());
    assert_eq!(
        explained.message(),
        "the sent values differ from the envelope's current ones in: name, order"
    );
    assert_eq!(explained.details().len(), 2);
    assert!(!explained.to_string().contains("Cem"), "{explained}");

    let mut remote = person("1", "Anna", "anna@example.com", 1);
    remote.client_user_id = Some("1".to_owned());
    let mut now = list();
    now.recipients.iter_mut().for_each(|r| r.embedded = Some(r.client_user_id.is_some()));
    assert_eq!(explain_unknown_recipient(refusal(), &remote, &now).kind(), ErrorKind::RecipientNotEmbedded);

    let stranger = person("99", "Zoe", "zoe@example.com", 9);
    let explained = explain_unknown_recipient(refusal(), &stranger, &list());
    assert!(explained.message().contains("no recipient of the envelope resembles"), "{explained}");
}
