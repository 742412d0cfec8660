//! From BoldSign's document to our list of recipients. Nobody who is on the document is left out.

use std::borrow::Cow;

use countersign_core::{FieldMap, Recipient, RecipientStatus, Recipients, Role, Timestamp, VendorFields};

use crate::document::MUTED;
use crate::history;
use crate::ids::{Ids, mark_repeated};
use crate::row::{Row, filled};
use crate::status::{Whole, checks, in_turn, status};
use crate::wire::{Copy, Properties, Signer};

/// Everybody on the document.
///
/// BoldSign accepts none of its own ids for a signer; what it accepts is the address and the order. So an id is
/// `anna@example.com#2` or `+4912345#1`; for people with a copy `cc:anna@example.com`; for a group `group:<id>#1`;
/// for a row without any address, as a reassigned one can be, `unaddressed#1`. If two rows would get the same id, the
/// later ones get `~2`, `~3` behind it, by their place in the answer.
pub(crate) fn recipients(mut document: Properties) -> Recipients {
    let (whole, mut ids) = (Whole::new(&document), Ids::default());
    let mut signers = document.signer_details.take().unwrap_or_default();
    let mut list = Vec::with_capacity(signers.len());
    for signer in &mut signers {
        let mut person = recipient(&document, &whole, Row { signer, member: None }, &mut ids);
        person.name = signer.signer_name.take();
        person.email = owned(&mut signer.signer_email);
        list.push(person);
        for mut member in signer.group_signers.take().unwrap_or_default() {
            let row = Row { signer, member: Some(&member) };
            let mut person = recipient(&document, &whole, row, &mut ids);
            person.name = member.signer_name.take();
            person.email = owned(&mut member.signer_email);
            list.push(person);
        }
    }
    mark_repeated(&mut list);
    history::tell(&document, &mut list);
    list.extend(document.cc_details.iter().flatten().map(|copy| with_copy(copy, &mut ids)));
    let expiry = document.expiry_date.and_then(|seconds| Timestamp::from_second(seconds.as_i64()?).ok());
    Recipients::new(list, whole.current_order(), whole.status).with_expires_at(expiry)
}

/// The text without white space around it, if there is any left.
fn owned(text: &mut Option<String>) -> Option<String> {
    let text = text.take()?;
    match text.trim() {
        "" => None,
        bare if bare.len() == text.len() => Some(text),
        bare => Some(bare.to_owned()),
    }
}

/// One row, without name and address.
fn recipient(document: &Properties, whole: &Whole, row: Row<'_>, ids: &mut Ids) -> Recipient {
    let group = || filled(&row.signer.group_id).map(|id| Cow::Owned(format!("group:{id}")));
    let address = row.address().or_else(group).unwrap_or(Cow::Borrowed("unaddressed"));
    let mut person = Recipient::new(ids.make(&address, Some(row.order())), role(row.signer));
    person.phone = row.phone();
    person.order = row.signer.order.and_then(|order| u32::try_from(order).ok());
    let turn = whole.turn(row.signer);
    person.status = status(whole, row, turn);
    person.in_turn = in_turn(whole, row, turn, &person.status);
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
    tell(&mut person.vendor.extra, "isViewed", copy.is_viewed);
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

fn words(document: &Properties, row: Row<'_>) -> VendorFields {
    let signer = row.signer;
    let mut words = VendorFields::default();
    words.kind = match row.member {
        Some(_) => "groupSigners".into(),
        None => signer.signer_type.clone().unwrap_or("Signer".into()),
    };
    words.status = row.status().clone().unwrap_or_default();
    words.extra = FieldMap::with_capacity(9);
    let extra = &mut words.extra;
    let id = row.member.map_or(&signer.id, |member| &member.id);
    let phone = signer.phone_number.as_ref().filter(|_| row.member.is_none());
    let reminders = signer.recipient_notification_settings.as_ref().and_then(|told| told.reminders);
    let for_all = document.recipient_notification_settings.as_ref().and_then(|told| told.reminders);
    // In the order of their names, which is how they are kept.
    if let Some(count) = signer.authentication_retry_count {
        extra.insert("authenticationRetryCount", count.to_string());
    }
    keep(extra, "authenticationType", &signer.authentication_type);
    if let Some(phone) = phone {
        keep(extra, "countryCode", &phone.country_code);
    }
    keep(extra, "deliveryMode", &signer.delivery_mode);
    tell(extra, MUTED, document.disable_emails.filter(|muted| *muted));
    keep(extra, "displayStatus", &document.display_status);
    keep(extra, "groupId", &signer.group_id);
    keep(extra, "hostEmail", &signer.host_email);
    keep(extra, "hostName", &signer.host_name);
    keep(extra, "id", id);
    tell(extra, "isAuthenticationFailed", row.authentication_failed());
    tell(extra, "isDeliveryFailed", row.delivery_failed());
    tell(extra, "isReassigned", signer.is_reassigned);
    tell(extra, "isViewed", row.viewed());
    if let Some(phone) = phone {
        keep(extra, "phoneNumber", &phone.number);
    }
    tell(extra, "recipientNotificationSettings.reminders", reminders.or(for_all));
    if row.member.is_none() {
        keep(extra, "signType", &signer.sign_type);
    }
    keep(extra, "signerRole", &signer.signer_role);
    words
}

/// Keeps a text, unless there is nothing but white space in it.
fn keep<T: AsRef<str> + Clone + Into<Cow<'static, str>>>(
    extra: &mut FieldMap,
    name: &'static str,
    text: &Option<T>,
) {
    if let Some(text) = text.as_ref().filter(|text| !text.as_ref().chars().all(char::is_whitespace)) {
        extra.insert(name, text.clone());
    }
}

fn tell(extra: &mut FieldMap, name: &'static str, flag: Option<bool>) {
    if let Some(flag) = flag {
        extra.insert(name, if flag { "true" } else { "false" });
    }
}
