//! A person's sign-in with a browser, for accounts that use it. The browser returns to the tenant's own application.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use countersign::auth::{CodeGrant, PendingSignIn};
use countersign::ledger::Scope;
use countersign::{Client, Error, ErrorKind, WebUrl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::{AccountsWrite, Body, OwnAccount};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// How long a person may take at the vendor.
const KEEP: Duration = Duration::from_secs(10 * 60);

/// Where the browser returns.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSignIn {
    /// A page of the application, registered with the vendor.
    #[schema(example = "https://app.example.com/callback")]
    redirect_uri: String,
}

/// A sign-in that has started.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInStarted {
    /// Keep it in the session of this browser, and send it with the query.
    id: String,
    /// Send the browser there.
    url: String,
    expires_in_seconds: u64,
}

/// What the browser brought back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInAnswer {
    /// From the session of the same browser.
    id: String,
    /// The query of the request at the redirect URI, unchanged and without `?`.
    #[schema(write_only)]
    query: String,
}

/// Sign-ins are found only at the account for which they started.
fn scope(at: &OwnAccount<AccountsWrite>) -> Scope {
    Scope::of_account(Some(&format!("{}/{}", at.caller.tenant, at.account.id)))
}

fn code_grant(client: &Client) -> Result<&CodeGrant, Error> {
    client.code_grant().ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "this account does not use browser sign-in")
            .with_hint("nothing needs to be done: its credentials are in its settings")
    })
}

/// Starts the sign-in of a person.
#[utoipa::path(
    post, path = "/v1/accounts/{account}/sign-ins", operation_id = "startSignIn", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    request_body = NewSignIn,
    responses((status = 201, description = "Send the browser away", body = SignInStarted),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn start_sign_in(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsWrite>,
    Body(body): Body<NewSignIn>,
) -> Result<(StatusCode, Json<SignInStarted>), Problem> {
    let client = gateway.client(&at.caller.tenant, &at.account).await?;
    let redirect_uri = WebUrl::new(&body.redirect_uri).map_err(Error::from)?;
    let pending = code_grant(&client)?.begin(redirect_uri)?;
    gateway.sign_ins().put(&scope(&at), &pending, KEEP).await?;
    let started = SignInStarted {
        id: pending.handle(),
        url: pending.url().to_owned(),
        expires_in_seconds: KEEP.as_secs(),
    };
    Ok((StatusCode::CREATED, Json(started)))
}

/// Completes the sign-in of a person. From then on, calls act for this person.
#[utoipa::path(
    put, path = "/v1/accounts/{account}/sign-ins", operation_id = "finishSignIn", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    request_body = SignInAnswer,
    responses((status = 204, description = "Signed in"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn finish_sign_in(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsWrite>,
    Body(body): Body<SignInAnswer>,
) -> Result<StatusCode, Problem> {
    let client = gateway.client(&at.caller.tenant, &at.account).await?;
    code_grant(&client)?;
    let unknown = || Problem::not_found("sign_in", "start again: a sign-in works once, for ten minutes");
    // A query that belongs to another browser's sign-in would sign this one in as someone else.
    if PendingSignIn::handle_in(&body.query).as_ref() != Some(&body.id) {
        return Err(unknown());
    }
    let pending = gateway.sign_ins().take(&scope(&at), &body.id).await?.ok_or_else(unknown)?;
    client.finish_sign_in(&pending, &body.query).await?;
    // A client that has just found no tokens does not look again for a second.
    gateway.renew_client(&at.caller.tenant, &at.caller.key, &at.account, "account.signed_in").await;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets the tokens of the person who signed in.
#[utoipa::path(
    delete, path = "/v1/accounts/{account}/sign-ins", operation_id = "signOut", tag = "accounts",
    params(("account" = String, Path, description = "Its id or its name")),
    responses((status = 204, description = "Signed out"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn sign_out(
    State(gateway): State<Gateway>,
    at: OwnAccount<AccountsWrite>,
) -> Result<StatusCode, Problem> {
    let client = gateway.client(&at.caller.tenant, &at.account).await?;
    code_grant(&client)?.forget().await?;
    gateway.renew_client(&at.caller.tenant, &at.caller.key, &at.account, "account.signed_out").await;
    Ok(StatusCode::NO_CONTENT)
}
