//! Erasing what is kept.

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use countersign::EnvelopeId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Caller, DataErase};
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

/// The problem of calls whose outcome is unknown.
pub(super) fn calls_unknown(count: i64) -> Problem {
    let detail = format!("the outcome of {count} calls is unknown");
    let hint = "resolve them, see GET /v1/calls?state=unknown; or add force=true, then repetitions under their keys are \
                sent again";
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
    let (account, id) = named.split_once(':').ok_or_else(account_not_found)?;
    let account = caller.account(&gateway, account).await?;
    let id = EnvelopeId::new(id).map_err(countersign::Error::from)?;
    let directory = gateway.directory().by_key(&caller.key);
    match directory.erase_envelope(&caller.tenant, &account.id, id.as_str(), force).await? {
        0 => Ok(StatusCode::NO_CONTENT),
        open => Err(calls_unknown(open)),
    }
}
