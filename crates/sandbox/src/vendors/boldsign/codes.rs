//! Access codes: a new one for a signer who has one, which unlocks; and adding or removing authentication, also of
//! other kinds by name.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::json;

use super::call::{Answer, KNOWN, Problems, empty, read};
use super::signers::{Named, check_behalf, looks_like_guid, on, order, phone};
use crate::secret::Secret;
use crate::vendors::Call;
use crate::vendors::fields::{Object, filled, looks_like_email};
use crate::world::{Context, Envelope, Reason, Refused, Vendor};

pub(super) fn change(call: &Call<'_>) -> Answer {
    let body = read(call)?;
    let mut problems = Problems::default();
    let id = call.query.get("DocumentId").unwrap_or_default();
    let known = call.live.lock().envelope(id).is_some_and(|env| env.vendor == Vendor::BOLDSIGN);
    if id.is_empty() {
        problems.add("DocumentId", "The DocumentId field is required.");
    } else if !known || !looks_like_guid(id) {
        problems.add("DocumentId", "The field DocumentId is invalid.");
    }
    let code = filled(&body, "accessCode").unwrap_or_default();
    if code.is_empty() {
        problems.add("AccessCode", "The AccessCode field is required.");
    }
    let (email, phone) = (call.query.get("EmailId"), phone(&body, "phoneNumber"));
    if email.is_none() && phone.is_none() {
        problems.add("EmailId", "The EmailId field is required.");
    }
    let order = call.query.get("ZOrder").and_then(|text| {
        text.parse().inspect_err(|_| problems.add("ZOrder", format!("The value '{text}' is not valid."))).ok()
    });
    problems.done()?;
    let named = Named { email, phone: phone.filter(|_| email.is_none()), order };
    let mut state = call.live.lock();
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
        empty()
    })
}

pub(super) fn add(call: &Call<'_>) -> Answer {
    let body = read(call)?;
    KNOWN.check("authentication", &body)?;
    let mut problems = Problems::default();
    let kind = filled(&body, "authenticationType").unwrap_or_default();
    let kind = KNOWN.listed("authentication_types", &kind);
    if kind.is_none() {
        problems.add("AuthenticationType", "Value is invalid");
    }
    let wants_code = kind == Some("AccessCode");
    let code = filled(&body, "accessCode");
    if wants_code && code.is_none() {
        problems
            .add("AccessCode", "AccessCode cannot be null or empty when authentication type is AccessCode");
    }
    let retries = order(&body, "authenticationRetryCount");
    on_signer(call, &body, "documentId", "order", problems, |env, context, at| {
        context.set_code(env, at, Secret::new(code.filter(|_| wants_code).unwrap_or_default()))?;
        let signer = env.recipient_mut(at)?;
        signer.extra.extend(kind.map(|kind| ("authenticationType".to_owned(), kind.into())));
        if let Some(retries) = retries {
            signer.max_attempts = retries;
        }
        Ok(StatusCode::OK.into_response())
    })
}

pub(super) fn remove(call: &Call<'_>) -> Answer {
    let body = read(call)?;
    on_signer(call, &body, "DocumentId", "zOrder", Problems::default(), |env, context, at| {
        context.set_code(env, at, Secret::default())?;
        env.recipient_mut(at)?.extra.insert("authenticationType".to_owned(), json!("None"));
        empty()
    })
}

/// Both routes identify the signer in the body, with different names for the order, and spell the document's id
/// differently.
fn on_signer(
    call: &Call<'_>,
    body: &Object,
    id_name: &str,
    order_name: &str,
    mut problems: Problems,
    work: impl FnOnce(&mut Envelope, &mut Context<'_>, usize) -> Answer,
) -> Answer {
    let id = call.query.get(id_name).unwrap_or_default();
    if !looks_like_guid(id) {
        problems.add(id_name, format!("The field {id_name} is invalid."));
    }
    let email = filled(body, "emailId");
    let named = Named {
        email: email.as_deref(),
        phone: phone(body, "phoneNumber").filter(|_| email.is_none()),
        order: order(body, order_name),
    };
    let invalid_email = named.email.is_some_and(|email| !looks_like_email(email));
    if invalid_email || (named.email.is_none() && named.phone.is_none()) {
        problems.add("EmailId", "The field EmailId is invalid.");
    }
    problems.done()?;
    on(&mut call.live.lock(), id, |env, context| {
        check_behalf(env, body)?;
        let at = named.one(env)?;
        if env.recipient(at)?.finished() {
            return Err(Refused::new(Reason::RecipientDone, "the signer is done").into());
        }
        work(env, context, at)
    })
}
