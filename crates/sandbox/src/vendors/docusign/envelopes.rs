//! Envelopes that exist: reading, voiding, sending a draft, resending, correcting recipients.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, on};
use super::create::check_code;
use super::show::{ARRAYS, envelope, list as list_recipients};
use crate::vendors::fields::{Object, array, filled, looks_like_email, text};
use crate::world::{Context, Correction, Envelope, EnvelopeStatus, Role, Vendor};

pub(super) fn get(call: &Call<'_>, id: &str) -> Answer {
    let included = call.query.get("include").unwrap_or_default().to_ascii_lowercase();
    let mut state = call.live.lock();
    let body = on(&mut state, id, true, |env, _| {
        let mut body = envelope(env);
        if included.split(',').any(|part| part.trim() == "recipients")
            && let Some(body) = body.as_object_mut()
        {
            body.insert("recipients".to_owned(), list_recipients(env, included.contains("tabs")));
        }
        Ok(body)
    })?;
    Ok((StatusCode::OK, body))
}

/// All envelopes, newest first, in one page; the filters of the query are not looked at.
pub(super) fn list(call: &Call<'_>) -> (StatusCode, Value) {
    let state = call.live.lock();
    let own = state.envelopes().rev().filter(|env| env.vendor == Vendor::DOCUSIGN);
    let envelopes: Vec<Value> = own.map(envelope).collect();
    let count = envelopes.len().to_string();
    let body = json!({
        "resultSetSize": count,
        "totalSetSize": count,
        "startPosition": "0",
        "endPosition": envelopes.len().saturating_sub(1).to_string(),
        "nextUri": "",
        "previousUri": "",
        "envelopes": envelopes,
    });
    (StatusCode::OK, body)
}

pub(super) fn get_recipients(call: &Call<'_>, id: &str) -> Answer {
    let tabs = call.query.is_true("include_tabs");
    let mut state = call.live.lock();
    let body = on(&mut state, id, true, |env, _| Ok(list_recipients(env, tabs)))?;
    Ok((StatusCode::OK, body))
}

pub(super) fn put(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let resend = call.query.is_true("resend_envelope");
    let wanted = filled(&body, "status").map(|status| status.to_ascii_lowercase());
    let mut state = call.live.lock();
    let summary = on(&mut state, id, false, |env, context| {
        if env.edited_elsewhere {
            return Err(ApiError::edited_elsewhere());
        }
        match wanted.as_deref() {
            None => {}
            Some("voided") => void(env, context, filled(&body, "voidedReason"))?,
            Some("sent") if env.status == EnvelopeStatus::Draft => context.send(env),
            Some(_) => return Err(ApiError::envelope_status()),
        }
        if resend {
            if !env.status.in_flight() {
                return Err(ApiError::envelope_status());
            }
            context.resend_to_everyone(env)?;
        }
        Ok(json!({"envelopeId": env.id}))
    })?;
    Ok((StatusCode::OK, summary))
}

fn void(env: &mut Envelope, context: &mut Context<'_>, reason: Option<String>) -> Result<(), ApiError> {
    if !env.status.in_flight() {
        return Err(ApiError::bad(
            "ENVELOPE_CANNOT_VOID_INVALID_STATE",
            "Only envelopes in the 'Sent' or 'Delivered' states may be voided.",
        ));
    }
    let Some(reason) = reason else { return Err(ApiError::invalid_parameter("voidedReason is required.")) };
    context.close(env, EnvelopeStatus::Voided, Some(reason));
    Ok(())
}

/// `PUT .../recipients`: correcting recipients, setting access codes, resending to some of them.
///
/// The answer is 200 whatever became of each recipient; what became of them stands inside.
pub(super) fn put_recipients(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let resend = call.query.is_true("resend_envelope");
    let mut state = call.live.lock();
    let results = on(&mut state, id, false, |env, context| {
        if !env.status.in_flight() && env.status != EnvelopeStatus::Draft {
            return Err(ApiError::envelope_status());
        }
        if env.edited_elsewhere {
            return Err(ApiError::edited_elsewhere());
        }
        let named: Vec<(&Object, Role)> = ARRAYS
            .iter()
            .flat_map(|(name, role)| array(&body, name).map(|recipient| (recipient, *role)))
            .collect();
        // All values are checked before the first one is set: a refusal of the whole changes nothing.
        named.iter().try_for_each(|(recipient, _)| check(recipient))?;
        let results =
            named.into_iter().map(|(recipient, role)| update(env, context, recipient, role, resend));
        Ok(results.collect::<Vec<Value>>())
    })?;
    Ok((StatusCode::OK, json!({"recipientUpdateResults": results})))
}

fn check(recipient: &Object) -> Result<(), ApiError> {
    check_code(text(recipient, "accessCode").as_deref())?;
    if filled(recipient, "email").is_some_and(|email| !looks_like_email(&email)) {
        return Err(ApiError::bad(
            "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT",
            "The email address for the recipient is invalid.",
        ));
    }
    Ok(())
}

fn update(env: &mut Envelope, context: &mut Context<'_>, from: &Object, role: Role, resend: bool) -> Value {
    let id = text(from, "recipientId").unwrap_or_default();
    let outcome = find(env, &id, role).and_then(|at| {
        let set = Correction {
            name: filled(from, "name"),
            email: filled(from, "email"),
            code: text(from, "accessCode").map(Into::into),
        };
        context.correct(env, at, set, resend && env.status.in_flight())?;
        Ok(at)
    });
    let guid = outcome.as_ref().ok().and_then(|at| env.recipients.get(*at)).map(|r| r.guid.clone());
    let mut result = json!({"recipientId": id});
    let details = match outcome {
        // Seen with a resend: success reported as if it were an error (stackoverflow.com/questions/48272647).
        Ok(_) if resend => Some(("SUCCESS", String::new())),
        Ok(_) => None,
        Err(error) => Some((error.code, error.message)),
    };
    if let Some(result) = result.as_object_mut() {
        if let Some(guid) = guid {
            result.insert("recipientIdGuid".to_owned(), guid.into());
        }
        if let Some((code, message)) = details {
            result.insert("errorDetails".to_owned(), json!({"errorCode": code, "message": message}));
        }
    }
    result
}

fn find(env: &Envelope, id: &str, role: Role) -> Result<usize, ApiError> {
    let at = env.recipients.iter().position(|r| r.id == id).ok_or_else(ApiError::unknown_recipient)?;
    match env.recipients.get(at) {
        Some(recipient) if recipient.role == role => Ok(at),
        _ => Err(ApiError::invalid_parameter("The recipient is of another type.")),
    }
}
