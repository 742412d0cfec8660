//! Browser sign-in and tokens.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::account::{Account, SCOPE};
use super::call::Call;
use crate::vendors::code_grant::{Asked, Form, Presented, client, field, granted};
use crate::vendors::fields::Query;
use crate::world::{DAY, SENDER_NAME, Vendor, after};

/// A year less a second.
const TOKEN_LIFE: i64 = 365 * DAY - 1;
/// Longer than a token's life; the real figure is not documented.
const REFRESH_LIFE: i64 = 2 * 365 * DAY;

/// Everything below `/oauth2`.
pub(super) fn handle(call: &Call<'_>, method: &Method, rest: &[&str], query: &Query) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body).into_owned().collect();
    match (method, rest) {
        (&Method::GET, ["authorize"]) => {
            let asked = Asked::read(|name| query.get(name));
            refuse(call.account, &asked)
                .unwrap_or_else(|| asked.page(Vendor::PANDADOC.name(), SENDER_NAME, "/oauth2/authorize"))
        }
        (&Method::POST, ["authorize"]) => Asked::answered(
            &form,
            |asked| refuse(call.account, asked),
            |asked| call.account.tokens().grants.code(asked, call.live.now()),
        ),
        (&Method::POST, ["access_token"]) => granted(call.headers, || grant(call, &form)),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refuse(account: &Account, asked: &Asked) -> Option<Response> {
    asked.refused(&account.access.client_id, &account.access.redirect_uri, false)
}

fn grant(call: &Call<'_>, form: &Form) -> Result<Value, &'static str> {
    let access = &call.account.access;
    let (id, secret) = client(call.headers, form);
    if id != access.client_id || secret.as_deref() != Some(access.client_secret.expose()) {
        return Err("invalid_client");
    }
    let now = call.live.now();
    let mut tokens = call.account.tokens();
    match field(form, "grant_type") {
        Some("authorization_code") => {
            let shown = Presented {
                code: field(form, "code").ok_or("invalid_request")?,
                client_id: &id,
                redirect_uri: field(form, "redirect_uri"),
                verifier: field(form, "code_verifier"),
                with_secret: true,
            };
            tokens.grants.redeem_code(&shown, now).ok_or("invalid_grant")?;
        }
        Some("refresh_token") => {
            let token = field(form, "refresh_token").ok_or("invalid_request")?;
            tokens.grants.redeem_refresh(token, &id, now).ok_or("invalid_grant")?;
        }
        _ => return Err("unsupported_grant_type"),
    }
    if field(form, "scope").is_some_and(|scope| scope.replace(' ', "+") != SCOPE) {
        return Err("invalid_scope");
    }
    Ok(json!({
        "access_token": tokens.issue(after(now, TOKEN_LIFE)),
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFE,
        "scope": SCOPE,
        "refresh_token": tokens.grants.refresh(&id, SCOPE, now, Some(after(now, REFRESH_LIFE))),
    }))
}
