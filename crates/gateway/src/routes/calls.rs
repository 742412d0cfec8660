//! Calls under a key: what is known about them, and what an operator found.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use countersign::ledger::{
    CallAbout, CallRecord, CallState, Cursor, Finding, IdempotencyKey, Resolution, Resolved, Scope,
    UnresolvedCall,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::directory::Directory;
use crate::extract::{Body, Caller, CallsRead, CallsResolve, Needs, in_path};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The most calls on a page.
const PAGE: u32 = 100;

/// How long after its key was used a call may be running: the longest time limit, and the lease that a process leaves
/// when it dies.
const RUNNING: Duration = Duration::from_secs(300 + 120);

/// Cursors among the calls whose outcome is unknown begin with it.
const UNKNOWN: &str = "unknown.";

/// A call under an `Idempotency-Key`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallShown {
    #[schema(example = "call_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    pub(crate) id: String,
    /// The caller's key.
    pub(crate) key: String,
    /// `running`; `unknown`: it may have taken effect, look at the vendor and resolve it; `completed`; `resolved`; or
    /// `absent`: it had no effect, or its record has expired.
    #[schema(example = "unknown")]
    pub(crate) state: String,
    pub(crate) operation: Option<String>,
    pub(crate) vendor: Option<String>,
    /// The id of the account; the account may be deleted.
    pub(crate) account: Option<String>,
    /// The vendor's id of the envelope.
    pub(crate) envelope: Option<String>,
    pub(crate) recipient: Option<String>,
    /// When the state began.
    pub(crate) since: Option<String>,
    /// How long the call may still run.
    pub(crate) running_for_seconds: Option<u64>,
    /// The error of an unknown outcome, if it is known.
    pub(crate) error: Option<Problem>,
    /// Who resolved it.
    pub(crate) resolved_by: Option<String>,
    /// What they noted.
    pub(crate) note: Option<String>,
}

/// A page of calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallList {
    data: Vec<CallShown>,
    /// The `cursor` of the next page, if there may be one.
    next_cursor: Option<String>,
}

/// What a person found at the vendor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewResolution {
    /// Whether the call took effect. If not, the key is free again.
    pub(crate) happened: bool,
    /// What was found.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub(crate) note: String,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallQuery {
    /// `unknown` or `running`; both if omitted. Calls are running as well for up to 90 s after their process died; then
    /// those that may have had an effect are unknown.
    #[serde(default)]
    state: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl CallShown {
    fn new(id: String, key: &IdempotencyKey, state: &str) -> Self {
        Self {
            id,
            key: key.as_str().to_owned(),
            state: state.to_owned(),
            operation: None,
            vendor: None,
            account: None,
            envelope: None,
            recipient: None,
            since: None,
            running_for_seconds: None,
            error: None,
            resolved_by: None,
            note: None,
        }
    }

    fn about(mut self, about: CallAbout) -> Self {
        self.operation = Some(about.operation.as_str().to_owned());
        (self.vendor, self.account, self.envelope) =
            (Some(about.vendor), about.account, Some(about.envelope));
        self.recipient = about.recipient;
        self
    }

    pub(crate) fn unresolved(id: String, call: UnresolvedCall) -> Self {
        Self {
            since: Some(call.since.to_string()),
            error: call.error.map(|error| Problem::from(error.into_error())),
            ..Self::new(id, &call.key, "unknown").about(call.about)
        }
    }

    /// Of a record, if there is one.
    pub(crate) fn recorded(id: String, key: &IdempotencyKey, record: Option<CallRecord>) -> Self {
        let Some(record) = record else { return Self::new(id, key, "absent") };
        let state = match record.state {
            _ if record.running_for.is_some() => "running",
            // It died before it changed anything, so the key is as good as free.
            CallState::Claimed => "absent",
            // The record tells who found it.
            CallState::Resolved if record.found == Some(Resolution::DidNotHappen) => "absent",
            CallState::InFlight => "unknown",
            CallState::Completed => "completed",
            _ => "resolved",
        };
        Self {
            since: Some(record.since.to_string()),
            running_for_seconds: record.running_for.map(|time| time.as_secs()),
            error: record.error.map(|error| Problem::from(error.into_error())),
            resolved_by: record.resolved_by,
            note: record.note,
            ..Self::new(id, key, state).about(record.about)
        }
    }
}

/// The tenant's call that the path names.
pub(super) struct OwnCall<N> {
    caller: Caller<N>,
    scope: Scope,
    id: String,
    key: IdempotencyKey,
}

impl<N: Needs> FromRequestParts<Gateway> for OwnCall<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let caller = Caller::<N>::from_request_parts(parts, gateway).await?;
        let id = in_path(parts, gateway, "call").await?;
        let key = gateway.directory().call_key(&caller.tenant, &id).await?;
        let key = key.ok_or_else(call_not_found)?;
        let scope = Scope::of_account(Some(&caller.tenant));
        if caller.accounts.is_some() {
            let record = gateway.ledger().find(&scope, &key).await?;
            let account = record.and_then(|record| record.about.account);
            account.filter(|account| caller.may_use(account)).ok_or_else(call_not_found)?;
        }
        Ok(Self { scope, caller, id, key })
    }
}

fn call_not_found() -> Problem {
    Problem::not_found("call", "see GET /v1/calls?state=unknown")
}

/// Lists the calls that are not settled: those that are running, then those whose outcome is unknown.
#[utoipa::path(
    get, path = "/v1/calls", operation_id = "listCalls", tag = "calls", params(CallQuery),
    responses((status = 200, description = "A page", body = CallList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_calls(
    State(gateway): State<Gateway>,
    caller: Caller<CallsRead>,
    query: Result<Query<CallQuery>, QueryRejection>,
) -> Result<Json<CallList>, Problem> {
    let bad = |detail: &str, hint: &str| Problem::new(StatusCode::BAD_REQUEST, "query_invalid", detail, hint);
    let query = query.map_err(|_| bad("the query is invalid", "give state, limit and cursor at most"))?.0;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(bad("the limit is invalid", "give 1 to 100"));
    }
    let (lists_running, lists_unknown) = match query.state.as_deref() {
        None => (true, true),
        Some("running") => (true, false),
        Some("unknown") => (false, true),
        _ => return Err(bad("calls in this state cannot be listed", "give state=unknown or state=running")),
    };
    let after = query.cursor.as_deref();
    let after_unknown = after.and_then(|after| after.strip_prefix(UNKNOWN));
    let mut page = CallList { data: Vec::new(), next_cursor: None };
    let mut left = limit;
    // A call that ends between two pages with an unknown outcome is in both lists then, but never in none.
    if lists_running && after_unknown.is_none() {
        left -= running(&gateway, &caller, after.unwrap_or_default(), limit, &mut page).await?;
    }
    if lists_unknown && left > 0 {
        let after = match after_unknown {
            Some(id) => gateway.directory().call_key(&caller.tenant, id).await?,
            None => None,
        };
        if after.is_none() && (after_unknown.is_some() || !lists_running && query.cursor.is_some()) {
            return Err(bad("the cursor is invalid", "begin again without one"));
        }
        unknown(&gateway, &caller, after, left, &mut page).await?;
    }
    Ok(Json(page))
}

/// Reads the records of the keys that were used recently: the ledger cannot list calls that are running. Returns how
/// many were read.
async fn running(
    gateway: &Gateway,
    caller: &Caller<CallsRead>,
    after: &str,
    most: u32,
    page: &mut CallList,
) -> Result<u32, Problem> {
    let scope = Scope::of_account(Some(&caller.tenant));
    let recent = gateway.directory().recent_calls(&caller.tenant, RUNNING, after, most).await?;
    let mut read = 0;
    for (id, key) in recent {
        read += 1;
        page.next_cursor = (read == most).then(|| id.clone());
        let record = gateway.ledger().find(&scope, &key).await?;
        let is_shown = |record: &CallRecord| record.running_for.is_some() && may_see(caller, &record.about);
        if record.as_ref().is_some_and(is_shown) {
            page.data.push(CallShown::recorded(id, &key, record));
        }
    }
    Ok(read)
}

fn may_see(caller: &Caller<CallsRead>, about: &CallAbout) -> bool {
    about.account.as_deref().is_none_or(|account| caller.may_use(account))
}

async fn unknown(
    gateway: &Gateway,
    caller: &Caller<CallsRead>,
    after: Option<IdempotencyKey>,
    most: u32,
    page: &mut CallList,
) -> Result<(), Problem> {
    let scope = Scope::of_account(Some(&caller.tenant));
    let after = after.map(|key| Cursor { scope: scope.clone(), key });
    let calls = gateway.ledger().unresolved(Some(&scope), after.as_ref(), most).await?;
    let is_full = calls.len() == most as usize;
    for call in calls {
        let id = gateway.directory().call_id(&caller.tenant, &call.key).await?;
        page.next_cursor = is_full.then(|| format!("{UNKNOWN}{id}"));
        if may_see(caller, &call.about) {
            page.data.push(CallShown::unresolved(id, call));
        }
    }
    Ok(())
}

/// The state of a call.
#[utoipa::path(
    get, path = "/v1/calls/{call}", operation_id = "getCall", tag = "calls",
    params(("call" = String, Path, description = "Its id")),
    responses((status = 200, description = "The call", body = CallShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_call(
    State(gateway): State<Gateway>,
    at: OwnCall<CallsRead>,
) -> Result<Json<CallShown>, Problem> {
    let record = gateway.ledger().find(&at.scope, &at.key).await?;
    Ok(Json(CallShown::recorded(at.id, &at.key, record)))
}

/// Records what a person found at the vendor after an unknown outcome.
#[utoipa::path(
    put, path = "/v1/calls/{call}/resolution", operation_id = "resolveCall", tag = "calls",
    params(("call" = String, Path, description = "Its id")),
    request_body = NewResolution,
    responses((status = 200, description = "The call", body = CallShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn resolve_call(
    State(gateway): State<Gateway>,
    at: OwnCall<CallsResolve>,
    Body(body): Body<NewResolution>,
) -> Result<Json<CallShown>, Problem> {
    let directory = gateway.directory().by_key(&at.caller.key);
    Ok(Json(resolve(&gateway, &directory, &at.scope, (at.id, &at.key), &body).await?))
}

/// Records a finding of whom the directory acts for; the call as it is then.
pub(crate) async fn resolve(
    gateway: &Gateway,
    directory: &Directory,
    scope: &Scope,
    (id, key): (String, &IdempotencyKey),
    body: &NewResolution,
) -> Result<CallShown, Problem> {
    if body.note.chars().count() > 500 {
        let (detail, hint) = ("the note is too long", "give at most 500 characters");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail, hint));
    }
    let found = if body.happened { Resolution::Happened } else { Resolution::DidNotHappen };
    let before = CallShown::recorded(id.clone(), key, gateway.ledger().find(scope, key).await?);
    // Of any other state, nothing is changed.
    if ["running", "unknown"].contains(&before.state.as_str()) {
        directory.begin_resolution(scope.as_str(), &id, found).await?;
    }
    let resolved = gateway
        .ledger()
        .resolve(&Finding { scope, key, found, by: directory.who(), note: &body.note })
        .await?;
    let record = gateway.ledger().find(scope, key).await?;
    let shown = CallShown::recorded(id.clone(), key, record.clone());
    let is_as_wanted = shown.state == if body.happened { "resolved" } else { "absent" };
    // Also for a repetition: the first time may have ended before this. Event and audit are added once.
    if let (true, Some(record)) = (is_as_wanted, &record) {
        if !body.happened {
            directory.note_found_free(scope.as_str(), &id).await?;
        }
        gateway.tell_of_resolution(scope.as_str(), &id, record).await?;
    }
    match resolved {
        Resolved::StillRunning { for_ } => {
            let (detail, hint) = ("the call may still be running", "wait until it has ended");
            let problem = Problem::new(StatusCode::CONFLICT, "call_running", detail, hint);
            Err(problem.repeat_after(for_.as_secs() + 1))
        }
        // A repetition of the same finding is no mistake.
        _ if is_as_wanted => Ok(shown),
        _ => {
            let (detail, hint) = ("the outcome of the call is not unknown", "see the call's state");
            Err(Problem::new(StatusCode::CONFLICT, "call_not_unknown", detail, hint))
        }
    }
}
