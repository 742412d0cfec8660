//! The account host: browser sign-in, and tokens for users and applications.

use axum::Json;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::account::Account;
use super::call::Call;
use crate::vendors::code_grant::{Asked, Presented, client, is_form};
use crate::world::{SENDER_NAME, Vendor, after};

/// Without it there is no refresh token.
const OFFLINE: &str = "offline_access";

type Form = [(String, String)];

/// Everything below `/connect`.
pub(super) fn handle(call: &Call<'_>, method: &Method, rest: &[&str]) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body).into_owned().collect();
    match (method, rest) {
        (&Method::GET, ["authorize"]) => {
            let asked = Asked::read(|name| call.query.get(name));
            refuse(call.account, &asked)
                .unwrap_or_else(|| asked.page(Vendor::BOLDSIGN.name(), SENDER_NAME, "/connect/authorize"))
        }
        (&Method::POST, ["authorize"]) => answer(call, &form),
        (&Method::POST, ["token"]) => token(call, &form),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn field<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn refuse(account: &Account, asked: &Asked) -> Option<Response> {
    let access = &account.access;
    asked.refused(&access.client_id, &access.redirect_uri, true)
}

/// The values of the page's buttons.
fn answer(call: &Call<'_>, form: &Form) -> Response {
    let asked = Asked::read(|name| field(form, name));
    if let Some(refused) = refuse(call.account, &asked) {
        return refused;
    }
    if field(form, "action") != Some("allow") {
        return asked.back("error", "access_denied");
    }
    let now = call.live.now();
    let code = call.account.tokens().grants.code(&asked, now);
    asked.back("code", &code)
}

fn token(call: &Call<'_>, form: &Form) -> Response {
    let granted = if is_form(call.headers) { grant(call, form) } else { Err("invalid_request") };
    match granted {
        Ok(body) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(word) => (StatusCode::BAD_REQUEST, Json(json!({"error": word}))).into_response(),
    }
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
