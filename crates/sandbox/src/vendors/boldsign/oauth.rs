//! The account host: browser sign-in, and tokens for users and applications.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::account::Account;
use crate::vendors::Call;
use crate::vendors::code_grant::{Application, Denied, REFRESH_LIFE, client, granted};
use crate::vendors::fields::has_word;
use crate::world::{Vendor, after};

/// Without it there is no refresh token.
const OFFLINE: &str = "offline_access";

/// Everything below `/connect`.
pub(super) fn handle(account: &Account, call: &Call<'_>, rest: &[&str]) -> Response {
    let application = Application {
        vendor: Vendor::BOLDSIGN,
        client_id: &account.access.client_id,
        redirect_uri: &account.access.redirect_uri,
        needs_challenge: true,
    };
    match (call.method(), rest) {
        ("GET" | "POST", ["authorize"]) => {
            application.authorize(call, |asked| account.tokens().code(asked, call.live.now()))
        }
        ("POST", ["token"]) => granted(grant(account, call)),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn grant(account: &Account, call: &Call<'_>) -> Result<Value, Denied> {
    let form = call.form().ok_or("invalid_request")?;
    let access = &account.access;
    let (id, secret) = client(call, &form);
    let wrong_secret = secret.as_deref().is_some_and(|secret| secret != access.client_secret.expose());
    if id != access.client_id || wrong_secret {
        return Err("invalid_client".into());
    }
    let now = call.live.now();
    let life = account.settings().token_life_seconds.into();
    let mut tokens = account.tokens();
    let kind = form.get("grant_type");
    if kind == Some("client_credentials") {
        secret.ok_or("invalid_client")?;
        let scope = form.get("scope").filter(|scope| !scope.trim().is_empty());
        let scope = scope.unwrap_or("BoldSign.Documents.All");
        if scope.split_whitespace().any(|word| !word.starts_with("BoldSign.")) {
            return Err("invalid_scope".into());
        }
        return Ok(tokens.tokens(scope, now, life, None));
    }
    if kind == Some("authorization_code") && form.get("redirect_uri").is_none() {
        return Err("invalid_request".into());
    }
    let granted = tokens.redeem(&form, secret.is_some(), now)?;
    let refresh = has_word(&granted.scope, OFFLINE).then(|| after(now, REFRESH_LIFE));
    Ok(tokens.tokens(&granted.scope, now, life, refresh))
}
