//! The account host: browser sign-in, and tokens for users and applications.

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::account::Account;
use super::call::Call;
use crate::vendors::code_grant::{Asked, Form, Presented, client, field, granted};
use crate::world::{SENDER_NAME, Vendor, after};

/// Without it there is no refresh token.
const OFFLINE: &str = "offline_access";

/// Everything below `/connect`.
pub(super) fn handle(call: &Call<'_>, method: &Method, rest: &[&str]) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body).into_owned().collect();
    match (method, rest) {
        (&Method::GET, ["authorize"]) => {
            let asked = Asked::read(|name| call.query.get(name));
            refuse(call.account, &asked)
                .unwrap_or_else(|| asked.page(Vendor::BOLDSIGN.name(), SENDER_NAME, "/connect/authorize"))
        }
        (&Method::POST, ["authorize"]) => Asked::answered(
            &form,
            |asked| refuse(call.account, asked),
            |asked| call.account.tokens().grants.code(asked, call.live.now()),
        ),
        (&Method::POST, ["token"]) => granted(call.headers, || grant(call, &form)),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn refuse(account: &Account, asked: &Asked) -> Option<Response> {
    let access = &account.access;
    asked.refused(&access.client_id, &access.redirect_uri, true)
}

fn grant(call: &Call<'_>, form: &Form) -> Result<serde_json::Value, &'static str> {
    let access = &call.account.access;
    let (id, secret) = client(call.headers, form);
    let wrong_secret = secret.as_deref().is_some_and(|secret| secret != access.client_secret.expose());
    if id != access.client_id || wrong_secret {
        return Err("invalid_client");
    }
    let now = call.live.now();
    let life = call.account.settings().token_life_seconds;
    let mut tokens = call.account.tokens();
    let (scope, may_refresh) = match field(form, "grant_type") {
        Some("client_credentials") => {
            secret.ok_or("invalid_client")?;
            let scope = field(form, "scope").filter(|scope| !scope.trim().is_empty());
            let scope = scope.unwrap_or("BoldSign.Documents.All").to_owned();
            if scope.split_whitespace().any(|word| !word.starts_with("BoldSign.")) {
                return Err("invalid_scope");
            }
            (scope, false)
        }
        Some("authorization_code") => {
            let shown = Presented {
                code: field(form, "code").ok_or("invalid_request")?,
                client_id: &id,
                redirect_uri: Some(field(form, "redirect_uri").ok_or("invalid_request")?),
                verifier: field(form, "code_verifier"),
                with_secret: secret.is_some(),
            };
            (tokens.grants.redeem_code(&shown, now).ok_or("invalid_grant")?.scope, true)
        }
        Some("refresh_token") => {
            let token = field(form, "refresh_token").ok_or("invalid_request")?;
            (tokens.grants.redeem_refresh(token, &id, now).ok_or("invalid_grant")?.scope, true)
        }
        _ => return Err("unsupported_grant_type"),
    };
    let token = tokens.issue(scope.clone(), after(now, i64::from(life)));
    let mut body = json!({"access_token": token, "expires_in": life, "token_type": "Bearer", "scope": scope});
    if may_refresh
        && scope.split_whitespace().any(|word| word == OFFLINE)
        && let Some(body) = body.as_object_mut()
    {
        let refresh = tokens.grants.refresh(&id, &scope, now, None);
        body.insert("refresh_token".to_owned(), refresh.into());
    }
    Ok(body)
}
