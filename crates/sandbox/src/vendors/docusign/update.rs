//! `PUT .../recipients`: correcting recipients, setting access codes, resending to some of them.
//!
//! The answer is 200 whatever became of each recipient; what became of them stands inside.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::create::check_code;
use super::envelopes::on;
use super::error::ApiError;
use super::recipients::ARRAYS;
use super::{Answer, Call};
use crate::vendors::fields::{Object, array, filled, looks_like_email, text};
use crate::world::{Correction, Desk, Envelope, EnvelopeStatus, Role};

pub(super) fn put(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let resend = call.query.is_true("resend_envelope");
    let mut state = call.world.lock();
    let results = on(&mut state, id, false, |env, desk| {
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
        let results = named.into_iter().map(|(recipient, role)| update(env, desk, recipient, role, resend));
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

fn update(env: &mut Envelope, desk: &mut Desk<'_>, from: &Object, role: Role, resend: bool) -> Value {
    let id = text(from, "recipientId").unwrap_or_default();
    let outcome = find(env, &id, role).and_then(|at| {
        let set = Correction {
            name: filled(from, "name"),
            email: filled(from, "email"),
            code: text(from, "accessCode").map(Into::into),
        };
        desk.correct(env, at, set, resend && env.status.in_flight())?;
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
