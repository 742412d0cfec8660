//! `PATCH addAuthentication` and `RemoveAuthentication`, for access codes and, in name, for other kinds.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::error::ApiError;
use super::signers::{Named, on, order, phone};
use super::{Answer, Call, Done, check_behalf};
use crate::secret::Secret;
use crate::vendors::fields::{Object, filled};
use crate::world::{Desk, Envelope, Reason, Refused};

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
    on_signer(call, &body, "order", |env, desk, at| {
        desk.set_code(env, at, Secret::new(code.filter(|_| *kind == "AccessCode").unwrap_or_default()))?;
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
    on_signer(call, &body, "zOrder", |env, desk, at| {
        desk.set_code(env, at, Secret::default())?;
        env.recipient_mut(at)?.extra.insert("authenticationType".to_owned(), json!("None"));
        Ok(Done::Empty)
    })
}

/// Both routes name the signer in the body, by different names for the order.
fn on_signer(
    call: &Call<'_>,
    body: &Object,
    order_name: &str,
    work: impl FnOnce(&mut Envelope, &mut Desk<'_>, usize) -> Answer,
) -> Answer {
    let id = call.query.get("documentId").unwrap_or_default();
    if !super::signers::looks_like_guid(id) {
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
    on(&mut call.world.lock(), id, |env, desk| {
        check_behalf(env, body)?;
        let at = named.one(env)?;
        if env.recipient(at)?.finished() {
            return Err(Refused::new(Reason::RecipientDone, "the signer is done").into());
        }
        work(env, desk, at)
    })
}
