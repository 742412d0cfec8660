//! From BoldSign's document to our list of recipients. Nobody who is on the document is left out.

use std::borrow::Cow;

use countersign_core::{Recipient, RecipientStatus, Recipients, Role, VendorWords, Words};

use crate::document::{DELETED, MUTED};
use crate::history;
use crate::ids::{Ids, mark_repeated};
use crate::row::{Row, filled};
use crate::status::{checks, current_order, in_turn, status, turn};
use crate::wire::{Copy, Properties, Signer};

/// Everybody on the document.
///
/// BoldSign accepts none of its own ids for a signer; what it accepts is the address and the order. So an id is
/// `anna@example.com#2` or `+4912345#1`; for people with a copy `cc:anna@example.com`; for a group `group:<id>#1`;
/// for a row without any address, as a reassigned one can be, `unaddressed#1`. If two rows would get the same id, the
/// later ones get `~2`, `~3` behind it, by their place in the answer.
pub(crate) fn recipients(document: &Properties) -> Recipients {
    let signers = document.signer_details.as_deref().unwrap_or_default();
    let rows: Vec<Row<'_>> = signers
        .iter()
        .flat_map(|signer| {
            let members = signer.group_signers.as_deref().unwrap_or_default();
            let members = members.iter().map(move |member| Row { signer, member: Some(member) });
            std::iter::once(Row { signer, member: None }).chain(members)
        })
        .collect();
    let mut ids = Ids::default();
    let mut list: Vec<Recipient> = rows.iter().map(|row| recipient(document, *row, &mut ids)).collect();
    mark_repeated(&mut list);
    history::tell(document, &mut list);
    list.extend(document.cc_details.iter().flatten().map(|copy| with_copy(copy, &mut ids)));
    Recipients::new(list, current_order(document), document.status.clone())
}

fn recipient(document: &Properties, row: Row<'_>, ids: &mut Ids) -> Recipient {
    let group = || filled(&row.signer.group_id).map(|id| format!("group:{id}"));
    let address = row.address().or_else(group).unwrap_or_else(|| "unaddressed".to_owned());
    let mut person = Recipient::new(ids.make(&address, Some(row.order())), role(row.signer));
    person.name = match row.member {
        Some(member) => member.signer_name.clone(),
        None => row.signer.signer_name.clone(),
    };
    person.email = row.email().map(str::to_owned);
    person.phone = row.phone();
    person.order = row.signer.order.and_then(|order| u32::try_from(order).ok());
    let turn = turn(document, row.signer);
    person.status = status(document, row, turn);
    person.in_turn = in_turn(document, row, turn, &person.status);
    (person.access_code, person.other_checks) = checks(row);
    person.vendor = words(document, row);
    person
}

fn with_copy(copy: &Copy, ids: &mut Ids) -> Recipient {
    let email = filled(&copy.email_address);
    let mut person =
        Recipient::new(ids.make(&format!("cc:{}", email.unwrap_or("unaddressed")), None), Role::CarbonCopy);
    person.email = email.map(str::to_owned);
    // BoldSign tells nothing but whether they looked; and nothing is ever asked of them.
    let viewed = copy.is_viewed == Some(true);
    person.status = if viewed { RecipientStatus::Viewed } else { RecipientStatus::Waiting };
    person.vendor.kind = "ccDetails".into();
    put(&mut person.vendor.extra, "isViewed", copy.is_viewed.map(|flag| flag.to_string()));
    person
}

fn role(signer: &Signer) -> Role {
    match signer.signer_type.as_deref() {
        None => Role::Signer,
        Some(word) if word.eq_ignore_ascii_case("Signer") => Role::Signer,
        Some(word) if word.eq_ignore_ascii_case("Reviewer") => Role::Reviewer,
        Some(word) if word.eq_ignore_ascii_case("InPersonSigner") => Role::InPersonSigner,
        Some(word) => Role::Other(word.to_owned()),
    }
}

fn words(document: &Properties, row: Row<'_>) -> VendorWords {
    let signer = row.signer;
    let mut words = VendorWords::default();
    words.kind = match row.member {
        Some(_) => "groupSigners".into(),
        None => signer.signer_type.clone().map_or("Signer".into(), Cow::Owned),
    };
    words.status = row.word().to_owned().into();
    let extra = &mut words.extra;
    let id = row.member.map_or(&signer.id, |member| &member.id);
    put(extra, "id", id.clone());
    for (name, text) in [
        ("signerRole", &signer.signer_role),
        ("authenticationType", &signer.authentication_type),
        ("deliveryMode", &signer.delivery_mode),
        ("hostEmail", &signer.host_email),
        ("hostName", &signer.host_name),
        ("groupId", &signer.group_id),
        ("displayStatus", &document.display_status),
    ] {
        put(extra, name, text.clone());
    }
    if row.member.is_none() {
        put(extra, "signType", signer.sign_type.clone());
        let phone = signer.phone_number.clone().unwrap_or_default();
        put(extra, "countryCode", phone.country_code);
        put(extra, "phoneNumber", phone.number);
    }
    let reminders = signer.recipient_notification_settings.as_ref().and_then(|told| told.reminders);
    let for_all = document.recipient_notification_settings.as_ref().and_then(|told| told.reminders);
    for (name, flag) in [
        (MUTED, document.disable_emails.filter(|muted| *muted)),
        (DELETED, document.is_deleted.filter(|deleted| *deleted)),
        ("isReassigned", signer.is_reassigned),
        ("isViewed", row.viewed()),
        ("isDeliveryFailed", row.delivery_failed()),
        ("isAuthenticationFailed", row.authentication_failed()),
        ("recipientNotificationSettings.reminders", reminders.or(for_all)),
    ] {
        put(extra, name, flag.map(|flag| flag.to_string()));
    }
    put(extra, "authenticationRetryCount", signer.authentication_retry_count.map(|count| count.to_string()));
    words
}

fn put(extra: &mut Words, name: &'static str, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        extra.insert(name, text);
    }
}
