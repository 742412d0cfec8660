//! Browser sign-in and tokens.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::account::{Account, SCOPE};
use crate::vendors::Call;
use crate::vendors::code_grant::{Application, Denied, client, granted};
use crate::world::{DAY, Vendor, after};

/// A year less a second.
const TOKEN_LIFE: i64 = 365 * DAY - 1;
/// Longer than a token's life; the real figure is not documented.
const REFRESH_LIFE: i64 = 2 * 365 * DAY;

/// Everything below `/oauth2`.
pub(super) fn handle(account: &Account, call: &Call<'_>, rest: &[&str]) -> Response {
    let application = Application {
        vendor: Vendor::PANDADOC,
        client_id: &account.access.client_id,
        redirect_uri: &account.access.redirect_uri,
        needs_challenge: false,
    };
    match (call.method(), rest) {
        ("GET" | "POST", ["authorize"]) => {
            application.authorize(call, |asked| account.tokens().code(asked, call.live.now()))
        }
        ("POST", ["access_token"]) => granted(grant(account, call)),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn grant(account: &Account, call: &Call<'_>) -> Result<Value, Denied> {
    let form = call.form().ok_or("invalid_request")?;
    let access = &account.access;
    let (id, secret) = client(call, &form);
    if id != access.client_id || secret.as_deref() != Some(access.client_secret.expose()) {
        return Err("invalid_client".into());
    }
    let now = call.live.now();
    let mut tokens = account.tokens();
    tokens.redeem(&form, true, now)?;
    if form.get("scope").is_some_and(|scope| scope.replace(' ', "+") != SCOPE) {
        return Err("invalid_scope".into());
    }
    Ok(tokens.tokens(SCOPE, now, TOKEN_LIFE, Some(after(now, REFRESH_LIFE))))
}
