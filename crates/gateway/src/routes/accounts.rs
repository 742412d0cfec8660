//! Accounts at vendors. Settings go in and never come out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::directory::AccountRow;
use crate::extract::{AccountsRead, AccountsWrite, Body, Caller, OwnAccount};
use crate::gateway::Gateway;
use crate::problem::Problem;

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
    Ok(Json(AccountList { data: rows.into_iter().map(AccountShown::from).collect() }))
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
    // Here the request itself is wrong; settings that are wrong later are 424.
    let wrong = |error| Problem::from(error).with_status(StatusCode::UNPROCESSABLE_ENTITY);
    gateway.clients().check(&body.vendor, body.settings.clone()).map_err(wrong)?;
    let directory = gateway.directory();
    let added = directory.add_account(&caller.tenant, &body.name, &body.vendor, &body.settings).await?;
    let added = added.ok_or_else(|| {
        let (detail, hint) =
            ("there is an account with this name", "choose another name, or delete that account");
        Problem::new(StatusCode::CONFLICT, "account_exists", detail, hint)
    })?;
    Ok((StatusCode::CREATED, Json(added.into())))
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

/// Deletes an account with its settings and events. Calls that are running end.
#[utoipa::path(
    delete, path = "/v1/accounts/{account}", operation_id = "deleteAccount", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    responses((status = 204, description = "It is deleted"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn delete_account(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsWrite>,
) -> Result<StatusCode, Problem> {
    // Also the tokens of a person. An account whose settings do not work has none that could be used.
    if let Ok(client) = gateway.client(&at.caller.tenant, &at.account).await
        && let Some(grant) = client.code_grant()
    {
        grant.forget().await?;
    }
    gateway.directory().delete_account(&at.caller.tenant, &at.account.id).await?;
    gateway.clients().forget(&at.account);
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
