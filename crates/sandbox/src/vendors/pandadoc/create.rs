//! `POST /public/v1/documents`: a document from a template or an address, which is a draft after some seconds.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::account::Key;
use super::call::{Answer, ApiError, Call, KNOWN};
use super::show;
use super::verification::Verification;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, filled, looks_like_email};
use crate::vendors::known::NotSimulated;
use crate::world::{Document, Envelope, Phone, Recipient, Role, SENDER_EMAIL, Vendor, When};

/// Kept and shown again.
const KEPT: [&str; 2] = ["metadata", "tags"];

/// Whether the call makes a document from a template; the two ways have limits of their own.
pub(super) fn is_from_template(call_body: &[u8]) -> bool {
    serde_json::from_slice(call_body).is_ok_and(|body: Value| body["template_uuid"].is_string())
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    if call.is_multipart() {
        return Err(NotSimulated::new("uploading a file").into());
    }
    let body = call.object()?;
    KNOWN.check("create", &body)?;
    let source = match (filled(&body, "template_uuid"), filled(&body, "url")) {
        (Some(template), None) => format!("template {template}"),
        (None, Some(url)) => url,
        _ => return Err(ApiError::validation("Specify either template_uuid or url.")),
    };
    let given_name = filled(&body, "name");
    if given_name.is_none() && filled(&body, "url").is_some() {
        return Err(ApiError::field("name", "This field is required."));
    }
    let settings = call.account.settings().clone();
    let mut recipients = Vec::new();
    for (at, given) in body.get("recipients").and_then(Value::as_array).into_iter().flatten().enumerate() {
        recipients.push(recipient(call, at, given.as_object(), settings.passcodes_in_plan)?);
    }
    if recipients.is_empty() {
        return Err(ApiError::field("recipients", "This field is required."));
    }
    let mut name = given_name.unwrap_or_else(|| "Agreement".to_owned());
    if call.key == Key::Sandbox {
        name = format!("[DEV] {name}");
    }
    let kept = |name: &&str| body.get(*name).map(|value| ((*name).to_owned(), value.clone()));
    let envelope = Envelope {
        documents: vec![Document::new(source, None, None)],
        ordered: recipients.iter().any(|r| r.order > 0),
        extra: KEPT.iter().filter_map(kept).collect(),
        recipients,
        ..Envelope::new(Vendor::PANDADOC, name)
    };
    let when =
        if settings.creation_fails { When::Never } else { When::DraftLater(settings.creation_seconds) };
    let mut state = call.live.lock();
    let id = state.create(envelope, when)?;
    let now = state.now();
    state.on(&id, |env, _| {
        let mut body = show::short(env, now);
        body["status"] = "document.uploaded".into();
        body["links"] =
            json!([{"rel": "status", "href": format!("/public/v1/documents/{id}"), "type": "GET"}]);
        body["info_message"] =
            "The document was accepted. Wait until it is a draft before you use it.".into();
        answer(StatusCode::CREATED, body)
    })
}

fn recipient(
    call: &Call<'_>,
    at: usize,
    given: Option<&Object>,
    passcodes_in_plan: bool,
) -> Result<Recipient, ApiError> {
    let wrong = |text: &str| ApiError::validation(json!({"recipients": [format!("Recipient {at}: {text}")]}));
    let given = given.ok_or_else(|| wrong("an object is expected."))?;
    KNOWN.check("recipient", given)?;
    let email = filled(given, "email").unwrap_or_default();
    let phone = filled(given, "phone");
    if email.is_empty() && phone.is_none() {
        return Err(wrong("an e-mail address or a phone number is required."));
    }
    if !email.is_empty() && !looks_like_email(&email) {
        return Err(wrong("enter a valid e-mail address."));
    }
    let name = ["first_name", "last_name"].map(|name| filled(given, name).unwrap_or_default());
    let role = filled(given, "role");
    let mut r = Recipient {
        id: (at + 1).to_string(),
        name: name.join(" ").trim().to_owned(),
        email,
        phone: phone.map(whole_number),
        // Without a role, there is nothing for them to sign.
        role: if role.is_some() { Role::Signer } else { Role::CarbonCopy },
        order: filled(given, "signing_order").and_then(|order| order.parse().ok()).unwrap_or_default(),
        ..Recipient::default()
    };
    r.extra.extend(role.map(|role| ("role".to_owned(), role.into())));
    set_ways(&mut r, given);
    // A sandbox key's mail goes to the account's own domain only.
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    r.mails_suppressed |= call.key == Key::Sandbox && domain(&r.email) != domain(SENDER_EMAIL);
    if let Some(settings) = given.get("verification_settings") {
        Verification::read(settings, passcodes_in_plan)?.give(&mut r);
    }
    Ok(r)
}

/// A phone number is one text at this vendor.
pub(super) fn whole_number(number: String) -> Phone {
    Phone { country_code: String::new(), number }
}

/// Keeps the delivery methods, if some are given.
pub(super) fn set_ways(r: &mut Recipient, given: &Object) {
    if let Some(ways @ Value::Object(_)) = given.get("delivery_methods") {
        r.extra.insert("delivery_methods".to_owned(), ways.clone());
        let (email, sms) = show::ways(r);
        (r.by_sms, r.mails_suppressed) = (sms && !email, !sms && !email);
    }
}
