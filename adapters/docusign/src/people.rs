//! From DocuSign's recipients to ours.

use std::borrow::Cow;
use std::collections::BTreeMap;

use countersign_core::{
    AccessCodeState, IdentityCheck, Recipient, RecipientId, RecipientStatus, Recipients, Role, Timestamp,
    Words,
};

use crate::lenient::Object;
use crate::objects::RecipientList;
use crate::parsed::{Parsed, as_instant};
use crate::wire::{Entry, ErrorDetails, PhoneNumber};

/// Reads everybody of a list. The error says which entry cannot be used, without its values.
///
/// An entry without `recipientId` is an error and gets no made-up id: an id that DocuSign does not know would add
/// a recipient to a draft when it is sent back (reference of `EnvelopeRecipients: update`).
pub(crate) fn recipients(list: RecipientList) -> Result<Recipients, String> {
    let current = value(list.current_routing_order.as_ref());
    let mut people = Vec::with_capacity(list.arrays.iter().map(|(_, entries)| entries.len()).sum());
    for (array, entries) in list.arrays {
        for (place, Object(mut entry)) in entries.into_iter().enumerate() {
            let Some(id) = entry.recipient_id.take() else {
                return Err(format!("the answer's member `{array}[{place}]` has no `recipientId`"));
            };
            let id = RecipientId::new(id).map_err(|invalid| {
                format!("the answer's `{array}[{place}].recipientId` {}", invalid.problem())
            })?;
            people.push(recipient(id, array.clone(), &mut entry, current));
        }
    }
    Ok(Recipients::new(people, current, None))
}

fn recipient(
    id: RecipientId,
    array: Cow<'static, str>,
    entry: &mut Entry,
    current: Option<u32>,
) -> Recipient {
    let mut person = Recipient::new(id, role(&array));
    person.vendor.kind = array;
    person.status = status(entry.status.as_deref());
    person.order = value(entry.routing_order.as_ref());
    person.in_turn = in_turn(&person, current);
    person.embedded = Some(entry.client_user_id.is_some());
    person.other_checks = other_checks(entry);
    person.sent_at = value(entry.sent_date_time.as_ref());
    person.access_code = access_code(entry, person.sent_at);
    person.viewed_at = value(entry.delivered_date_time.as_ref());
    person.signed_at = value(entry.signed_date_time.as_ref());
    person.declined_at = value(entry.declined_date_time.as_ref());
    person.phone = entry.phone_number.as_ref().and_then(|Object(number)| phone(number));
    person.vendor.extra = extra(&person.vendor.kind, entry);
    person.vendor.status = entry.status.take().unwrap_or_default();
    // An in-person signer's own name and address have members of their own; `name` and `email` are the signer's in
    // the notary flow only, and may be the host's otherwise.
    person.name = entry.signer_name.take().or_else(|| entry.name.take());
    person.email = entry.signer_email.take().or_else(|| entry.email.take());
    person.client_user_id = entry.client_user_id.take();
    person.decline_reason = entry.declined_reason.take();
    person
}

fn value<T: Copy>(parsed: Option<&Parsed<T>>) -> Option<T> {
    parsed.and_then(Parsed::value)
}

fn role(array: &str) -> Role {
    match array {
        "signers" => Role::Signer,
        "agents" => Role::Agent,
        "editors" => Role::Editor,
        "intermediaries" => Role::Intermediary,
        "carbonCopies" => Role::CarbonCopy,
        "certifiedDeliveries" => Role::Reviewer,
        "inPersonSigners" => Role::InPersonSigner,
        "seals" => Role::Seal,
        "witnesses" => Role::Witness,
        "notaries" => Role::Notary,
        "participants" => Role::Participant,
        "notaryWitnesses" => Role::NotaryWitness,
        "authorizedSignatories" => Role::AuthorizedSignatory,
        _ => Role::Other(array.to_owned()),
    }
}

fn status(word: Option<&str>) -> RecipientStatus {
    let word = word.unwrap_or_default();
    let known = [
        ("created", RecipientStatus::Waiting),
        ("sent", RecipientStatus::Notified),
        ("delivered", RecipientStatus::Viewed),
        ("signed", RecipientStatus::Signed),
        ("completed", RecipientStatus::Signed),
        ("declined", RecipientStatus::Declined),
        ("autoresponded", RecipientStatus::DeliveryFailed),
    ];
    let bare = word.trim();
    let found = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(bare));
    found.map_or_else(|| RecipientStatus::Other(word.to_owned()), |(_, status)| status)
}

/// `created` is a draft or a later turn (seen by users, not documented), and who is done has no turn any more.
/// Otherwise the order that is being served decides. `sent` or `delivered` under another order contradict it, so
/// nothing is said and the vendor may judge: a wrong "not yet" would keep a signer out.
fn in_turn(person: &Recipient, current: Option<u32>) -> Option<bool> {
    let asked = matches!(person.status, RecipientStatus::Notified | RecipientStatus::Viewed);
    if person.status == RecipientStatus::Waiting || person.status.is_done() {
        return Some(false);
    }
    match (person.order, current) {
        (Some(order), Some(current)) if order == current => Some(true),
        (Some(_), Some(_)) if asked => None,
        (Some(_), Some(_)) => Some(false),
        _ => asked.then_some(true),
    }
}

/// A result counts before the presence of a code.
///
/// A failure that is older than the last sending counts no more: a resend gives new attempts, and whether DocuSign
/// also clears the result is not public. A code that DocuSign does not return to this caller looks like none.
fn access_code(entry: &Entry, sent_at: Option<Timestamp>) -> AccessCodeState {
    let result = entry.recipient_authentication_status.as_ref().and_then(|all| all.access_code.as_ref());
    if let Some(result) = result {
        let renewed = || {
            let failed_at = result.failed_at.as_deref().and_then(as_instant);
            matches!((failed_at, sent_at), (Some(failed), Some(sent)) if sent > failed)
        };
        match result.outcome() {
            Some(true) => return AccessCodeState::Passed,
            Some(false) if renewed() => return AccessCodeState::Required,
            Some(false) => return AccessCodeState::Failed,
            None => {}
        }
    }
    if entry.access_code.0 { AccessCodeState::Required } else { AccessCodeState::NotRequired }
}

/// The checks beside the access code: those that have a result, and those that are demanded and have none yet.
fn other_checks(entry: &Entry) -> Vec<IdentityCheck> {
    let mut checks: BTreeMap<&str, bool> = BTreeMap::new();
    for (member, result) in entry.recipient_authentication_status.iter().flat_map(|all| &all.others) {
        let Some(method) = member.strip_suffix("Result") else { continue };
        if result.status.is_some() {
            checks.insert(method, result.outcome() == Some(false));
        }
    }
    for (demanded, method) in [
        (entry.phone_authentication.0, "phoneAuth"),
        (entry.sms_authentication.0, "smsAuth"),
        (entry.identity_verification.0, "identityVerification"),
        (entry.require_id_lookup == Some(true), "idLookup"),
    ] {
        if demanded {
            checks.entry(method).or_insert(false);
        }
    }
    if checks.is_empty()
        && let Some(name) = entry.id_check_configuration_name.as_deref()
    {
        checks.insert(name, false);
    }
    checks.into_iter().map(|(method, failed)| IdentityCheck::new(method, failed)).collect()
}

/// Takes what has no place of its own, by DocuSign's member names. Never the access code; of the start URL only that
/// it is set, since it may carry data of the application.
fn extra(array: &str, entry: &mut Entry) -> Words {
    let mut extra = Words::with_capacity(6);
    let mut keep = |member: &'static str, value: Option<String>| {
        if let Some(value) = value {
            extra.insert(member, value);
        }
    };
    keep("recipientIdGuid", entry.recipient_id_guid.take());
    keep("userId", entry.user_id.take());
    keep("roleName", entry.role_name.take());
    // The type says again what the array's name says, as a rule.
    let kind = entry.recipient_type.take().filter(|kind| !array.starts_with(kind.as_ref()));
    keep("recipientType", kind.map(Cow::into_owned));
    keep("statusCode", entry.status_code.take());
    keep("deliveryMethod", entry.delivery_method.take());
    keep("autoRespondedReason", entry.auto_responded_reason.take());
    keep("idCheckConfigurationName", entry.id_check_configuration_name.take());
    keep("hostName", entry.host_name.take());
    keep("hostEmail", entry.host_email.take());
    keep("signingGroupId", entry.signing_group_id.take());
    keep("signingGroupName", entry.signing_group_name.take());
    keep("witnessFor", entry.witness_for.take());
    keep("suppressEmails", entry.suppress_emails.map(|muted| muted.to_string()));
    let start = entry.embedded_recipient_start_url.take();
    keep(
        "embeddedRecipientStartURL",
        start.map(|url| if url == SIGN_AT_DOCUSIGN { url } else { "set".to_owned() }),
    );
    if entry.signer_name.is_some() {
        keep("signerName", entry.signer_name.clone());
        keep("name", entry.name.take());
    }
    let failed = refusal(entry.error_details.as_ref());
    keep("errorCode", failed.and_then(|details| details.error_code.clone()));
    let code = entry.recipient_authentication_status.take().and_then(|all| all.access_code);
    keep("accessCodeResult", code.and_then(|result| result.status));
    // Values that could not be read are kept as they came.
    keep("routingOrder", entry.routing_order.take().and_then(Parsed::unread));
    let number = entry.phone_number.take().map(|Object(number)| number);
    keep("phoneNumber", number.filter(|number| phone(number).is_none()).and_then(|number| number.number));
    for (member, value) in [
        ("sentDateTime", entry.sent_date_time.take()),
        ("deliveredDateTime", entry.delivered_date_time.take()),
        ("signedDateTime", entry.signed_date_time.take()),
        ("declinedDateTime", entry.declined_date_time.take()),
    ] {
        keep(member, value.and_then(Parsed::unread));
    }
    extra
}

/// The constant that makes DocuSign mail an embedded recipient a link of its own.
const SIGN_AT_DOCUSIGN: &str = "SIGN_AT_DOCUSIGN";

impl ErrorDetails {
    /// `SUCCESS` is no error (stackoverflow.com/questions/48272647; connect.schema-v2.json), nor is an empty shell.
    pub(crate) fn is_success(&self) -> bool {
        match self.error_code.as_deref() {
            Some(code) => code.trim().eq_ignore_ascii_case("SUCCESS"),
            None => self.message.is_none(),
        }
    }
}

/// The refusal in an `errorDetails`, if it holds one.
pub(crate) fn refusal(details: Option<&Object<ErrorDetails>>) -> Option<&ErrorDetails> {
    details.map(|Object(details)| details).filter(|details| !details.is_success())
}

/// Country and number as one international number; `None` without a country.
fn phone(number: &PhoneNumber) -> Option<String> {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let country = digits(number.country_code.as_deref()?);
    let local = digits(number.number.as_deref()?);
    (!country.is_empty() && !local.is_empty()).then(|| format!("+{country}{local}"))
}
