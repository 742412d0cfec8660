//! Finds documents and signers as BoldSign's routes identify them.

use serde_json::Value;

use super::call::ApiError;
use crate::vendors::Call;
use crate::vendors::fields::{Object, filled, object, text};
use crate::world::{Context, Envelope, Phone, Recipient, Role, State, Vendor};

pub(super) fn looks_like_guid(id: &str) -> bool {
    id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Works on a document that exists as far as the vendor shows.
pub(super) fn on<T>(
    state: &mut State,
    id: &str,
    work: impl FnOnce(&mut Envelope, &mut Context<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let now = state.now();
    match state.envelope(id) {
        Some(env) if env.vendor == Vendor::BOLDSIGN && env.is_ready(now) => state.on(id, work),
        _ => Err(ApiError::invalid_document()),
    }
}

/// The `documentId` of routes that distinguish a malformed id from an unknown one.
pub(super) fn document_id<'a>(call: &'a Call<'_>) -> Result<&'a str, ApiError> {
    let id = call
        .query
        .get("documentId")
        .ok_or_else(|| ApiError::validation("documentId", "The documentId field is required."))?;
    match looks_like_guid(id) {
        true => Ok(id),
        false => Err(ApiError::validation("documentId", "Provide valid document id.")),
    }
}

/// How a route identifies a signer.
pub(super) struct Named<'a> {
    pub(super) email: Option<&'a str>,
    pub(super) phone: Option<Phone>,
    pub(super) order: Option<u32>,
}

impl Named<'_> {
    pub(super) fn all(&self, env: &Envelope) -> Vec<usize> {
        let fits = |r: &Recipient| {
            let by_email = self.email.is_none_or(|email| r.email.eq_ignore_ascii_case(email));
            let by_phone = self.phone.as_ref().is_none_or(|phone| r.phone.as_ref() == Some(phone));
            let by_order = self.order.is_none_or(|order| r.order == order);
            by_email && by_phone && by_order && r.role != Role::CarbonCopy
        };
        let named = self.email.is_some() || self.phone.is_some();
        env.recipients.iter().enumerate().filter(|(_, r)| named && fits(r)).map(|(at, _)| at).collect()
    }

    /// The matching signer; of several with the same address, the first who has not finished.
    pub(super) fn one(&self, env: &Envelope) -> Result<usize, ApiError> {
        let all = self.all(env);
        let open = all.iter().find(|at| env.recipients.get(**at).is_some_and(|r| !r.finished()));
        open.or(all.first()).copied().ok_or_else(|| ApiError::forbidden("Forbidden"))
    }
}

/// A phone number object in a body.
pub(super) fn phone(body: &Object, name: &str) -> Option<Phone> {
    phone_of(object(body, name)?)
}

pub(super) fn phone_of(phone: &Object) -> Option<Phone> {
    Some(Phone { country_code: filled(phone, "countryCode")?, number: filled(phone, "number")? })
}

/// A number in a body or a query, if it is one.
pub(super) fn order(body: &Object, name: &str) -> Option<u32> {
    text(body, name)?.parse().ok()
}

/// The identity on whose behalf a document was sent must be named again by calls that change it.
pub(super) fn check_behalf(env: &Envelope, body: &Object) -> Result<(), ApiError> {
    let wanted = env.extra.get("onBehalfOf").and_then(Value::as_str);
    let given = filled(body, "onBehalfOf");
    match wanted {
        Some(wanted) if given.as_deref().is_none_or(|given| !given.eq_ignore_ascii_case(wanted)) => {
            Err(ApiError::forbidden("Forbidden"))
        }
        _ => Ok(()),
    }
}
