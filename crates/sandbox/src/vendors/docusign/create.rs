//! `POST .../envelopes`.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::{Answer, ApiError, KNOWN, read};
use super::show::{ARRAYS, time};
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, array, filled, is_true, looks_like_email, object, text};
use crate::vendors::known::NotSimulated;
use crate::world::{Document, Envelope, Identity, Phone, Reason, Recipient, Refused, Role, Vendor, When};

pub(super) fn create(call: &Call<'_>) -> Answer {
    KNOWN.check_parameters("create", &call.query)?;
    let body = read(call)?;
    check_members(&body)?;
    let sends = match filled(&body, "status").as_deref() {
        Some(status) if status.eq_ignore_ascii_case("sent") => true,
        None => false,
        Some(status) if status.eq_ignore_ascii_case("created") => false,
        Some(_) => return Err(ApiError::bad("ENVELOPE_INVALID_STATUS")),
    };
    let recipients = planned_recipients(&body)?;
    if sends {
        check_complete(&body, &recipients)?;
    }
    let envelope = Envelope {
        documents: documents(&body),
        message: text(&body, "emailBlurb").unwrap_or_default(),
        ordered: true,
        extra: KNOWN.members("kept", &body),
        recipients,
        ..Envelope::new(Vendor::DOCUSIGN, text(&body, "emailSubject").unwrap_or_default())
    };
    let when = if sends { When::Now } else { When::Draft };
    let mut state = call.live.lock();
    let id = state.create(envelope, when).map_err(|refused| match refused.reason {
        Reason::Invalid => ApiError::bad("ENVELOPE_HAS_DUPLICATE_RECIPIENTS"),
        _ => refused.into(),
    })?;
    let summary = state.on(&id, |env, _| {
        Ok::<_, Refused>(json!({
            "envelopeId": env.id,
            "status": env.word(),
            "statusDateTime": time(env.changed_at),
            "uri": format!("/envelopes/{}", env.id),
        }))
    })?;
    answer(StatusCode::CREATED, summary)
}

/// Rejects known members that are not simulated, anywhere in the body.
fn check_members(body: &Object) -> Result<(), NotSimulated> {
    KNOWN.check("envelope", body)?;
    array(body, "documents").try_for_each(|document| KNOWN.check("document", document))?;
    let Some(groups) = object(body, "recipients") else { return Ok(()) };
    ARRAYS.iter().flat_map(|(name, _)| array(groups, name)).try_for_each(|recipient| {
        KNOWN.check("recipient", recipient)?;
        check_delivery(recipient)
    })
}

/// Mail and text messages are simulated; other delivery methods are not.
pub(super) fn check_delivery(recipient: &Object) -> Result<(), NotSimulated> {
    match filled(recipient, "deliveryMethod").map(|way| way.to_ascii_lowercase()).as_deref() {
        None | Some("email" | "sms") => Ok(()),
        Some(way) => Err(NotSimulated::new(format!("`deliveryMethod` {way}"))),
    }
}

fn check_complete(body: &Object, recipients: &[Recipient]) -> Result<(), ApiError> {
    let incomplete = |what: &str| Err(ApiError::bad("ENVELOPE_IS_INCOMPLETE").and(what));
    if filled(body, "emailSubject").is_none() {
        return incomplete("An email subject is required.");
    }
    if array(body, "documents").next().is_none() {
        return incomplete("At least one document is required.");
    }
    if recipients.is_empty() {
        return incomplete("At least one recipient is required.");
    }
    Ok(())
}

fn planned_recipients(body: &Object) -> Result<Vec<Recipient>, ApiError> {
    let Some(groups) = object(body, "recipients") else { return Ok(Vec::new()) };
    let mut planned = Vec::new();
    for (name, role) in ARRAYS {
        for recipient in array(groups, name) {
            planned.push(planned_recipient(recipient, *role, planned.len() + 1)?);
        }
    }
    Ok(planned)
}

pub(super) fn planned_recipient(from: &Object, role: Role, place: usize) -> Result<Recipient, ApiError> {
    let in_person = role == Role::InPersonSigner;
    // For an in-person signer the host gets the mail; name and email mean the host if no other member does.
    let (host, name) = match in_person {
        true => (
            filled(from, "hostName").or_else(|| filled(from, "name")),
            filled(from, "signerName").or_else(|| filled(from, "name")),
        ),
        false => (None, filled(from, "name")),
    };
    let email = filled(from, "hostEmail").filter(|_| in_person).or_else(|| filled(from, "email"));
    let phone = object(from, "phoneNumber").and_then(phone);
    let email = email.unwrap_or_default();
    let reachable = phone.is_some() || role == Role::Seal;
    let nobody = email.is_empty() && !reachable;
    if nobody || (!email.is_empty() && !looks_like_email(&email)) {
        return Err(ApiError::bad("INVALID_EMAIL_ADDRESS_FOR_RECIPIENT"));
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
    let mut extra: Object = from
        .iter()
        .filter(|(key, value)| !value.is_null() && KNOWN.listed("own", key).is_none())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    extra.extend(host.map(|host| ("hostName".to_owned(), host.into())));
    Ok(Recipient {
        id: filled(from, "recipientId").unwrap_or_else(|| place.to_string()),
        name: name.unwrap_or_default(),
        email,
        phone,
        role,
        order,
        identity: Identity::asked(checks_identity(from)),
        mailed_though_embedded: start_url.is_some(),
        mails_suppressed: is_true(from, "suppressEmails"),
        client_id,
        code: code.map(Into::into),
        extra,
        ..Recipient::default()
    })
}

/// Either the older check with questions or the newer one with a workflow.
fn checks_identity(from: &Object) -> bool {
    is_true(from, "requireIdLookup")
        || filled(from, "idCheckConfigurationName").is_some()
        || object(from, "identityVerification").is_some_and(|check| filled(check, "workflowId").is_some())
}

/// The documents. Templates and web addresses are not followed.
fn documents(body: &Object) -> Vec<Document> {
    let document = |from: &Object| {
        let content = filled(from, "documentBase64").and_then(|text| STANDARD.decode(text).ok());
        let name = filled(from, "name").unwrap_or_else(|| "Document".to_owned());
        Document::new(name, filled(from, "fileExtension").as_deref(), content)
    };
    array(body, "documents").map(document).collect()
}

pub(super) fn phone(from: &Object) -> Option<Phone> {
    Some(Phone {
        country_code: format!("+{}", filled(from, "countryCode")?.trim_start_matches('+')),
        number: filled(from, "number")?,
    })
}

/// At most 50 characters, and none of those that the text of the account settings forbids. The vendor's answer is
/// not known; this one is a guess.
pub(super) fn check_code(code: Option<&str>) -> Result<(), ApiError> {
    let bad = |code: &str| code.chars().count() > 50 || code.contains(['<', '>', '&', '#']);
    match code.is_some_and(bad) {
        true => Err(ApiError::invalid_parameter("The access code is too long or has forbidden characters.")),
        false => Ok(()),
    }
}
