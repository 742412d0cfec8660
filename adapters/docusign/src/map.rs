//! Converts our requests to DocuSign's, and its recipients to ours. Pure functions.

use std::borrow::Cow;
use std::collections::BTreeMap;

use countersign_core::{
    AccessCodeState, AccountId, AuthenticationMethod, ChangeAccessCode, CreateView, EnvelopeId,
    EnvelopeStatus, Error, ErrorKind, IdentityCheck, Origin, Recipient, RecipientId, RecipientStatus,
    Recipients, RequestBuilder, Result, Role,
};
use http::Method;
use serde_json::{Value, json};

use crate::wire::{CheckResult, Entry, RecipientList, RecipientUpdate, RecipientViewRequest};
use crate::{DESCRIPTOR, check};

/// `GET …/recipients`.
pub(crate) fn list(account: &AccountId, id: &EnvelopeId) -> RequestBuilder {
    envelope(Method::GET, account, id, &["recipients"])
}

/// `POST …/views/recipient`.
pub(crate) fn view(account: &AccountId, request: &CreateView, person: &Recipient) -> Result<RequestBuilder> {
    // For an in-person signer, the official example (code-examples-node, signingInPerson.js) names the host.
    let (name, email) = match person.role {
        Role::InPersonSigner => (
            extra(person, "hostName").or(person.name.as_deref()),
            extra(person, "hostEmail").or(person.email.as_deref()),
        ),
        _ => (own_name(person), person.email.as_deref()),
    };
    let body = RecipientViewRequest {
        return_url: request.return_url.as_str(),
        authentication_method: method(request.authentication_method.as_ref())?,
        user_name: name,
        email,
        client_user_id: person.client_user_id.as_deref(),
        recipient_id: person.id.as_str(),
        assertion_id: request.assertion_id.as_deref(),
        ping_url: request.ping.as_ref().map(|ping| ping.url.as_str()),
        ping_frequency: request.ping.as_ref().map(|ping| ping.every.as_secs().to_string()),
        frame_ancestors: request.frame_ancestors.iter().map(Origin::as_str).collect(),
        message_origins: request.message_origins.iter().map(Origin::as_str).collect(),
    };
    let out = envelope(Method::POST, account, &request.envelope, &["views", "recipient"]);
    Ok(out.json(&body)?.simulated_response(|_| r#"{"url":"https://planned.invalid/"}"#.to_owned()))
}

/// `GET …/envelopes/{id}`: the envelope itself, without its recipients.
pub(crate) fn envelope_itself(account: &AccountId, id: &EnvelopeId) -> RequestBuilder {
    envelope(Method::GET, account, id, &[])
}

/// `PUT …/recipients?resend_envelope=true` for one recipient, with the address, as in the common examples.
///
/// The address counts as a new one even if it is the same (reference of `EnvelopeRecipients: update`), so that an old
/// one would undo a correction: `person` must come from a list that was just read.
pub(crate) fn resend(account: &AccountId, id: &EnvelopeId, person: &Recipient) -> Result<RequestBuilder> {
    let mut change = update(person);
    change.email = person.email.as_deref().filter(|_| person.role != Role::InPersonSigner);
    put(account, id, person, &change, true)
}

/// `PUT …/envelopes/{id}?resend_envelope=true`. The body must be an object; without one the answer is
/// `INVALID_REQUEST_BODY` (docusign-esign-node-client issue 136).
pub(crate) fn resend_everyone(account: &AccountId, id: &EnvelopeId) -> Result<RequestBuilder> {
    let out = envelope(Method::PUT, account, id, &[]).query("resend_envelope", "true");
    Ok(out.json(&BTreeMap::<&str, &str>::new())?.simulated_response(simulated_update))
}

/// `PUT …/recipients` with another access code. Never with an e-mail address: that would send a correction mail.
pub(crate) fn access_code(
    account: &AccountId,
    request: &ChangeAccessCode,
    person: &Recipient,
) -> Result<RequestBuilder> {
    let change = RecipientUpdate { access_code: Some(request.code.expose()), ..update(person) };
    Ok(put(account, &request.envelope, person, &change, request.notify)?.secret(request.code.secret()))
}

/// DocuSign's word for how the application identified the signer. Case does not seem to matter: the reference has
/// `None`, the official examples send `none`.
fn method(method: Option<&AuthenticationMethod>) -> Result<&str> {
    Ok(match method {
        None | Some(AuthenticationMethod::None) => "None",
        Some(AuthenticationMethod::Email) => "Email",
        Some(AuthenticationMethod::Password) => "Password",
        Some(AuthenticationMethod::SingleSignOn) => "SingleSignOn_Other",
        Some(AuthenticationMethod::Biometric) => "Biometric",
        Some(AuthenticationMethod::KnowledgeBased) => "KnowledgeBasedAuth",
        Some(AuthenticationMethod::PaperDocuments) => "PaperDocuments",
        Some(AuthenticationMethod::Certificate) => "X509Certificate",
        Some(AuthenticationMethod::Other(word)) => word,
        Some(_) => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "this adapter has no DocuSign value for the authentication method",
            )
            .with_hint("give DocuSign's own value"));
        }
    })
}

/// The members that every change of a recipient needs: the id, and the current name.
fn update(person: &Recipient) -> RecipientUpdate<'_> {
    let signer_name = extra(person, "signerName");
    RecipientUpdate {
        recipient_id: person.id.as_str(),
        name: if signer_name.is_some() { extra(person, "name") } else { own_name(person) },
        host_name: extra(person, "hostName"),
        signer_name,
        ..RecipientUpdate::default()
    }
}

fn put(
    account: &AccountId,
    id: &EnvelopeId,
    person: &Recipient,
    change: &RecipientUpdate<'_>,
    resend: bool,
) -> Result<RequestBuilder> {
    let out = envelope(Method::PUT, account, id, &["recipients"]);
    let out = if resend { out.query("resend_envelope", "true") } else { out };
    // The array must match the recipient's type.
    Ok(out
        .json(&BTreeMap::from([(person.vendor.kind.as_ref(), [change])]))?
        .simulated_response(simulated_update))
}

/// DocuSign's answer to a successful `PUT`: success for each recipient in the body.
fn simulated_update(body: &[u8]) -> String {
    let arrays: BTreeMap<String, Vec<Value>> = serde_json::from_slice(body).unwrap_or_default();
    let done =
        |one: &Value| json!({"recipientId": one["recipientId"], "errorDetails": {"errorCode": "SUCCESS"}});
    let results: Vec<_> = arrays.values().flatten().map(done).collect();
    json!({"recipientUpdateResults": results}).to_string()
}

/// The name of a single recipient: a group's name belongs to the group, not to a recipient.
fn own_name(person: &Recipient) -> Option<&str> {
    person.name.as_deref().filter(|_| person.members.is_none())
}

/// A value that was stored under DocuSign's member name.
pub(crate) fn extra<'p>(person: &'p Recipient, member: &str) -> Option<&'p str> {
    person.vendor.extra.get(member)
}

fn envelope(method: Method, account: &AccountId, id: &EnvelopeId, rest: &[&str]) -> RequestBuilder {
    let segments = ["restapi", "v2.1", "accounts", account.as_str(), "envelopes", id.as_str()];
    RequestBuilder::new(method, &segments).below(rest)
}

/// The recipients of a list, or why an entry cannot be used.
pub(crate) fn recipients(list: RecipientList) -> std::result::Result<Recipients, String> {
    let RecipientList { mut people, flaw, current_routing_order } = list;
    if let Some(flaw) = flaw {
        return Err(flaw);
    }
    for person in &mut people {
        person.in_turn = in_turn(person, current_routing_order);
    }
    Ok(Recipients::new(people, current_routing_order, None))
}

/// Whether DocuSign would treat both as the same: all values that requests contain are equal.
pub(crate) fn same_identity(a: &Recipient, b: &Recipient) -> bool {
    a.name == b.name
        && a.email == b.email
        && a.client_user_id == b.client_user_id
        && a.vendor.kind == b.vendor.kind
        && ["hostName", "hostEmail", "signerName", "name"]
            .iter()
            .all(|member| extra(a, member) == extra(b, member))
}

/// Whether the recipients alone show that the envelope has ended: all have finished, or one has declined.
pub(crate) fn is_over(list: &Recipients) -> bool {
    let mut all = list.recipients.iter();
    let declined = list.recipients.iter().any(|one| one.status == RecipientStatus::Declined);
    declined || (all.len() > 0 && all.all(|one| one.status.is_done() || check::is_gone(one)))
}

/// The list with the envelope's own status: before it is sent and after its end, it is no recipient's turn.
pub(crate) fn with_status(mut list: Recipients, status: EnvelopeStatus) -> Recipients {
    if status.is_final() || status == EnvelopeStatus::Draft {
        list.current_order = None;
        list.recipients.iter_mut().for_each(|one| one.in_turn = Some(false));
    }
    list.envelope_status = Some(status);
    list
}

/// One entry of an array. The error names the invalid entry and the reason, without its values.
///
/// An entry without `recipientId` is an error and gets no made-up id: an id that DocuSign does not know would add a
/// recipient to a draft when it is sent back (reference of `EnvelopeRecipients: update`).
pub(crate) fn recipient(
    mut entry: Entry,
    array: Cow<'static, str>,
    place: usize,
) -> std::result::Result<Recipient, String> {
    let Some(id) = entry.recipient_id.take() else {
        return Err(format!("the answer's member `{array}[{place}]` has no `recipientId`"));
    };
    let id = RecipientId::new(id)
        .map_err(|invalid| format!("the answer's `{array}[{place}].recipientId` {}", invalid.problem()))?;
    let mut person = Recipient::new(id, DESCRIPTOR.facts.words.role.read(&array));
    person.status = DESCRIPTOR.facts.words.recipient_status.read(entry.status.as_deref().unwrap_or_default());
    person.access_code = code_state(&entry);
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
    person.code_in_mail = entry.code_in_mail;
    let is_group = entry.extra.contains_key("signingGroupId") || entry.extra.contains_key("signingGroupName");
    person.members = entry.members.or(is_group.then(Vec::new));
    // An in-person signer's own name and address have separate members; `name` and `email` are the signer's in the
    // notary flow only, and may be the host's otherwise.
    if let Some(signer_name) = &entry.signer_name {
        entry.extra.insert("signerName", signer_name.clone());
        if let Some(name) = entry.name.take() {
            entry.extra.insert("name", name);
        }
    }
    let of_none = || entry.extra.get("signingGroupName").or(entry.extra.get("sealName")).map(str::to_owned);
    person.name = entry.signer_name.or(entry.name).or_else(of_none);
    person.email = entry.signer_email.or(entry.email);
    // The type usually repeats the array's name.
    if let Some(kind) = entry.recipient_type.filter(|kind| !array.starts_with(kind.as_ref())) {
        entry.extra.insert("recipientType", kind);
    }
    person.vendor.kind = array;
    person.vendor.status = entry.status.unwrap_or_default();
    person.vendor.extra = entry.extra;
    Ok(person)
}

/// `created` is a draft or a later turn (observed by users, not documented), and a recipient who has finished has
/// no turn any more. Otherwise the current order decides. `sent` or `delivered` with another order contradicts it,
/// so the turn stays unknown and the vendor may decide: a wrong "not yet" would keep a signer out.
fn in_turn(person: &Recipient, current: Option<u32>) -> Option<bool> {
    let asked = matches!(person.status, RecipientStatus::Notified | RecipientStatus::Viewed);
    if person.status == RecipientStatus::Waiting || person.status.is_done() || check::is_gone(person) {
        return Some(false);
    }
    match (person.order, current) {
        (Some(order), Some(current)) if order == current => Some(true),
        (Some(_), Some(_)) if asked => None,
        (Some(_), Some(_)) => Some(false),
        _ => asked.then_some(true),
    }
}

/// A result takes precedence over the presence of a code. A code that DocuSign does not return to this caller looks
/// like none.
fn code_state(entry: &Entry) -> AccessCodeState {
    let result = entry.results.access_code.as_ref();
    match result.and_then(CheckResult::outcome) {
        Some(true) => AccessCodeState::Passed,
        Some(false) if result.is_some_and(|result| result.failed_after(entry.sent_at)) => {
            AccessCodeState::Failed
        }
        None if !entry.access_code => AccessCodeState::NotRequired,
        _ => AccessCodeState::Required,
    }
}

/// The checks other than the access code: those with a result, and those that are required and have none yet.
fn other_checks(entry: &Entry) -> Vec<IdentityCheck> {
    let mut checks: BTreeMap<&str, bool> = BTreeMap::new();
    for (member, result) in &entry.results.others {
        let Some(method) = member.strip_suffix("Result") else { continue };
        if result.status.is_some() {
            checks.insert(method, result.failed_after(entry.sent_at));
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
