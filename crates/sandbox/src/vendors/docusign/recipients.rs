//! `.../recipients`: listing, correcting, setting access codes, resending to some recipients, adding to a draft,
//! removing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, KNOWN, on, read};
use super::create::{check_code, check_delivery, phone, planned_recipient};
use super::show::{ARRAYS, list, removed};
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, array, filled, looks_like_email, object, text};
use crate::vendors::known::NotSimulated;
use crate::world::{Context, Correction, Envelope, EnvelopeStatus, Recipient, RecipientState, Role};

pub(super) fn get(call: &Call<'_>, id: &str) -> Answer {
    KNOWN.check_parameters("get_recipients", &call.query)?;
    let tabs = call.query.is_true("include_tabs");
    let body = on(&mut call.live.lock(), id, true, |env, _| Ok(list(env, tabs)))?;
    answer(StatusCode::OK, body)
}

/// The answer is always 200; the result for each recipient is inside.
pub(super) fn put(call: &Call<'_>, id: &str) -> Answer {
    KNOWN.check_parameters("put_recipients", &call.query)?;
    let body = read(call)?;
    let resend = call.query.is_true("resend_envelope");
    let results = on(&mut call.live.lock(), id, false, |env, context| {
        check_open(env)?;
        let named: Vec<(&Object, Role)> = named(&body).collect();
        // All values are checked before the first one is set: a rejected request changes nothing.
        named.iter().try_for_each(|(recipient, _)| check(recipient))?;
        let results =
            named.into_iter().map(|(recipient, role)| update(env, context, recipient, role, resend));
        Ok(results.collect::<Vec<Value>>())
    })?;
    answer(StatusCode::OK, json!({"recipientUpdateResults": results}))
}

/// Removes recipients; the answer contains what remains of them.
pub(super) fn delete(call: &Call<'_>, id: &str) -> Answer {
    let body = read(call)?;
    let rows = on(&mut call.live.lock(), id, false, |env, context| {
        check_open(env)?;
        let found = named(&body).map(|(from, role)| find(env, &recipient_id(from), role));
        let mut found = found.collect::<Result<Vec<usize>, _>>()?;
        if found.iter().any(|at| env.recipients.get(*at).is_none_or(Recipient::finished)) {
            return Err(ApiError::bad("RECIPIENT_UPDATE_FAILED"));
        }
        found.sort_unstable();
        found.dedup();
        let gone = found.into_iter().rev().map(|at| env.recipients.remove(at)).collect::<Vec<_>>();
        if env.status.in_flight() {
            context.progress(env);
        }
        Ok(removed(&gone))
    })?;
    answer(StatusCode::OK, rows)
}

fn check_open(env: &Envelope) -> Result<(), ApiError> {
    if !env.status.in_flight() && env.status != EnvelopeStatus::Draft {
        return Err(ApiError::bad("ENVELOPE_INVALID_STATUS"));
    }
    if env.edited_elsewhere { Err(ApiError::bad("EDIT_LOCK_NOT_LOCK_OWNER")) } else { Ok(()) }
}

fn named(body: &Object) -> impl Iterator<Item = (&Object, Role)> {
    ARRAYS.iter().flat_map(|(name, role)| array(body, name).map(|recipient| (recipient, *role)))
}

fn recipient_id(from: &Object) -> String {
    text(from, "recipientId").unwrap_or_default()
}

fn check(recipient: &Object) -> Result<(), ApiError> {
    KNOWN.check("recipient", recipient)?;
    check_delivery(recipient)?;
    check_code(text(recipient, "accessCode").as_deref())?;
    match filled(recipient, "email").is_some_and(|email| !looks_like_email(&email)) {
        true => Err(ApiError::bad("INVALID_EMAIL_ADDRESS_FOR_RECIPIENT")),
        false => Ok(()),
    }
}

fn update(env: &mut Envelope, context: &mut Context<'_>, from: &Object, role: Role, resend: bool) -> Value {
    let id = recipient_id(from);
    let is_new = env.recipients.iter().all(|r| r.id != id);
    let outcome = match is_new && env.status == EnvelopeStatus::Draft {
        true => planned_recipient(from, role, env.recipients.len() + 1).map(|new| context.add(env, new)),
        false => find(env, &id, role).and_then(|at| correct(env, context, at, from, resend).map(|()| at)),
    };
    let mut result = json!({"recipientId": id});
    match outcome {
        // Observed with a resend: success reported in the form of an error (stackoverflow.com/questions/48272647).
        Ok(at) if resend => {
            if let Some(recipient) = env.recipients.get(at) {
                result["recipientIdGuid"] = json!(recipient.guid);
            }
            result["errorDetails"] = json!({"errorCode": "SUCCESS", "message": ""});
        }
        Ok(_) => {}
        Err(error) => result["errorDetails"] = error.body,
    }
    result
}

fn correct(
    env: &mut Envelope,
    context: &mut Context<'_>,
    at: usize,
    from: &Object,
    resend: bool,
) -> Result<(), ApiError> {
    let in_person = env.recipient(at)?.role == Role::InPersonSigner;
    let set = Correction {
        name: if in_person { filled(from, "signerName") } else { None }.or_else(|| filled(from, "name")),
        email: if in_person { filled(from, "hostEmail") } else { None }.or_else(|| filled(from, "email")),
        code: text(from, "accessCode").map(Into::into),
    };
    let order = filled(from, "routingOrder").and_then(|order| order.parse::<u32>().ok());
    let recipient = env.recipient(at)?;
    let moves = order.is_some_and(|order| order != recipient.order);
    if moves && recipient.state != RecipientState::Waiting {
        return Err(NotSimulated::new("`routingOrder` of a recipient who has been asked to act").into());
    }
    let resend = resend && env.status.in_flight();
    context.correct(env, at, set, resend)?;
    let recipient = env.recipient_mut(at)?;
    recipient.order = order.unwrap_or(recipient.order);
    recipient.phone = object(from, "phoneNumber").and_then(phone).or(recipient.phone.take());
    recipient.client_id = filled(from, "clientUserId").or(recipient.client_id.take());
    let own = |name: &str| ["own", "output"].iter().any(|list| KNOWN.listed(list, name).is_some());
    for (name, value) in from.iter().filter(|(name, value)| !own(name) && !value.is_null()) {
        recipient.extra.insert(name.clone(), value.clone());
    }
    if moves && env.status.in_flight() {
        context.progress(env);
    }
    Ok(())
}

fn find(env: &Envelope, id: &str, role: Role) -> Result<usize, ApiError> {
    let at = env
        .recipients
        .iter()
        .position(|r| r.id == id)
        .ok_or_else(|| ApiError::bad("UNKNOWN_ENVELOPE_RECIPIENT"))?;
    match env.recipients.get(at) {
        Some(recipient) if recipient.role == role => Ok(at),
        _ => Err(ApiError::invalid_parameter("The recipient is of another type.")),
    }
}
