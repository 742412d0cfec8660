//! `POST /v1/document/send`: 201 immediately; the document itself exists only after the background work.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::Account;
use super::call::{Answer, KNOWN, Problems, read_any};
use super::signers::{order, phone};
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, array, filled, is_true, looks_like_email, member, object, text};
use crate::vendors::known::NotSimulated;
use crate::world::{DAY, Document, Envelope, Recipient, Role, Vendor, When};

pub(super) fn send(account: &Account, call: &Call<'_>) -> Answer {
    let body = read_any(call)?;
    check_played(&body)?;
    let mut problems = Problems::default();
    let recipients = recipients(&body, &mut problems);
    let has_files = ["files", "fileUrls"]
        .iter()
        .any(|name| member(&body, name).and_then(Value::as_array).is_some_and(|files| !files.is_empty()));
    if !has_files {
        problems.add("Files", "Minimum one file is needed to create a document");
    }
    let title = text(&body, "title").unwrap_or_default();
    if title.trim().is_empty() {
        problems.add("Title", "The Title field is required.");
    } else if title.chars().count() > 256 {
        problems.add("Title", "The field Title must have a maximum length of '256'.");
    }
    if filled(&body, "onBehalfOf").is_some_and(|email| !looks_like_email(&email)) {
        problems.add("OnBehalfOf", "The field OnBehalfOf is invalid.");
    }
    let mut envelope = Envelope::new(Vendor::BOLDSIGN, title);
    let policy = &mut envelope.policy;
    policy.envelope_life = Some(life(&body, call.live.now(), &mut problems));
    policy.signers_may_reassign =
        !text(&body, "enableReassign").is_some_and(|text| text.eq_ignore_ascii_case("false"));
    problems.done()?;
    let settings = account.settings().clone();
    let when = match (settings.creation_fails, settings.creation_delay_seconds) {
        (true, _) => When::Never,
        (false, 0) => When::Now,
        (false, seconds) => When::Later(seconds),
    };
    let envelope = Envelope {
        message: text(&body, "message").unwrap_or_default(),
        documents: documents(&body),
        ordered: is_true(&body, "enableSigningOrder"),
        emails_disabled: is_true(&body, "disableEmails"),
        extra: KNOWN.members("kept", &body),
        recipients,
        ..envelope
    };
    let id = call.live.lock().create(envelope, when)?;
    answer(StatusCode::CREATED, json!({"documentId": id}))
}

/// Rejects known members that are not simulated, anywhere in the body.
fn check_played(body: &Object) -> Result<(), NotSimulated> {
    KNOWN.check("send", body)?;
    object(body, "reminderSettings").map_or(Ok(()), |settings| KNOWN.check("reminder_settings", settings))?;
    for signer in array(body, "signers") {
        KNOWN.check("signer", signer)?;
        let group = filled(signer, "signType").is_some_and(|kind| kind.eq_ignore_ascii_case("Group"));
        let way = filled(signer, "deliveryMode").unwrap_or_else(|| "Email".to_owned());
        if group {
            return Err(NotSimulated::new("`signType` Group"));
        }
        if !["Email", "SMS"].iter().any(|played| played.eq_ignore_ascii_case(&way)) {
            return Err(NotSimulated::new(format!("`deliveryMode` {way}")));
        }
    }
    Ok(())
}

/// Files arrive as data URIs, or as parts of a form. Web addresses are not followed.
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

/// Seconds until the document expires: 60 days unless the sender says otherwise.
fn life(body: &Object, now: Timestamp, problems: &mut Problems) -> i64 {
    let Some(text) = filled(body, "expiryValue").or_else(|| filled(body, "expiryDays")) else {
        return 60 * DAY;
    };
    let value: i64 = text.parse().unwrap_or_default();
    match filled(body, "expiryDateType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "hours" if (8..=4_320).contains(&value) => value * 3_600,
        "days" | "" if (1..=180).contains(&value) => value * DAY,
        "specificdatetime" if value > 0 => (value - now.as_second()).max(0),
        _ => {
            problems.add("ExpiryValue", "The field ExpiryValue is invalid.");
            60 * DAY
        }
    }
}

fn recipients(body: &Object, problems: &mut Problems) -> Vec<Recipient> {
    let mut planned: Vec<Recipient> = array(body, "signers")
        .enumerate()
        .map(|(place, signer)| planned_signer(signer, place, problems))
        .collect();
    if planned.is_empty() {
        problems.add("Signers", "Minimum one signer is needed to create a document");
    }
    for (place, copy) in array(body, "cc").enumerate() {
        let email = filled(copy, "emailAddress").unwrap_or_default();
        if !looks_like_email(&email) {
            problems.add(format!("CC[{place}].EmailAddress"), "The field EmailAddress is invalid.");
        }
        let id = (planned.len() + 1).to_string();
        let role = Role::CarbonCopy;
        planned.push(Recipient { id, email, role, order: 1, ..Recipient::default() });
    }
    planned
}

fn planned_signer(from: &Object, place: usize, problems: &mut Problems) -> Recipient {
    let mut wrong = |name: &str, text: &str| problems.add(format!("Signers[{place}].{name}"), text);
    let name = filled(from, "name").unwrap_or_default();
    if name.is_empty() {
        wrong("Name", "The Name field is required.");
    }
    let email = filled(from, "emailAddress").unwrap_or_default();
    let phone = phone(from, "phoneNumber");
    let by_phone = email.is_empty() && phone.is_some();
    if !by_phone && !looks_like_email(&email) {
        wrong("EmailAddress", "The field EmailAddress is invalid.");
    }
    let role = match filled(from, "signerType").unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "signer" => Role::Signer,
        "reviewer" => Role::Reviewer,
        "inpersonsigner" => Role::InPersonSigner,
        _ => {
            wrong("SignerType", "Value is invalid");
            Role::Signer
        }
    };
    let kind = filled(from, "authenticationType");
    if kind.as_ref().is_some_and(|kind| KNOWN.listed("authentication_types", kind).is_none()) {
        wrong("AuthenticationType", "Value is invalid");
    }
    let code = filled(from, "authenticationCode");
    let wants_code = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("AccessCode"));
    if wants_code && code.is_none() {
        wrong(
            "AuthenticationCode",
            "AccessCode cannot be null or empty when authentication type is AccessCode",
        );
    }
    if code.as_ref().is_some_and(|code| code.chars().count() > 50) {
        wrong("AuthenticationCode", "The field AuthenticationCode must have a maximum length of '50'.");
    }
    let retries = order(from, "authenticationRetryCount");
    if retries.is_some_and(|count| !(1..=10).contains(&count)) {
        wrong("AuthenticationRetryCount", "The field AuthenticationRetryCount must be between 1 and 10.");
    }
    Recipient {
        id: (place + 1).to_string(),
        name,
        email,
        phone,
        role,
        order: order(from, "signerOrder").filter(|order| *order > 0).unwrap_or(place as u32 + 1),
        code: code.filter(|_| wants_code).map(Into::into),
        max_attempts: retries.unwrap_or_default(),
        extra: KNOWN.members("kept_of_signer", from),
        ..Recipient::default()
    }
}
