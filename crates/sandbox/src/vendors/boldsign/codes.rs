//! Access codes: a new one for a signer who has one, which unlocks; and adding or removing authentication, in name also of
//! other kinds.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, Call, Done};
use super::signers::{Named, check_behalf, looks_like_guid, on, order, phone};
use crate::secret::Secret;
use crate::vendors::fields::{Object, filled};
use crate::world::{Context, Envelope, Reason, Refused, Vendor};

pub(super) fn change(call: &Call<'_>) -> Answer {
    let body = call.object()?;
    let invalid_id = || ApiError::validation("DocumentId", "The field DocumentId is invalid.");
    let id = call
        .query
        .get("DocumentId")
        .ok_or_else(|| ApiError::validation("DocumentId", "The DocumentId field is required."))?;
    let code = filled(&body, "accessCode")
        .ok_or_else(|| ApiError::validation("AccessCode", "The AccessCode field is required."))?;
    let (email, phone) = (call.query.get("EmailId"), phone(&body, "phoneNumber"));
    if email.is_none() && phone.is_none() {
        return Err(ApiError::validation("EmailId", "The EmailId field is required."));
    }
    let order = match call.query.get("ZOrder") {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| ApiError::validation("ZOrder", format!("The value '{text}' is not valid.")))?,
        ),
    };
    let named = Named { email, phone: phone.filter(|_| email.is_none()), order };
    let mut state = call.live.lock();
    let known = state.envelope(id).is_some_and(|env| env.vendor == Vendor::BOLDSIGN);
    if !known || !looks_like_guid(id) {
        return Err(invalid_id());
    }
    on(&mut state, id, |env, context| {
        check_behalf(env, &body)?;
        let at = named.one(env)?;
        let signer = env.recipient(at)?;
        if !env.status.in_flight() {
            return Err(Refused::new(Reason::EnvelopeClosed, "the document is not in progress").into());
        }
        if signer.finished() {
            return Err(Refused::new(Reason::RecipientDone, "the signer is done").into());
        }
        if signer.code.is_none() {
            return Err(Refused::new(Reason::NoCode, "the signer has no access code").into());
        }
        context.set_code(env, at, code.into())?;
        Ok(Done::Empty)
    })
}

const KINDS: &[&str] = &["None", "EmailOTP", "AccessCode", "SMSOTP", "IdVerification", "KBA"];

pub(super) fn add(call: &Call<'_>) -> Answer {
    let body = call.object()?;
    let kind = filled(&body, "authenticationType").unwrap_or_default();
    let kind = KINDS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(&kind))
        .ok_or_else(|| ApiError::validation("AuthenticationType", "Value is invalid"))?;
    let code = filled(&body, "accessCode");
    if *kind == "AccessCode" && code.is_none() {
        let text = "AccessCode cannot be null or empty when authentication type is AccessCode";
        return Err(ApiError::validation("AccessCode", text));
    }
    let retries = order(&body, "authenticationRetryCount");
    on_signer(call, &body, "order", |env, context, at| {
        context.set_code(env, at, Secret::new(code.filter(|_| *kind == "AccessCode").unwrap_or_default()))?;
        let signer = env.recipient_mut(at)?;
        signer.extra.insert("authenticationType".to_owned(), (*kind).into());
        if let Some(retries) = retries {
            signer.max_attempts = retries;
        }
        Ok(Done::Json(StatusCode::OK, Value::Null))
    })
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let body = call.object()?;
    on_signer(call, &body, "zOrder", |env, context, at| {
        context.set_code(env, at, Secret::default())?;
        env.recipient_mut(at)?.extra.insert("authenticationType".to_owned(), json!("None"));
        Ok(Done::Empty)
    })
}

/// Both routes name the signer in the body, by different names for the order.
fn on_signer(
    call: &Call<'_>,
    body: &Object,
    order_name: &str,
    work: impl FnOnce(&mut Envelope, &mut Context<'_>, usize) -> Answer,
) -> Answer {
    let id = call.query.get("documentId").unwrap_or_default();
    if !looks_like_guid(id) {
        return Err(ApiError::validation("documentId", "The field documentId is invalid."));
    }
    let email = filled(body, "emailId");
    let named = Named {
        email: email.as_deref(),
        phone: phone(body, "phoneNumber").filter(|_| email.is_none()),
        order: order(body, order_name),
    };
    if named.email.is_none() && named.phone.is_none() {
        return Err(ApiError::validation("EmailId", "The field EmailId is invalid."));
    }
    on(&mut call.live.lock(), id, |env, context| {
        check_behalf(env, body)?;
        let at = named.one(env)?;
        if env.recipient(at)?.finished() {
            return Err(Refused::new(Reason::RecipientDone, "the signer is done").into());
        }
        work(env, context, at)
    })
}
