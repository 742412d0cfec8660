//! Envelopes and recipients in DocuSign's JSON.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{ACCOUNT_ID, USER_ID};
use crate::vendors::fields::{Object, member};
use crate::vendors::known::Always;
use crate::world::{
    CodeResult, Envelope, EnvelopeStatus, Identity, Phone, Recipient, RecipientState, Role, SENDER_EMAIL,
    SENDER_NAME,
};

/// What the answers always have.
static ALWAYS: LazyLock<Always> = LazyLock::new(|| Always::read(include_str!("always.json")));

/// The arrays in the order of the answer, and the kinds in them.
pub(super) const ARRAYS: &[(&str, Role)] = &[
    ("signers", Role::Signer),
    ("agents", Role::Agent),
    ("editors", Role::Editor),
    ("intermediaries", Role::Intermediary),
    ("carbonCopies", Role::CarbonCopy),
    ("certifiedDeliveries", Role::CertifiedDelivery),
    ("inPersonSigners", Role::InPersonSigner),
    ("seals", Role::Seal),
    ("witnesses", Role::Witness),
    ("notaries", Role::Notary),
    ("participants", Role::Participant),
    ("notaryWitnesses", Role::NotaryWitness),
    ("authorizedSignatories", Role::AuthorizedSignatory),
];

/// Kinds of recipients whose arrays are omitted if they are empty.
const NEWEST: &[Role] = &[Role::Participant, Role::NotaryWitness, Role::AuthorizedSignatory];

pub(super) fn list(env: &Envelope, tabs: bool) -> Value {
    let mut body = Object::new();
    for (name, role) in ARRAYS {
        // A reviewer created through the control API is a certified delivery at this vendor.
        let belongs = |r: &&Recipient| {
            r.role == *role || (r.role == Role::Reviewer && *role == Role::CertifiedDelivery)
        };
        let members: Vec<Value> =
            env.recipients.iter().filter(belongs).map(|r| recipient(env, r, tabs)).collect();
        // The newest kinds are omitted if they are empty.
        if !members.is_empty() || !NEWEST.contains(role) {
            body.insert((*name).to_owned(), members.into());
        }
    }
    body.insert("recipientCount".to_owned(), env.recipients.len().to_string().into());
    if env.status != EnvelopeStatus::Draft {
        body.insert("currentRoutingOrder".to_owned(), env.current_order().to_string().into());
    }
    body.into()
}

fn recipient(env: &Envelope, r: &Recipient, tabs: bool) -> Value {
    let mut body: Object = r
        .extra
        .iter()
        .filter(|(key, _)| tabs || key.as_str() != "tabs")
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let result = match r.code_result {
        CodeResult::None => None,
        CodeResult::Failed(at) => Some(("Failed", at)),
        CodeResult::Passed(at) => Some(("Passed", at)),
    };
    let identity = match r.identity {
        Identity::NotAsked | Identity::Pending => None,
        Identity::Failed(at) => Some(("Failed", at)),
        Identity::Passed(at) => Some(("Passed", at)),
    };
    let results: Object = [("accessCodeResult", result), (identity_result(r), identity)]
        .into_iter()
        .filter_map(|(name, result)| Some((name, result?)))
        .map(|(name, (status, at))| (name.to_owned(), json!({"status": status, "eventTimestamp": time(at)})))
        .collect();
    // Only after a recipient of the envelope has failed a check; then also for those who have passed.
    let told = !results.is_empty() && env.recipients.iter().any(has_failed);
    let (name, email) = match r.role {
        Role::InPersonSigner => ("signerName", "hostEmail"),
        _ => ("name", "email"),
    };
    let status = if r.bounced && r.in_turn() { "autoresponded" } else { recipient_status(r.state) };
    let has_completed = env.status != EnvelopeStatus::Draft && r.state == RecipientState::Completed;
    let phone = |phone: &Phone| {
        let country = phone.country_code.trim_start_matches('+');
        json!({"countryCode": country, "number": phone.number})
    };
    let shown = json!({
        "creationReason": "sender",
        "isBulkRecipient": "false",
        "requireIdLookup": (r.identity != Identity::NotAsked).to_string(),
        "recipientId": r.id,
        "recipientIdGuid": r.guid,
        "userId": r.user_id,
        name: r.name,
        email: (!r.email.is_empty()).then_some(&r.email),
        "suppressEmails": r.mails_suppressed.then_some("true"),
        "recipientType": kind(r.role),
        "recipientSuppliesTabs": kind(r.role).map(|_| "false"),
        "requireUploadSignature": kind(r.role).map(|_| "false"),
        "clientUserId": r.client_id,
        "routingOrder": r.order.to_string(),
        "status": status,
        "completedCount": if has_completed { "1" } else { "0" },
        "deliveryMethod": if r.phone.is_some() { "SMS" } else { "email" },
        "accessCode": r.code,
        "sentDateTime": r.told_at.map(time),
        "deliveredDateTime": r.viewed_at.map(time),
        "signedDateTime": r.done_at.filter(|_| r.role.acts()).map(time),
        "declinedDateTime": r.declined_at.map(time),
        "declinedReason": r.decline_reason,
        "phoneNumber": r.phone.as_ref().map(phone),
        "recipientAuthenticationStatus": told.then_some(results),
    });
    // What has no value is left out.
    body.extend(
        shown.as_object().cloned().unwrap_or_default().into_iter().filter(|(_, value)| !value.is_null()),
    );
    body.into()
}

fn has_failed(r: &Recipient) -> bool {
    matches!(r.code_result, CodeResult::Failed(_)) || matches!(r.identity, Identity::Failed(_))
}

/// Signing recipients state their kind.
fn kind(role: Role) -> Option<&'static str> {
    match role {
        Role::Signer => Some("signer"),
        Role::InPersonSigner => Some("inPersonSigner"),
        Role::Witness => Some("witness"),
        _ => None,
    }
}

/// What remains of removed recipients.
pub(super) fn removed(gone: &[Recipient]) -> Value {
    let mut all = json!({});
    for (name, role) in ARRAYS {
        let rows = gone.iter().filter(|r| r.role == *role);
        let rows = rows.map(|r| json!({"recipientId": r.id, "routingOrder": "0", "status": "deleted"}));
        let rows: Vec<Value> = rows.collect();
        if !rows.is_empty() {
            all[*name] = rows.into();
        }
    }
    all
}

/// Where the result of an identity check is: the newer kind of check has its own member.
fn identity_result(r: &Recipient) -> &'static str {
    match member(&r.extra, "identityVerification") {
        Some(_) => "identityVerificationResult",
        None => "idQuestionsResult",
    }
}

fn recipient_status(state: RecipientState) -> &'static str {
    match state {
        RecipientState::Waiting => "created",
        RecipientState::InTurn => "sent",
        RecipientState::Viewed => "delivered",
        RecipientState::Completed => "completed",
        // Signers of this vendor cannot name another signer here.
        RecipientState::Declined | RecipientState::Reassigned => "declined",
    }
}

/// `envelopeSummary` of a webhook: the envelope with all recipients.
pub(super) fn summary(env: &Envelope) -> Value {
    let mut body = envelope(env);
    body["recipients"] = list(env, false);
    body
}

pub(super) fn envelope(env: &Envelope) -> Value {
    let uri = format!("/envelopes/{}", env.id);
    let members = json!({
        "status": env.word(),
        "documentsUri": format!("{uri}/documents"),
        "recipientsUri": format!("{uri}/recipients"),
        "attachmentsUri": format!("{uri}/attachments"),
        "envelopeUri": uri.clone(),
        "emailSubject": env.subject,
        "emailBlurb": env.message,
        "envelopeId": env.id,
        "customFieldsUri": format!("{uri}/custom_fields"),
        "notificationUri": format!("{uri}/notification"),
        "createdDateTime": time(env.created_at),
        "lastModifiedDateTime": time(env.changed_at),
        "statusChangedDateTime": time(env.changed_at),
        "documentsCombinedUri": format!("{uri}/documents/combined"),
        "certificateUri": format!("{uri}/documents/certificate"),
        "templatesUri": format!("{uri}/templates"),
        "sender": {"userName": SENDER_NAME, "userId": USER_ID, "accountId": ACCOUNT_ID, "email": SENDER_EMAIL},
    });
    let mut body = ALWAYS.with("envelope", &Object::new(), members);
    let closed = |status| env.closed_at.filter(|_| env.status == status);
    for (name, at) in [
        ("sentDateTime", env.sent_at),
        ("initialSentDateTime", env.sent_at),
        ("deliveredDateTime", env.viewed_at),
        ("completedDateTime", closed(EnvelopeStatus::Completed)),
        ("declinedDateTime", closed(EnvelopeStatus::Declined)),
        ("voidedDateTime", closed(EnvelopeStatus::Voided)),
    ] {
        if let Some(at) = at {
            body[name] = time(at).into();
        }
    }
    for (name, value) in env.extra.iter().filter(|(name, _)| *name != "customFields") {
        body[name] = value.clone();
    }
    if let (EnvelopeStatus::Voided, Some(reason)) = (env.status, &env.close_reason) {
        body["voidedReason"] = json!(reason);
    }
    body
}

/// UTC with seven fractional digits, as in the published examples.
pub(super) fn time(at: Timestamp) -> String {
    let millis = at.subsec_millisecond();
    format!("{}.{millis:03}0000Z", at.strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_digits() {
        let at: Timestamp = "2016-10-05T21:18:12.333999Z".parse().unwrap();
        assert_eq!(time(at), "2016-10-05T21:18:12.3330000Z");
    }
}
