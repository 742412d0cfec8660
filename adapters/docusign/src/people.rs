//! From DocuSign's recipients to ours.

use std::borrow::Cow;
use std::collections::BTreeMap;

use countersign_core::{
    AccessCodeState, EnvelopeStatus, IdentityCheck, Recipient, RecipientId, RecipientStatus, Recipients, Role,
};

use crate::entry::Entry;
use crate::lenient::Object;
use crate::objects::RecipientList;
use crate::wire::{ErrorDetails, PhoneNumber};

/// Everybody of a list, or why an entry cannot be used.
pub(crate) fn recipients(list: RecipientList) -> Result<Recipients, String> {
    let RecipientList { mut people, flaw, current_routing_order } = list;
    if let Some(flaw) = flaw {
        return Err(flaw);
    }
    for person in &mut people {
        person.in_turn = in_turn(person, current_routing_order);
    }
    Ok(Recipients::new(people, current_routing_order, None))
}

/// Whether the recipients alone tell that nothing follows: everybody has finished, or somebody declined.
pub(crate) fn is_over(list: &Recipients) -> bool {
    let mut all = list.recipients.iter();
    let declined = list.recipients.iter().any(|one| one.status == RecipientStatus::Declined);
    declined || (all.len() > 0 && all.all(|one| one.status.is_done()))
}

/// The list with the envelope's own status: before it is sent and after its end, it is nobody's turn.
pub(crate) fn with_status(mut list: Recipients, status: EnvelopeStatus) -> Recipients {
    if status.is_final() || status == EnvelopeStatus::Draft {
        list.current_order = None;
        list.recipients.iter_mut().for_each(|one| one.in_turn = Some(false));
    }
    list.envelope_status = Some(status);
    list
}

/// One entry of an array. The error says which entry cannot be used and why, without its values.
///
/// An entry without `recipientId` is an error and gets no made-up id: an id that DocuSign does not know would add
/// a recipient to a draft when it is sent back (reference of `EnvelopeRecipients: update`).
pub(crate) fn recipient(
    mut entry: Entry,
    array: Cow<'static, str>,
    place: usize,
) -> Result<Recipient, String> {
    let Some(id) = entry.recipient_id.take() else {
        return Err(format!("the answer's member `{array}[{place}]` has no `recipientId`"));
    };
    let id = RecipientId::new(id)
        .map_err(|invalid| format!("the answer's `{array}[{place}].recipientId` {}", invalid.problem()))?;
    let mut person = Recipient::new(id, role(&array));
    person.status = status(entry.status.as_deref());
    person.access_code = access_code(&entry);
    person.other_checks = other_checks(&entry);
    person.order = entry.routing_order;
    person.embedded = Some(entry.client_user_id.is_some());
    person.client_user_id = entry.client_user_id;
    person.sent_at = entry.sent_at;
    person.viewed_at = entry.delivered_at;
    person.signed_at = entry.signed_at;
    person.declined_at = entry.declined_at;
    person.decline_reason = entry.declined_reason;
    person.phone = entry.phone;
    // An in-person signer's own name and address have members of their own; `name` and `email` are the signer's in
    // the notary flow only, and may be the host's otherwise.
    if let Some(signer_name) = &entry.signer_name {
        entry.extra.insert("signerName", signer_name.clone());
        if let Some(name) = entry.name.take() {
            entry.extra.insert("name", name);
        }
    }
    person.name = entry.signer_name.or(entry.name);
    person.email = entry.signer_email.or(entry.email);
    // The type says again what the array's name says, as a rule.
    if let Some(kind) = entry.recipient_type.filter(|kind| !array.starts_with(kind.as_ref())) {
        entry.extra.insert("recipientType", kind);
    }
    person.vendor.kind = array;
    person.vendor.status = entry.status.unwrap_or_default();
    person.vendor.extra = entry.extra;
    Ok(person)
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
    static KNOWN: [(&str, RecipientStatus); 7] = [
        ("sent", RecipientStatus::Notified),
        ("completed", RecipientStatus::Signed),
        ("created", RecipientStatus::Waiting),
        ("delivered", RecipientStatus::Viewed),
        ("signed", RecipientStatus::Signed),
        ("declined", RecipientStatus::Declined),
        ("autoresponded", RecipientStatus::DeliveryFailed),
    ];
    let word = word.unwrap_or_default();
    // The usual spelling first: it is compared at once.
    let found = KNOWN.iter().find(|(known, _)| *known == word);
    let bare = || word.trim();
    let found = found.or_else(|| KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(bare())));
    found.map_or_else(|| RecipientStatus::Other(word.to_owned()), |(_, status)| status.clone())
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
fn access_code(entry: &Entry) -> AccessCodeState {
    if let Some(result) = &entry.results.access_code {
        let renewed =
            matches!((result.failed_at, entry.sent_at), (Some(failed), Some(sent)) if sent > failed);
        match result.outcome() {
            Some(true) => return AccessCodeState::Passed,
            Some(false) if renewed => return AccessCodeState::Required,
            Some(false) => return AccessCodeState::Failed,
            None => {}
        }
    }
    if entry.access_code { AccessCodeState::Required } else { AccessCodeState::NotRequired }
}

/// The checks beside the access code: those that have a result, and those that are demanded and have none yet.
fn other_checks(entry: &Entry) -> Vec<IdentityCheck> {
    let mut checks: BTreeMap<&str, bool> = BTreeMap::new();
    for (member, result) in &entry.results.others {
        let Some(method) = member.strip_suffix("Result") else { continue };
        if result.status.is_some() {
            checks.insert(method, result.outcome() == Some(false));
        }
    }
    for (demanded, method) in [
        (entry.phone_authentication, "phoneAuth"),
        (entry.sms_authentication, "smsAuth"),
        (entry.identity_verification, "identityVerification"),
        (entry.require_id_lookup, "idLookup"),
    ] {
        if demanded {
            checks.entry(method).or_insert(false);
        }
    }
    if checks.is_empty()
        && let Some(name) = entry.extra.get("idCheckConfigurationName")
    {
        checks.insert(name, false);
    }
    checks.into_iter().map(|(method, failed)| IdentityCheck::new(method, failed)).collect()
}

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

impl PhoneNumber {
    /// Country and number as one international number; `None` without a country.
    pub(crate) fn joined(&self) -> Option<String> {
        let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
        let country = digits(self.country_code.as_deref()?);
        let local = digits(self.number.as_deref()?);
        (!country.is_empty() && !local.is_empty()).then(|| format!("+{country}{local}"))
    }
}
