//! `PATCH /v1/document/changeAccessCode`: a new code for a signer who has one. It unlocks.

use super::error::ApiError;
use super::signers::{Named, looks_like_guid, on, phone};
use super::{Answer, Call, Done, check_behalf};
use crate::vendors::Vendor;
use crate::vendors::fields::filled;
use crate::world::{Reason, Refused};

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
    let mut state = call.world.lock();
    let known = state.envelope(id).is_some_and(|env| env.vendor == Vendor::Boldsign);
    if !known || !looks_like_guid(id) {
        return Err(invalid_id());
    }
    on(&mut state, id, |env, desk| {
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
        desk.set_code(env, at, code.into())?;
        Ok(Done::Empty)
    })
}
