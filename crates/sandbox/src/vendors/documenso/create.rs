//! Makes envelopes from forms, sends them, and deletes them.

use serde_json::{Map, Value, json};

use super::refusal::{Answer, ApiError};
use super::routes::{check_id, on, renew};
use super::show::{self, NEVER};
use crate::vendors::Call;
use crate::vendors::fields::{array, filled, looks_like_email, object, text};
use crate::world::{DAY, Document, Envelope, EnvelopeStatus, Live, News, Recipient, Role, Vendor, When};

type Result<T> = std::result::Result<T, ApiError>;

/// A form of this many files is refused.
const TOO_MANY_FILES: usize = 6;

/// The part `payload`, and the files, whatever their parts are called.
fn form(call: &Call<'_>) -> Result<(Value, Vec<Document>)> {
    let missing = || ApiError::issue("payload", "Required");
    let (mut payload, mut files) = (None, Vec::new());
    for part in call.parts.as_ref().ok_or_else(missing)? {
        let is_pdf = part.content_type.as_ref().is_none_or(|kind| kind.starts_with("application/pdf"));
        match &part.file {
            Some(_) if !is_pdf => {
                return Err(ApiError::bad("UNSUPPORTED_FILE_TYPE", "only PDF files are taken"));
            }
            Some(_) if !part.bytes.starts_with(b"%PDF") => {
                return Err(ApiError::bad("INVALID_DOCUMENT_FILE", "the file is not a PDF"));
            }
            Some(file) => files.push(Document::new(file.clone(), Some("pdf"), Some(part.bytes.to_vec()))),
            None if part.name == "payload" => payload = serde_json::from_slice(&part.bytes).ok(),
            None => {}
        }
    }
    if files.len() >= TOO_MANY_FILES {
        return Err(ApiError::bad("ENVELOPE_ITEM_LIMIT_EXCEEDED", "too many files"));
    }
    payload.filter(Value::is_object).map(|payload| (payload, files)).ok_or_else(missing)
}

/// A draft, also without files, recipients or fields.
pub(super) fn create(call: &Call<'_>) -> Answer {
    let (payload, documents) = form(call)?;
    let none = Map::new();
    let body = payload.as_object().unwrap_or(&none);
    let title = text(body, "title").ok_or_else(|| ApiError::issue("title", "Required"))?;
    if body.get("type").and_then(Value::as_str) != Some("DOCUMENT") {
        return Err(ApiError::issue("type", "must be DOCUMENT; the sandbox simulates no templates"));
    }
    let recipients = array(body, "recipients").map(recipient).collect::<Result<Vec<_>>>()?;
    let mut envelope = Envelope { documents, recipients, ..Envelope::new(Vendor::DOCUMENSO, title) };
    if let Some(meta) = object(body, "meta") {
        check_meta(meta)?;
        set_meta(&mut envelope, meta);
    }
    in_places(&mut envelope.recipients);
    Ok(json!({"id": call.live.lock().create(envelope, When::Draft)?}))
}

fn recipient(from: &Map<String, Value>) -> Result<Recipient> {
    let wrong = |member: &str, text: &str| ApiError::issue(member, text);
    let email = text(from, "email").unwrap_or_default();
    if !email.is_empty() && !looks_like_email(&email) {
        return Err(wrong("email", "not an e-mail address"));
    }
    let role = match from.get("role").and_then(Value::as_str) {
        Some("SIGNER") => Role::Signer,
        Some("APPROVER") => Role::Reviewer,
        Some("VIEWER") => Role::CertifiedDelivery,
        Some("CC") => Role::CarbonCopy,
        _ => return Err(wrong("role", "must be SIGNER, APPROVER, VIEWER or CC")),
    };
    let signs = |field: &Map<String, Value>| field.get("type").is_some_and(|kind| kind == "SIGNATURE");
    let lacks_field = role == Role::Signer && !array(from, "fields").any(signs);
    let order = from.get("signingOrder").cloned().unwrap_or_default();
    let extra = [("signingOrder", order), ("lacksField", lacks_field.into())];
    Ok(Recipient {
        name: text(from, "name").unwrap_or_default(),
        email,
        role,
        extra: extra.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        ..Recipient::default()
    })
}

/// Of recipients with the same order, the first is asked first, whatever the pages say. Copies come at the end.
fn in_places(recipients: &mut [Recipient]) {
    let place = |r: &Recipient| (!r.role.acts(), r.extra["signingOrder"].as_i64().unwrap_or(i64::MAX));
    let mut sorted: Vec<usize> = (0..recipients.len()).collect();
    sorted.sort_by_key(|at| recipients.get(*at).map(place));
    for (order, at) in (1..).zip(sorted) {
        if let Some(recipient) = recipients.get_mut(at) {
            (recipient.id, recipient.order) = ((at + 1).to_string(), order);
        }
    }
}

/// Rejects a `meta` that cannot be set.
fn check_meta(meta: &Map<String, Value>) -> Result<()> {
    let url = text(meta, "redirectUrl").unwrap_or_default();
    match url.is_empty() || url.starts_with("http://") || url.starts_with("https://") {
        true => Ok(()),
        false => Err(ApiError::issue("redirectUrl", "must begin with http:// or https://")),
    }
}

/// Sets what `meta` has, when an envelope is made or sent.
fn set_meta(env: &mut Envelope, meta: &Map<String, Value>) {
    let is_word = |name: &str, word: &str| meta.get(name).map(|value| value == word);
    let request_mail = object(meta, "emailSettings").and_then(|all| all.get("recipientSigningRequest"));
    match (is_word("distributionMethod", "NONE"), request_mail.and_then(Value::as_bool)) {
        (None, None) => {}
        (none, request) => env.emails_disabled = none == Some(true) || request == Some(false),
    }
    env.ordered = is_word("signingOrder", "SEQUENTIAL").unwrap_or(env.ordered);
    env.message = text(meta, "message").unwrap_or_else(|| std::mem::take(&mut env.message));
    env.return_url = filled(meta, "redirectUrl").or_else(|| env.return_url.take());
    let life = object(meta, "envelopeExpirationPeriod").map(life);
    env.policy.mail_link.seconds = life.unwrap_or(env.policy.mail_link.seconds);
    // Shown as it was given.
    let shown = ["distributionMethod", "emailSettings", "envelopeExpirationPeriod", "subject"];
    let given = shown.into_iter().filter_map(|name| Some((name.to_owned(), meta.get(name)?.clone())));
    env.extra.extend(given);
}

/// Seconds that a recipient has.
fn life(period: &Map<String, Value>) -> i64 {
    if period.get("disabled").and_then(Value::as_bool) == Some(true) {
        return NEVER;
    }
    let days = match period.get("unit").and_then(Value::as_str) {
        Some("day") => 1,
        Some("week") => 7,
        Some("year") => 365,
        _ => 30,
    };
    days * DAY * period.get("amount").and_then(Value::as_i64).unwrap_or(3).clamp(1, 1_000)
}

/// Sends a draft. What was sent already is sent to no one again, and gets new times to sign.
pub(super) fn distribute(live: &Live, id: &str, body: &Value) -> Answer {
    check_id(id)?;
    let none = Map::new();
    let meta = body["meta"].as_object().unwrap_or(&none);
    check_meta(meta)?;
    on(live, id, ApiError::failed("Document not found"), |env, context| {
        match env.status {
            EnvelopeStatus::Draft if env.documents.is_empty() => {
                return Err(ApiError::failed("the envelope has no files"));
            }
            EnvelopeStatus::Draft if env.recipients.is_empty() => {
                return Err(ApiError::failed("the envelope has no recipients"));
            }
            EnvelopeStatus::Draft
                if env.recipients.iter().any(|r| r.extra.get("lacksField") == Some(&true.into())) =>
            {
                return Err(ApiError::bad("MISSING_SIGNATURE_FIELD", "a signer has no signature field"));
            }
            EnvelopeStatus::Draft => {
                set_meta(env, meta);
                context.send(env);
            }
            EnvelopeStatus::Sent | EnvelopeStatus::Viewed | EnvelopeStatus::Expired => {
                set_meta(env, meta);
                env.recipients.iter_mut().for_each(|r| renew(r, context.now));
                context.tell(env, News::EnvelopeSent, None);
            }
            _ => return Err(ApiError::failed("Can not send completed document")),
        }
        Ok(show::links(env, context.base_url))
    })
}

/// Drafts and open envelopes are gone; closed ones can still be read by their id. All are announced as cancelled.
pub(super) fn delete(live: &Live, id: &str) -> Answer {
    let is_closed = on(live, id, ApiError::not_found(), |env, context| {
        let is_closed = !matches!(env.word(), "DRAFT" | "PENDING");
        if is_closed {
            env.extra.insert("deletedAt".to_owned(), context.now.to_string().into());
        }
        context.tell(env, News::EnvelopeVoided, None);
        Ok::<_, ApiError>(is_closed)
    })?;
    if !is_closed {
        live.lock().remove(id);
    }
    Ok(json!({"success": true}))
}

/// Rejects in the place of a recipient.
pub(super) fn reject(live: &Live, id: &str, recipient: &str, body: &Value) -> Answer {
    let number: f64 = recipient.parse().map_err(|_| ApiError::issue("recipientId", "not a number"))?;
    on(live, id, ApiError::not_found(), |env, context| {
        let at = env.recipients.iter().position(|r| f64::from(show::number(env, r)) == number);
        let at = at.ok_or_else(ApiError::not_found)?;
        let is_late = env
            .recipients
            .get(at)
            .and_then(|r| show::expires_at(env, r))
            .is_some_and(|end| end <= context.now);
        let wrong = |code, text| Err(ApiError::bad(code, text));
        match env.word() {
            "PENDING" if is_late => return wrong("RECIPIENT_EXPIRED", "the time to sign has expired"),
            "PENDING" => {}
            _ => return wrong("INVALID_REQUEST", "the envelope is not pending"),
        }
        context.decline(env, at, body["reason"].as_str().unwrap_or_default())?;
        Ok(json!({"success": true}))
    })
}
