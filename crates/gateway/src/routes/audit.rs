//! Who changed what.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::directory::AuditEntry;
use crate::extract::{AuditRead, Caller};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The most entries on a page.
const PAGE: u32 = 100;

/// A change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditShown {
    at: String,
    /// `operator`, `reconciler`, or `key` and the public part of the key.
    #[schema(example = "key 7Kq2mB4x")]
    who: String,
    /// `tenant.created`, `key.created`, `key.revoked`, `account.created`, `account.changed`, `account.deleted`,
    /// `account.signed_in`, `account.signed_out`, `call.resolving`, `call.resolved`, `calls.held`, `calls.released`,
    /// `endpoint.replayed` or `data.erased`. Words may be added.
    #[schema(example = "account.created")]
    what: String,
    /// The id of what was changed.
    target: String,
    /// More about it; may be empty.
    note: String,
}

/// A page of changes, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditList {
    data: Vec<AuditShown>,
    /// The `cursor` of the next page, if there may be one.
    next_cursor: Option<String>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// 1 to 100.
    #[serde(default)]
    limit: Option<u32>,
    /// Of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl From<AuditEntry> for AuditShown {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { at, who, what, target, note, .. } = entry;
        Self { at: at.to_string(), who, what, target, note }
    }
}

/// Lists who changed what, the newest first, for 400 days.
#[utoipa::path(
    get, path = "/v1/audit", operation_id = "listAudit", tag = "audit", params(AuditQuery),
    responses((status = 200, description = "A page", body = AuditList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_audit(
    State(gateway): State<Gateway>,
    caller: Caller<AuditRead>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<AuditList>, Problem> {
    let bad = || {
        let (detail, hint) = ("the query is invalid", "give limit and cursor at most");
        Problem::new(StatusCode::BAD_REQUEST, "query_invalid", detail, hint)
    };
    let query = query.map_err(|_| bad())?.0;
    let before = query.cursor.map_or(Ok(i64::MAX), |cursor| cursor.parse()).map_err(|_| bad())?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(bad());
    }
    let entries = gateway.directory().audit(&caller.tenant, before, limit).await?;
    let is_full = entries.len() == limit as usize;
    let next_cursor = entries.last().filter(|_| is_full).map(|entry| entry.seq.to_string());
    Ok(Json(AuditList { data: entries.into_iter().map(AuditShown::from).collect(), next_cursor }))
}
