//! `POST /v1/document/send`: 201 at once, the document itself only when the background work is done.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, Done};
use super::signers::{order, phone};
use super::traits::DAY;
use crate::vendors::fields::{Object, array, filled, looks_like_email, member, text};
use crate::world::{Document, Plan, PlannedRecipient, Role, Vendor, When};

/// What the vendor gives back of a document, beside what the world keeps.
const KEPT: &[&str] = &["onBehalfOf", "labels", "metaData", "brandId", "enableEmbeddedSigning"];
/// The same of a signer.
const KEPT_OF_SIGNER: &[&str] = &[
    "authenticationType",
    "authenticationRetryCount",
    "privateMessage",
    "signerRole",
    "deliveryMode",
    "locale",
    "formFields",
    "hostEmail",
    "allowFieldConfiguration",
    "recipientNotificationSettings",
];

pub(super) async fn send(call: &Call<'_>) -> Answer {
    let body = call.object_or_form().await?;
    let recipients = recipients(&body)?;
    let has_files = ["files", "fileUrls"]
        .iter()
        .any(|name| member(&body, name).and_then(Value::as_array).is_some_and(|files| !files.is_empty()));
    if !has_files {
        return Err(ApiError::validation("Files", "Minimum one file is needed to create a document"));
    }
    let title = text(&body, "title").unwrap_or_default();
    if title.chars().count() > 256 {
        return Err(ApiError::validation("Title", "The field Title must have a maximum length of '256'."));
    }
    let mut policy = Vendor::BOLDSIGN.traits().policy;
    policy.envelope_life = Some(life(&body)?);
    let settings = call.account.settings().clone();
    let when = match (settings.creation_fails, settings.creation_delay_seconds) {
        (true, _) => When::Never,
        (false, 0) => When::Now,
        (false, seconds) => When::Later(seconds),
    };
    let plan = Plan {
        vendor: Vendor::BOLDSIGN,
        policy,
        subject: title,
        message: text(&body, "message").unwrap_or_default(),
        documents: documents(&body),
        ordered: is_true(&body, "enableSigningOrder"),
        emails_disabled: is_true(&body, "disableEmails"),
        extra: kept(&body, KEPT),
        recipients,
        when,
    };
    let id = call.live.lock().create(plan)?;
    Ok(Done::Json(StatusCode::CREATED, json!({"documentId": id})))
}

/// Files come as data URIs, or as parts of a form. Web addresses are not followed.
fn documents(body: &Object) -> Vec<Document> {
    let all = |name: &str| member(body, name).and_then(Value::as_array).into_iter().flatten();
    let files = all("files").enumerate().map(|(at, file)| {
        let (name, encoded) = match file {
            Value::String(uri) => (None, uri.split_once(";base64,").map(|(_, encoded)| encoded)),
            part => (part["fileName"].as_str(), part["base64"].as_str()),
        };
        let text = file.as_str().is_some_and(|uri| uri.starts_with("data:text/plain"));
        let content = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
        let name = name.map_or_else(|| format!("document-{}", at + 1), str::to_owned);
        Document::new(name, text.then_some("txt"), content)
    });
    let linked =
        all("fileUrls").filter_map(Value::as_str).map(|url| Document::new(url.to_owned(), None, None));
    files.chain(linked).collect()
}

fn is_true(body: &Object, name: &str) -> bool {
    text(body, name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

fn kept(from: &Object, names: &[&str]) -> Object {
    let present = |name: &&str| member(from, name).map(|value| ((*name).to_owned(), value.clone()));
    names.iter().filter_map(present).collect()
}

/// Seconds until the document expires: 60 days unless the sender says otherwise.
fn life(body: &Object) -> Result<i64, ApiError> {
    let wrong = || ApiError::validation("ExpiryValue", "The field ExpiryValue is invalid.");
    let Some(value) = filled(body, "expiryValue") else { return Ok(60 * DAY) };
    let value: i64 = value.parse().map_err(|_| wrong())?;
    match filled(body, "expiryDateType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "hours" if (8..=4_320).contains(&value) => Ok(value * 3_600),
        "days" | "" if (1..=180).contains(&value) => Ok(value * DAY),
        "specificdatetime" => Ok((value - jiff::Timestamp::now().as_second()).max(0)),
        _ => Err(wrong()),
    }
}

fn recipients(body: &Object) -> Result<Vec<PlannedRecipient>, ApiError> {
    let mut planned = Vec::new();
    for (place, signer) in array(body, "signers").enumerate() {
        planned.push(planned_signer(signer, place)?);
    }
    if planned.is_empty() {
        return Err(ApiError::validation("Signers", "Minimum one signer is needed to create a document"));
    }
    for (place, copy) in array(body, "cc").enumerate() {
        let email = filled(copy, "emailAddress").unwrap_or_default();
        check_email(&email, &format!("CC[{place}].EmailAddress"))?;
        let id = (planned.len() + 1).to_string();
        let role = Role::CarbonCopy;
        planned.push(PlannedRecipient { id, email, role, order: 1, ..PlannedRecipient::default() });
    }
    Ok(planned)
}

fn check_email(email: &str, field: &str) -> Result<(), ApiError> {
    match looks_like_email(email) {
        true => Ok(()),
        false => Err(ApiError::validation(field, "The field EmailAddress is invalid.")),
    }
}

fn planned_signer(from: &Object, place: usize) -> Result<PlannedRecipient, ApiError> {
    let field = |name: &str| format!("Signers[{place}].{name}");
    let name = filled(from, "name")
        .ok_or_else(|| ApiError::validation(field("Name"), "The Name field is required."))?;
    let email = filled(from, "emailAddress").unwrap_or_default();
    let phone = phone(from, "phoneNumber");
    if !(email.is_empty() && phone.is_some()) {
        check_email(&email, &field("EmailAddress"))?;
    }
    let role = match filled(from, "signerType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "signer" => Role::Signer,
        "reviewer" => Role::Reviewer,
        "inpersonsigner" => Role::InPersonSigner,
        _ => return Err(ApiError::validation(field("SignerType"), "Value is invalid")),
    };
    let code = filled(from, "authenticationCode");
    let wants_code =
        filled(from, "authenticationType").is_some_and(|kind| kind.eq_ignore_ascii_case("AccessCode"));
    match (&code, wants_code) {
        (None, true) => {
            let text = "AccessCode cannot be null or empty when authentication type is AccessCode";
            return Err(ApiError::validation(field("AuthenticationCode"), text));
        }
        (Some(code), _) if code.chars().count() > 50 => {
            let text = "The field AuthenticationCode must have a maximum length of '50'.";
            return Err(ApiError::validation(field("AuthenticationCode"), text));
        }
        _ => {}
    }
    let retries = order(from, "authenticationRetryCount");
    if retries.is_some_and(|count| !(1..=10).contains(&count)) {
        let text = "The field AuthenticationRetryCount must be between 1 and 10.";
        return Err(ApiError::validation(field("AuthenticationRetryCount"), text));
    }
    Ok(PlannedRecipient {
        id: (place + 1).to_string(),
        name,
        email,
        phone,
        role,
        order: order(from, "signerOrder").filter(|order| *order > 0).unwrap_or(place as u32 + 1),
        code: code.filter(|_| wants_code).map(Into::into),
        max_attempts: retries,
        extra: kept(from, KEPT_OF_SIGNER),
        ..PlannedRecipient::default()
    })
}
