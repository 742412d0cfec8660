//! Documents and signers in BoldSign's JSON: the properties, a row of the list, and the content of a webhook.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::KNOWN;
use crate::vendors::fields::{Object, array, member, text};
use crate::vendors::known::{Always, joined};
use crate::world::{
    DAY, Document, Envelope, EnvelopeStatus, Happening, Recipient, RecipientState, Role, SENDER_EMAIL,
    SENDER_NAME, Vendor,
};

/// What the answers always have.
static ALWAYS: LazyLock<Always> = LazyLock::new(|| Always::read(include_str!("always.json")));

/// What the web application calls the status; a locked signer needs attention.
pub(super) fn display_status(env: &Envelope) -> &'static str {
    match env.status.in_flight() {
        true if env.recipients.iter().any(|r| r.locked && !r.finished()) => "NeedAttention",
        true => "WaitingForOthers",
        false => env.word(),
    }
}

/// What all forms of a document have.
fn common(env: &Envelope) -> Value {
    json!({
        "documentId": env.id,
        "messageTitle": env.subject,
        "status": env.word(),
        "signerDetails": signers(env),
        "ccDetails": copies(env),
        "createdDate": env.created_at.as_second(),
        "expiryDate": env.expires_at.map(Timestamp::as_second),
        "enableSigningOrder": env.ordered,
    })
}

/// What the properties and the rows of the list have.
fn summary(env: &Envelope) -> Value {
    let sender =
        json!({"name": SENDER_NAME, "privateMessage": null, "emailAddress": SENDER_EMAIL, "isViewed": false});
    let members = json!({
        "displayStatus": display_status(env),
        "senderDetail": sender,
        "activityBy": SENDER_EMAIL,
        "activityDate": env.changed_at.as_second(),
    });
    joined(common(env), members)
}

pub(super) fn properties(env: &Envelope) -> Value {
    let last = env.history.last();
    let members = json!({
        "documentDescription": env.message,
        "files": files(env),
        "documentHistory": env.history.iter().map(happening).collect::<Vec<_>>(),
        "activityBy": last.map_or(SENDER_EMAIL, |h| h.who.as_ref().map_or(SENDER_EMAIL, |(_, email)| email)),
        "expiryDays": env.policy.envelope_life.unwrap_or_default() / DAY,
        "revokeMessage": reason(env, EnvelopeStatus::Voided),
        "declineMessage": reason(env, EnvelopeStatus::Declined),
        "disableEmails": env.emails_disabled,
        "enableReassign": env.policy.signers_may_reassign,
    });
    let mut body = ALWAYS.with("properties", &env.extra, joined(summary(env), members));
    // Absent if there is none.
    if let Some(email) = env.extra.get("onBehalfOf") {
        body["behalfOf"] = json!({"name": null, "emailAddress": email});
    }
    body
}

fn reason(env: &Envelope, status: EnvelopeStatus) -> &str {
    env.close_reason.as_deref().filter(|_| env.status == status).unwrap_or_default()
}

fn files(env: &Envelope) -> Value {
    let file = |(at, document): (usize, &Document)| json!({"documentName": document.name, "order": at + 1, "pageCount": 1});
    env.documents.iter().enumerate().map(file).collect()
}

/// All but the copies.
fn recipients(env: &Envelope) -> impl Iterator<Item = &Recipient> {
    env.recipients.iter().filter(|r| r.role != Role::CarbonCopy)
}

fn signers(env: &Envelope) -> Value {
    recipients(env).map(|r| signer(env, r)).collect()
}

fn copies(env: &Envelope) -> Value {
    let copies = env.recipients.iter().filter(|r| r.role == Role::CarbonCopy);
    copies.map(|r| json!({"emailAddress": r.email, "isViewed": false})).collect()
}

fn signer(env: &Envelope, r: &Recipient) -> Value {
    let or = |name: &str, default: Value| r.extra.get(name).cloned().unwrap_or(default);
    let kind = match (&r.code, or("authenticationType", Value::Null)) {
        (Some(_), _) => "AccessCode".to_owned(),
        // Code authentication that was removed leaves none.
        (None, Value::String(kind)) if !kind.eq_ignore_ascii_case("AccessCode") => kind,
        _ => "None".to_owned(),
    };
    // Three-valued: null without authentication, then whether it has failed for good.
    let failed = (kind != "None").then_some(r.locked);
    let mut members = json!({
        "id": r.guid,
        "signerName": r.name,
        "signerEmail": r.email,
        "status": signer_status(env, r),
        "enableAccessCode": r.code.is_some(),
        "isAuthenticationFailed": failed,
        "enableEmailOTP": kind == "EmailOTP",
        "authenticationType": kind,
        "authenticationRetryCount": (kind != "None").then_some(r.max_attempts),
        "isDeliveryFailed": r.bounced,
        "isViewed": r.viewed_at.is_some(),
        "order": r.order,
        "signerType": match r.role {
            Role::InPersonSigner => "InPersonSigner",
            Role::Reviewer | Role::CertifiedDelivery => "Reviewer",
            _ => "Signer",
        },
        "isReassigned": r.state == RecipientState::Reassigned,
        "formFields": form_fields(r),
        "deliveryMode": or("deliveryMode", if r.email.is_empty() { "SMS" } else { "Email" }.into()),
    });
    if let Some(phone) = &r.phone {
        members["phoneNumber"] = json!({"countryCode": phone.country_code, "number": phone.number});
    }
    if let Some(settings) = r.extra.get("recipientNotificationSettings") {
        members["recipientNotificationSettings"] = settings.clone();
    }
    ALWAYS.with("signer", &r.extra, members)
}

/// The requested fields, under the names that the vendor returns.
fn form_fields(r: &Recipient) -> Value {
    let field = |(at, from): (usize, &Object)| {
        let mut field = from.clone();
        let id = text(from, "id").unwrap_or_else(|| format!("field-{}-{}", r.id, at + 1));
        field.insert("type".to_owned(), member(from, "fieldType").cloned().unwrap_or_default());
        field.insert("formFieldId".to_owned(), id.clone().into());
        field.insert("id".to_owned(), id.into());
        field.retain(|name, _| !name.eq_ignore_ascii_case("fieldType"));
        Value::Object(field)
    };
    array(&r.extra, "formFields").enumerate().map(field).collect()
}

fn signer_status(env: &Envelope, r: &Recipient) -> &'static str {
    match (r.state, env.status) {
        (RecipientState::Completed, _) => "Completed",
        (RecipientState::Declined, _) => "Declined",
        (_, EnvelopeStatus::Voided) => "Revoked",
        (_, EnvelopeStatus::Expired) => "Expired",
        _ => "NotCompleted",
    }
}

fn happening(happening: &Happening) -> Value {
    let sender = (SENDER_NAME.to_owned(), SENDER_EMAIL.to_owned());
    let (name, email) = happening.who.clone().unwrap_or(sender);
    let members = json!({
        "id": happening.id,
        "name": name,
        "email": email,
        "action": Vendor::BOLDSIGN.traits().happening(happening.what),
        "timestamp": happening.at.as_second(),
    });
    ALWAYS.with("happening", &Object::new(), members)
}

pub(super) fn record(env: &Envelope) -> Value {
    let cursor = json!({"cursor": env.changed_at.as_millisecond()});
    ALWAYS.with("record", &env.extra, joined(summary(env), cursor))
}

/// Id of the account's user; any GUID would do.
pub(super) const SENDER_ID: &str = "3cb42cde-a514-4995-a83c-b423bb4bf163";

/// `data` of a document event, after the samples of developers.boldsign.com, sample event data.
pub(super) fn document_of(env: &Envelope, failure: Option<&str>) -> Value {
    let members = json!({
        "documentDescription": env.message,
        "senderDetail": {"name": SENDER_NAME, "emailAddress": SENDER_EMAIL, "userId": SENDER_ID},
        "disableEmails": env.emails_disabled,
        "revokeMessage": env.close_reason.as_deref().filter(|_| env.status == EnvelopeStatus::Voided),
        "errorMessage": failure,
        "BrandId": env.extra.get("brandId"),
    });
    let mut body = ALWAYS.with("webhook", &env.extra, joined(common(env), members));
    let people = body["signerDetails"].as_array_mut().into_iter().flatten();
    for (shown, r) in people.zip(recipients(env)) {
        // Webhooks contain no form fields, but details of each signer that the properties do not have.
        if let Some(members) = shown.as_object_mut() {
            KNOWN.list("not_in_webhooks").for_each(|name| drop(members.remove(name)));
        }
        let active = [r.viewed_at, r.done_at, r.declined_at].into_iter().flatten().max();
        shown["reassignMessage"] = Value::Null;
        shown["declineMessage"] = json!(r.decline_reason);
        shown["lastActivityDate"] = active.map(Timestamp::as_second).into();
        shown["lastReminderSentOn"] = env.reminded_at.last().map(|at| at.as_second()).into();
    }
    body
}
