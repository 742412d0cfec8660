//! From DocuSign's recipients to ours.

use std::collections::BTreeMap;

use countersign_core::{
    AccessCodeState, IdentityCheck, Recipient, RecipientId, RecipientStatus, Recipients, Role, Timestamp,
};

use crate::lenient::Object;
use crate::wire::{CheckResult, Entry, ErrorDetails, PhoneNumber, RecipientList};

/// Reads everybody of a list. The error says which entry cannot be used, without its values.
///
/// An entry without `recipientId` is an error and gets no made-up id: an id that DocuSign does not know would add
/// a recipient to a draft when it is sent back (reference of `EnvelopeRecipients: update`).
pub(crate) fn recipients(list: RecipientList) -> Result<Recipients, String> {
    let current = list.current_routing_order.as_deref().and_then(order);
    let mut people = Vec::new();
    for (array, entries) in list.arrays {
        for (place, Object(entry)) in entries.into_iter().enumerate() {
            let Some(id) = entry.recipient_id.clone() else {
                return Err(format!("the answer's member `{array}[{place}]` has no `recipientId`"));
            };
            let id = RecipientId::new(id).map_err(|invalid| {
                format!("the answer's `{array}[{place}].recipientId` {}", invalid.problem())
            })?;
            people.push(recipient(id, &array, entry, current));
        }
    }
    Ok(Recipients::new(people, current, None))
}

fn recipient(id: RecipientId, array: &str, entry: Entry, current: Option<u32>) -> Recipient {
    let mut person = Recipient::new(id, role(array));
    person.vendor.kind = array.to_owned();
    person.vendor.status = entry.status.clone().unwrap_or_default();
    person.vendor.extra = extra(&entry);
    person.status = status(entry.status.as_deref());
    person.order = entry.routing_order.as_deref().and_then(order);
    person.in_turn = in_turn(&person, current);
    person.embedded = Some(entry.client_user_id.is_some());
    person.other_checks = other_checks(&entry);
    person.sent_at = entry.sent_date_time.as_deref().and_then(instant);
    person.access_code = access_code(&entry, person.sent_at);
    person.viewed_at = entry.delivered_date_time.as_deref().and_then(instant);
    person.signed_at = entry.signed_date_time.as_deref().and_then(instant);
    person.declined_at = entry.declined_date_time.as_deref().and_then(instant);
    person.phone = entry.phone_number.as_ref().and_then(|Object(number)| phone(number));
    // An in-person signer's own name and address have members of their own; `name` and `email` are the signer's in
    // the notary flow only, and may be the host's otherwise.
    person.name = entry.signer_name.or(entry.name);
    person.email = entry.signer_email.or(entry.email);
    person.client_user_id = entry.client_user_id;
    person.decline_reason = entry.declined_reason;
    person
}

fn role(array: &str) -> Role {
    match array.to_ascii_lowercase().as_str() {
        "signers" => Role::Signer,
        "agents" => Role::Agent,
        "editors" => Role::Editor,
        "intermediaries" => Role::Intermediary,
        "carboncopies" => Role::CarbonCopy,
        "certifieddeliveries" => Role::Reviewer,
        "inpersonsigners" => Role::InPersonSigner,
        "seals" => Role::Seal,
        "witnesses" => Role::Witness,
        "notaries" => Role::Notary,
        "participants" => Role::Participant,
        "notarywitnesses" => Role::NotaryWitness,
        "authorizedsignatories" => Role::AuthorizedSignatory,
        _ => Role::Other(array.to_owned()),
    }
}

fn status(word: Option<&str>) -> RecipientStatus {
    let word = word.unwrap_or_default();
    match word.trim().to_ascii_lowercase().as_str() {
        "created" => RecipientStatus::Waiting,
        "sent" => RecipientStatus::Notified,
        "delivered" => RecipientStatus::Viewed,
        "signed" | "completed" => RecipientStatus::Signed,
        "declined" => RecipientStatus::Declined,
        "autoresponded" => RecipientStatus::DeliveryFailed,
        _ => RecipientStatus::Other(word.to_owned()),
    }
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

/// A result counts before the presence of a code. The specification says `Pass` and `Fail`, its example and users
/// say `Passed` and `Failed`.
///
/// A failure that is older than the last sending counts no more: a resend gives new attempts, and whether DocuSign
/// also clears the result is not public. A code that DocuSign does not return to this caller looks like none.
fn access_code(entry: &Entry, sent_at: Option<Timestamp>) -> AccessCodeState {
    let result = entry.recipient_authentication_status.as_ref().and_then(|all| all.get("accessCodeResult"));
    if let Some(result) = result {
        let failed_at = result.event_timestamp.as_deref().and_then(instant);
        let renewed = matches!((failed_at, sent_at), (Some(failed), Some(sent)) if sent > failed);
        match outcome(result) {
            Some(true) => return AccessCodeState::Passed,
            Some(false) if renewed => return AccessCodeState::Required,
            Some(false) => return AccessCodeState::Failed,
            None => {}
        }
    }
    if entry.access_code.0 { AccessCodeState::Required } else { AccessCodeState::NotRequired }
}

fn outcome(result: &CheckResult) -> Option<bool> {
    let word = result.status.as_deref()?.trim().to_ascii_lowercase();
    if word.starts_with("pass") {
        Some(true)
    } else if word.starts_with("fail") {
        Some(false)
    } else {
        None
    }
}

/// The checks beside the access code: those that have a result, and those that are demanded and have none yet.
fn other_checks(entry: &Entry) -> Vec<IdentityCheck> {
    let mut checks: BTreeMap<&str, bool> = BTreeMap::new();
    for (member, result) in entry.recipient_authentication_status.iter().flatten() {
        let Some(method) = member.strip_suffix("Result").filter(|method| *method != "accessCode") else {
            continue;
        };
        if result.status.is_some() {
            checks.insert(method, outcome(result) == Some(false));
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

/// What has no place of its own, by DocuSign's member names. Never the access code; of the start URL only that it
/// is set, since it may carry data of the application.
fn extra(entry: &Entry) -> BTreeMap<String, String> {
    let mut extra = BTreeMap::new();
    let mut keep = |member: &str, value: Option<&str>| {
        if let Some(value) = value {
            extra.insert(member.to_owned(), value.to_owned());
        }
    };
    keep("recipientIdGuid", entry.recipient_id_guid.as_deref());
    keep("userId", entry.user_id.as_deref());
    keep("roleName", entry.role_name.as_deref());
    keep("recipientType", entry.recipient_type.as_deref());
    keep("statusCode", entry.status_code.as_deref());
    keep("deliveryMethod", entry.delivery_method.as_deref());
    keep("autoRespondedReason", entry.auto_responded_reason.as_deref());
    keep("idCheckConfigurationName", entry.id_check_configuration_name.as_deref());
    keep("hostName", entry.host_name.as_deref());
    keep("hostEmail", entry.host_email.as_deref());
    keep("signerName", entry.signer_name.as_deref());
    keep("signingGroupId", entry.signing_group_id.as_deref());
    keep("signingGroupName", entry.signing_group_name.as_deref());
    keep("witnessFor", entry.witness_for.as_deref());
    keep("suppressEmails", entry.suppress_emails.map(|muted| if muted { "true" } else { "false" }));
    let start = entry.embedded_recipient_start_url.as_deref();
    keep("embeddedRecipientStartURL", start.map(|url| if url == SIGN_AT_DOCUSIGN { url } else { "set" }));
    if entry.signer_name.is_some() {
        keep("name", entry.name.as_deref());
    }
    let failed = refusal(entry.error_details.as_ref());
    keep("errorCode", failed.and_then(|details| details.error_code.as_deref()));
    let code = entry.recipient_authentication_status.as_ref().and_then(|all| all.get("accessCodeResult"));
    keep("accessCodeResult", code.and_then(|result| result.status.as_deref()));
    // Values that could not be read are kept as they came.
    keep("routingOrder", entry.routing_order.as_deref().filter(|text| order(text).is_none()));
    let number = entry.phone_number.as_ref().map(|Object(number)| number);
    keep("phoneNumber", number.filter(|n| phone(n).is_none()).and_then(|n| n.number.as_deref()));
    for (member, value) in [
        ("sentDateTime", &entry.sent_date_time),
        ("deliveredDateTime", &entry.delivered_date_time),
        ("signedDateTime", &entry.signed_date_time),
        ("declinedDateTime", &entry.declined_date_time),
    ] {
        keep(member, value.as_deref().filter(|text| instant(text).is_none()));
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

fn order(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

/// Reads an instant of up to nine fractional digits (DocuSign writes seven); one without a zone is taken as UTC,
/// which is what DocuSign's instants are in.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// Country and number as one international number; `None` without a country.
fn phone(number: &PhoneNumber) -> Option<String> {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let country = digits(number.country_code.as_deref()?);
    let local = digits(number.number.as_deref()?);
    (!country.is_empty() && !local.is_empty()).then(|| format!("+{country}{local}"))
}
