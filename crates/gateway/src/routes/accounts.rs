//! Accounts at vendors. Settings go in and never come out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use countersign::budget::{RouteWindow, Window};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::auth::restricted;
use crate::directory::AccountRow;
use crate::extract::{AccountsRead, AccountsWrite, Body, Caller, OwnAccount};
use crate::gateway::{Gateway, account_not_found};
use crate::problem::Problem;
use crate::routes::erasure::{EraseQuery, Force, calls_unknown};

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// A name for it in envelopes' paths: 1 to 64 of a-z, 0-9, - and _.
    #[schema(example = "sales")]
    name: String,
    /// The vendor's short name: see `/v1/vendors`.
    vendor: String,
    /// The vendor's settings, as in a configuration file. They are sealed, and no request returns them.
    #[schema(value_type = Object, write_only)]
    settings: Map<String, Value>,
}

/// What to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    /// Another name for it.
    #[serde(default)]
    #[schema(example = "sales")]
    name: Option<String>,
    /// Settings to add or replace; null removes one. Tables in them are merged in the same way.
    #[serde(default)]
    #[schema(value_type = Option<Object>, write_only)]
    settings: Option<Map<String, Value>>,
    /// `settings` are all settings, and take the place of the present ones.
    #[serde(default)]
    replace: bool,
}

/// What is left of an account's allowance at the vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllowanceShown {
    /// Over the vendor's long window, an hour at most vendors; null until an answer reports it.
    limit: Option<WindowShown>,
    /// Over the vendor's short window.
    burst: Option<WindowShown>,
    /// Of each group of routes that was called, at a vendor that limits those: by its documentation and the calls of
    /// this process.
    routes: Vec<RouteWindowShown>,
    /// Requests in progress.
    in_flight: usize,
    /// Requests that wait.
    waiting: usize,
    /// The most requests at once.
    max_in_flight: usize,
}

/// What is left of the limit of a group of routes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteWindowShown {
    /// The group.
    name: String,
    #[serde(flatten)]
    window: WindowShown,
}

/// One limit, as the vendor reported it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WindowShown {
    /// How many requests it allows.
    limit: Option<u64>,
    /// How many are left of them.
    remaining: Option<u64>,
    /// When the next window starts.
    reset_at: Option<String>,
}

impl From<RouteWindow> for RouteWindowShown {
    fn from(route: RouteWindow) -> Self {
        Self { name: route.name.to_owned(), window: route.window.into() }
    }
}

impl From<Window> for WindowShown {
    fn from(window: Window) -> Self {
        let reset_at = window.reset_at.map(|at| at.to_string());
        Self { limit: window.limit, remaining: window.remaining, reset_at }
    }
}

/// An account, without its settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountShown {
    #[schema(example = "acc_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    id: String,
    name: String,
    vendor: String,
    created_at: String,
    /// Where the vendor sends its webhooks, which `webhook_secrets` of the settings check.
    #[schema(example = "/hooks/acc_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    webhooks: String,
}

/// The accounts, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountList {
    data: Vec<AccountShown>,
}

/// Who the vendor says has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountChecked {
    /// The base URL of the vendor's API for this account.
    base_url: String,
    /// The account at the vendor, if the vendor names it.
    account: Option<String>,
    /// The user, if the vendor names it.
    user: Option<String>,
}

impl From<AccountRow> for AccountShown {
    fn from(row: AccountRow) -> Self {
        let webhooks = format!("/hooks/{}", row.id);
        Self {
            webhooks,
            id: row.id,
            name: row.name,
            vendor: row.vendor,
            created_at: row.created_at.to_string(),
        }
    }
}

/// Lists the accounts.
#[utoipa::path(
    get, path = "/v1/accounts", operation_id = "listAccounts", tag = "accounts",
    responses((status = 200, description = "All accounts", body = AccountList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_accounts(
    State(gateway): State<Gateway>,
    caller: Caller<AccountsRead>,
) -> Result<Json<AccountList>, Problem> {
    let rows = gateway.directory().accounts(&caller.tenant).await?;
    let own = rows.into_iter().filter(|row| caller.may_use(&row.id));
    Ok(Json(AccountList { data: own.map(AccountShown::from).collect() }))
}

/// Adds an account, after its settings were checked. Nothing is sent to the vendor: see `checks`.
#[utoipa::path(
    post, path = "/v1/accounts", operation_id = "createAccount", tag = "accounts",
    request_body = NewAccount,
    responses((status = 201, description = "The account", body = AccountShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn create_account(
    State(gateway): State<Gateway>,
    caller: Caller<AccountsWrite>,
    Body(body): Body<NewAccount>,
) -> Result<(StatusCode, Json<AccountShown>), Problem> {
    if caller.accounts.is_some() {
        return Err(restricted());
    }
    gateway.clients().check(&body.vendor, body.settings.clone()).map_err(wrong)?;
    let directory = gateway.directory().by_key(&caller.key);
    let added = directory.add_account(&caller.tenant, &body.name, &body.vendor, &body.settings).await?;
    Ok((StatusCode::CREATED, Json(added.ok_or_else(name_taken)?.into())))
}

/// Here the request itself is wrong; settings that are wrong later are 424.
fn wrong(error: countersign::Error) -> Problem {
    Problem::from(error).with_status(StatusCode::UNPROCESSABLE_ENTITY)
}

fn name_taken() -> Problem {
    let hint = "choose another name, or delete that account";
    Problem::new(StatusCode::CONFLICT, "account_exists", "there is an account with this name", hint)
}

/// Changes the name or the settings of an account. Nothing is sent to the vendor: see `checks`.
#[utoipa::path(
    patch, path = "/v1/accounts/{account}", operation_id = "changeAccount", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    request_body = AccountChange,
    responses((status = 200, description = "The account", body = AccountShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn change_account(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsWrite>,
    Body(body): Body<AccountChange>,
) -> Result<Json<AccountShown>, Problem> {
    let (tenant, account) = (&at.caller.tenant, &at.account);
    let directory = gateway.directory().by_key(&at.caller.key);
    if let Some(name) = &body.name
        && directory.account(tenant, name).await?.is_some_and(|other| other.id != account.id)
    {
        return Err(name_taken());
    }
    let settings = match body.settings {
        None => None,
        Some(settings) if body.replace => Some(settings),
        Some(changes) => {
            let present = directory.settings(tenant, &account.id).await?.ok_or_else(account_not_found)?;
            Some(merged(present, changes))
        }
    };
    if let Some(settings) = &settings {
        gateway.clients().check(&account.vendor, settings.clone()).map_err(wrong)?;
    }
    let changed = directory.change_account(tenant, account, body.name.as_deref(), settings.as_ref()).await?;
    let changed = changed.ok_or_else(|| {
        let (detail, hint) = ("another request has just changed the account", "repeat the request");
        Problem::new(StatusCode::CONFLICT, "account_changed", detail, hint).repeat_after(1)
    })?;
    gateway.clients().forget(account);
    Ok(Json(changed.into()))
}

/// As JSON Merge Patch (RFC 7396): null removes a setting, and tables are merged.
fn merged(mut present: Map<String, Value>, changes: Map<String, Value>) -> Map<String, Value> {
    for (key, change) in changes {
        match (present.remove(&key), change) {
            (_, Value::Null) => {}
            (Some(Value::Object(inner)), Value::Object(change)) => {
                present.insert(key, Value::Object(merged(inner, change)));
            }
            (_, change) => {
                present.insert(key, change);
            }
        }
    }
    present
}

/// What is known of the account's allowance at the vendor. Nothing is sent: answers tell it, or the gateway counts.
#[utoipa::path(
    get, path = "/v1/accounts/{account}/allowance", operation_id = "getAllowance", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    responses((status = 200, description = "What this process knows", body = AllowanceShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_allowance(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsRead>,
) -> Result<Json<AllowanceShown>, Problem> {
    let report = gateway.client(&at.caller.tenant, &at.account).await?.budget();
    Ok(Json(AllowanceShown {
        limit: report.limit.map(WindowShown::from),
        burst: report.burst.map(WindowShown::from),
        routes: report.routes.into_iter().map(RouteWindowShown::from).collect(),
        in_flight: report.in_flight,
        waiting: report.waiting,
        max_in_flight: report.max_in_flight,
    }))
}

/// An account by id or name.
#[utoipa::path(
    get, path = "/v1/accounts/{account}", operation_id = "getAccount", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    responses((status = 200, description = "The account", body = AccountShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_account(at: OwnAccount<AccountsRead>) -> Json<AccountShown> {
    Json(at.account.into())
}

/// Deletes an account with everything that is kept about it.
///
/// Calls with an unknown outcome forbid it: once it is gone, a repetition under their keys is sent again.
#[utoipa::path(
    delete, path = "/v1/accounts/{account}", operation_id = "deleteAccount", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name"), EraseQuery),
    responses((status = 204, description = "It is deleted"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn delete_account(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsWrite>,
    Force(force): Force,
) -> Result<StatusCode, Problem> {
    let directory = gateway.directory().by_key(&at.caller.key);
    match directory.erase_account(&at.caller.tenant, &at.account.id, force).await? {
        0 => gateway.clients().forget(&at.account),
        open => return Err(calls_unknown(open)),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Signs in at the vendor with the cheapest call that needs the credentials.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/checks", operation_id = "checkAccount", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    responses((status = 200, description = "Signed in", body = AccountChecked),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn check_account(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsRead>,
) -> Result<Json<AccountChecked>, Problem> {
    let client = gateway.client(&at.caller.tenant, &at.account).await?;
    let access = client.check_access().await?;
    Ok(Json(AccountChecked { base_url: access.base_url, account: access.account, user: access.user }))
}
