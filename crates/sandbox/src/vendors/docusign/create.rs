//! `POST .../envelopes`.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::{Answer, ApiError, Call};
use super::show::{ARRAYS, status_word, time};
use crate::vendors::fields::{Object, array, filled, looks_like_email, member, object, text};
use crate::world::{Document, Phone, Plan, PlannedRecipient, Reason, Refused, Role, Vendor, When};

/// Members that the world keeps in its own terms; every other one is given back as it came.
const KNOWN: &[&str] = &[
    "recipientId",
    "recipientIdGuid",
    "userId",
    "name",
    "email",
    "routingOrder",
    "clientUserId",
    "accessCode",
    "status",
    "phoneNumber",
    "signerName",
    "signerEmail",
];

pub(super) fn create(call: &Call<'_>) -> Answer {
    let body = call.object()?;
    let sends = match filled(&body, "status").as_deref() {
        Some(status) if status.eq_ignore_ascii_case("sent") => true,
        None => false,
        Some(status) if status.eq_ignore_ascii_case("created") => false,
        Some(_) => return Err(ApiError::envelope_status()),
    };
    let recipients = planned_recipients(&body)?;
    if sends {
        check_complete(&body, &recipients)?;
    }
    let plan = Plan {
        documents: documents(&body),
        vendor: Vendor::DOCUSIGN,
        policy: Vendor::DOCUSIGN.traits().policy,
        subject: text(&body, "emailSubject").unwrap_or_default(),
        message: text(&body, "emailBlurb").unwrap_or_default(),
        ordered: true,
        emails_disabled: false,
        extra: Object::new(),
        recipients,
        when: if sends { When::Now } else { When::Draft },
    };
    let mut state = call.live.lock();
    let id = state.create(plan).map_err(|refused| match refused.reason {
        Reason::Invalid => ApiError::bad(
            "ENVELOPE_HAS_DUPLICATE_RECIPIENTS",
            "The envelope contains recipients with the same recipient id.",
        ),
        _ => refused.into(),
    })?;
    let summary = state.on(&id, |env, _| {
        Ok::<_, Refused>(json!({
            "envelopeId": env.id,
            "status": status_word(env.status),
            "statusDateTime": time(env.changed_at),
            "uri": format!("/envelopes/{}", env.id),
        }))
    })?;
    Ok((StatusCode::CREATED, summary))
}

fn check_complete(body: &Object, recipients: &[PlannedRecipient]) -> Result<(), ApiError> {
    let incomplete = |what: &str| {
        Err(ApiError::bad("ENVELOPE_IS_INCOMPLETE", format!("The envelope is not complete. {what}")))
    };
    let has_content = ["documents", "compositeTemplates", "templateId"]
        .iter()
        .any(|name| member(body, name).is_some_and(|value| value.as_array().is_none_or(|a| !a.is_empty())));
    if filled(body, "emailSubject").is_none() {
        return incomplete("An email subject is required.");
    }
    if !has_content {
        return incomplete("At least one document is required.");
    }
    if recipients.is_empty() {
        return incomplete("At least one recipient is required.");
    }
    Ok(())
}

fn planned_recipients(body: &Object) -> Result<Vec<PlannedRecipient>, ApiError> {
    let Some(groups) = object(body, "recipients") else { return Ok(Vec::new()) };
    let mut planned = Vec::new();
    for (name, role) in ARRAYS {
        for recipient in array(groups, name) {
            planned.push(planned_recipient(recipient, *role, planned.len() + 1)?);
        }
    }
    Ok(planned)
}

fn planned_recipient(from: &Object, role: Role, place: usize) -> Result<PlannedRecipient, ApiError> {
    let in_person = role == Role::InPersonSigner;
    let or_signer = |own, of_signer| filled(from, own).or_else(|| filled(from, of_signer));
    let name = match in_person {
        true => or_signer("signerName", "name"),
        false => filled(from, "name"),
    };
    let email = match in_person {
        true => or_signer("hostEmail", "email").or_else(|| filled(from, "signerEmail")),
        false => filled(from, "email"),
    };
    let phone = object(from, "phoneNumber").and_then(phone);
    let email = email.unwrap_or_default();
    let reachable = phone.is_some() || role == Role::Seal || filled(from, "signingGroupId").is_some();
    let nobody = email.is_empty() && !reachable;
    if nobody || (!email.is_empty() && !looks_like_email(&email)) {
        return Err(ApiError::bad(
            "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT",
            "The email address for the recipient is invalid.",
        ));
    }
    let order = match filled(from, "routingOrder") {
        None => 1,
        Some(text) => {
            text.parse().map_err(|_| ApiError::invalid_parameter("routingOrder is not a number."))?
        }
    };
    let client_id = filled(from, "clientUserId");
    if client_id.as_ref().is_some_and(|id| id.chars().count() > 100) {
        return Err(ApiError::invalid_parameter("clientUserId is longer than 100 characters."));
    }
    let code = filled(from, "accessCode");
    check_code(code.as_deref())?;
    let start_url = filled(from, "embeddedRecipientStartURL");
    let extra = from
        .iter()
        .filter(|(key, value)| !value.is_null() && !KNOWN.iter().any(|known| known.eq_ignore_ascii_case(key)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Ok(PlannedRecipient {
        id: filled(from, "recipientId").unwrap_or_else(|| place.to_string()),
        name: name.unwrap_or_default(),
        email,
        phone,
        role,
        order,
        identity_check: checks_identity(from),
        mailed_though_embedded: start_url.is_some(),
        client_id,
        code: code.map(Into::into),
        max_attempts: None,
        extra,
    })
}

/// Either the older check by questions or the newer one by a workflow.
fn checks_identity(from: &Object) -> bool {
    filled(from, "requireIdLookup").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || filled(from, "idCheckConfigurationName").is_some()
        || object(from, "identityVerification").is_some_and(|check| filled(check, "workflowId").is_some())
}

/// What is to be signed. Templates and web addresses are not followed.
fn documents(body: &Object) -> Vec<Document> {
    let document = |from: &Object| {
        let content = filled(from, "documentBase64").and_then(|text| STANDARD.decode(text).ok());
        let name = filled(from, "name").unwrap_or_else(|| "Document".to_owned());
        Document::new(name, filled(from, "fileExtension").as_deref(), content)
    };
    array(body, "documents").map(document).collect()
}

fn phone(from: &Object) -> Option<Phone> {
    Some(Phone {
        country_code: format!("+{}", filled(from, "countryCode")?.trim_start_matches('+')),
        number: filled(from, "number")?,
    })
}

/// At most 50 characters, and none of those that the account settings' text forbids. Which answer the vendor
/// gives is not known; this one is a guess.
pub(super) fn check_code(code: Option<&str>) -> Result<(), ApiError> {
    let bad = |code: &str| code.chars().count() > 50 || code.contains(['<', '>', '&', '#']);
    match code.is_some_and(bad) {
        true => Err(ApiError::invalid_parameter("The access code is too long or has forbidden characters.")),
        false => Ok(()),
    }
}
