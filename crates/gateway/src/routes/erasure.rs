//! Erasing what is kept.

use axum::Json;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use countersign::ledger::Scope;
use countersign::{EnvelopeId, RecipientRef};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::directory::Erased;
use crate::extract::{Body, Caller, DataErase};
use crate::gateway::{Gateway, account_not_found};
use crate::problem::Problem;

/// How to erase.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EraseQuery {
    /// Also if the outcome of calls is unknown. Repetitions under their keys are then sent again.
    #[serde(default)]
    force: bool,
}

/// Of whom to erase what is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewErasure {
    /// `account:id`
    #[schema(example = "sales:5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001")]
    envelope: String,
    /// `id:2`, `email:a@b.c`, `client:77` or `phone:+4912345678`. All recipients with one address are one person.
    #[schema(example = "email:anna@example.com")]
    recipient: String,
    /// Also if the outcome of calls is unknown. Repetitions under their keys are then sent again.
    #[serde(default)]
    force: bool,
}

/// What was erased. Nothing if the recipient is not known under this name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasureShown {
    /// Events that named the recipient, or had a text that may be the recipient's.
    events: u64,
    /// Calls about the recipient.
    calls: u64,
}

/// Whether `force` is set.
pub(super) struct Force(pub(super) bool);

impl FromRequestParts<Gateway> for Force {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let query = Query::<EraseQuery>::from_request_parts(parts, gateway).await;
        query.map(|query| Self(query.0.force)).map_err(|_| {
            let (detail, hint) = ("the query is invalid", "give force=true at most");
            Problem::new(StatusCode::BAD_REQUEST, "query_invalid", detail, hint)
        })
    }
}

/// The problem of calls that run, or whose outcome is unknown.
pub(super) fn calls_unknown(count: i64) -> Problem {
    let detail = format!("calls that are running, or whose outcome is unknown: {count}");
    let hint = "wait for those that run and resolve the others, see GET /v1/calls; or add force=true, then repetitions \
                under their keys are sent again";
    Problem::new(StatusCode::CONFLICT, "calls_unknown", detail, hint)
}

/// Erases what the gateway keeps about an envelope: events, status, recipients, replies, and keys of calls.
///
/// Nothing changes at the vendor. Calls with an unknown outcome forbid it: once it is gone, a repetition under their
/// keys is sent again.
#[utoipa::path(
    delete, path = "/v1/envelopes/{envelope}/data", operation_id = "eraseEnvelope", tag = "erasure",
    params(("envelope" = String, Path, description = "`account:id`"), EraseQuery),
    responses((status = 204, description = "It is erased"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn erase_envelope(
    State(gateway): State<Gateway>,
    caller: Caller<DataErase>,
    Path(named): Path<String>,
    Force(force): Force,
) -> Result<StatusCode, Problem> {
    let (account, id) = envelope_named(&gateway, &caller, &named).await?;
    let directory = gateway.directory().by_key(&caller.key);
    let at = [caller.tenant.as_str(), &account, id.as_str()];
    match directory.erase_envelope(at, force, gateway.clock().now()).await? {
        0 => Ok(StatusCode::NO_CONTENT),
        open => Err(calls_unknown(open)),
    }
}

/// Erases what the gateway keeps about one recipient of an envelope.
///
/// Events stay, but no longer say whom they are about; calls about the recipient are erased with their keys. Nothing
/// changes at the vendor, which is not asked either: only what was reported says which names are those of one
/// recipient.
#[utoipa::path(
    post, path = "/v1/erasures", operation_id = "eraseRecipient", tag = "erasure",
    request_body = NewErasure,
    responses((status = 200, description = "What was erased", body = ErasureShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn erase_recipient(
    State(gateway): State<Gateway>,
    caller: Caller<DataErase>,
    Body(body): Body<NewErasure>,
) -> Result<Json<ErasureShown>, Problem> {
    let recipient: RecipientRef = body.recipient.parse().map_err(countersign::Error::from)?;
    let (account, id) = envelope_named(&gateway, &caller, &body.envelope).await?;
    let directory = gateway.directory().by_key(&caller.key);
    let at = [caller.tenant.as_str(), &account, id.as_str()];
    let scope = Scope::of_account(Some(&caller.tenant));
    let mut calls = Vec::new();
    for key in directory.calls_of_envelope(at).await? {
        let about = match gateway.ledger().find(&scope, &key).await? {
            Some(call) => call.about.recipient,
            // It has expired, and nothing needs it.
            None => Some(recipient.to_string()),
        };
        calls.push((key, about));
    }
    let erased = directory.erase_recipient(at, &recipient, &calls, body.force, gateway.clock().now()).await?;
    match erased {
        Erased { open: 0, events, calls } => Ok(Json(ErasureShown { events, calls })),
        Erased { open, .. } => Err(calls_unknown(open)),
    }
}

/// The id of the account, and the envelope, of `account:id`.
async fn envelope_named(
    gateway: &Gateway,
    caller: &Caller<DataErase>,
    named: &str,
) -> Result<(String, EnvelopeId), Problem> {
    let (account, id) = named.split_once(':').ok_or_else(account_not_found)?;
    let account = caller.account(gateway, account).await?;
    Ok((account.id, EnvelopeId::new(id).map_err(countersign::Error::from)?))
}
