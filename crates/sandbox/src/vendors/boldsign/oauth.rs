//! The account host: signing in with a browser, and tokens for people and applications.

use axum::Json;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Token;
use crate::access::SENDER_NAME;
use crate::vendors::code_grant::{Asked, Presented, client, is_form};
use crate::vendors::{Query, Vendor};
use crate::world::{World, after, lock, unguessable};

/// Without it there is no refresh token.
const OFFLINE: &str = "offline_access";

type Form = [(String, String)];

/// Everything below `/connect`.
pub(super) fn handle(world: &World, parts: &Parts, rest: &[&str], body: &Bytes) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    match (&parts.method, rest) {
        (&Method::GET, ["authorize"]) => {
            let query = Query::parse(parts.uri.query());
            let asked = Asked::read(|name| query.get(name));
            refuse(world, &asked)
                .unwrap_or_else(|| asked.page(Vendor::Boldsign.name(), SENDER_NAME, "/connect/authorize"))
        }
        (&Method::POST, ["authorize"]) => answer(world, &form),
        (&Method::POST, ["token"]) => token(world, &parts.headers, &form),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn field<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn refuse(world: &World, asked: &Asked) -> Option<Response> {
    let access = &world.shared.access.boldsign;
    asked
        .stranger(&access.client_id, &access.redirect_uri)
        .or_else(|| asked.mistake(true).map(|word| asked.back("error", word)))
}

/// What the page's buttons send.
fn answer(world: &World, form: &Form) -> Response {
    let asked = Asked::read(|name| field(form, name));
    if let Some(refused) = refuse(world, &asked) {
        return refused;
    }
    if field(form, "action") != Some("allow") {
        return asked.back("error", "access_denied");
    }
    let now = world.now();
    let code = lock(&world.shared.boldsign).grants.code(&asked, now);
    asked.back("code", &code)
}

fn token(world: &World, headers: &HeaderMap, form: &Form) -> Response {
    let granted = if is_form(headers) { grant(world, headers, form) } else { Err("invalid_request") };
    match granted {
        Ok(body) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(word) => (StatusCode::BAD_REQUEST, Json(json!({"error": word}))).into_response(),
    }
}

fn grant(world: &World, headers: &HeaderMap, form: &Form) -> Result<serde_json::Value, &'static str> {
    let access = &world.shared.access.boldsign;
    let (id, secret) = client(headers, form);
    let wrong_secret = secret.as_deref().is_some_and(|secret| secret != access.client_secret.expose());
    if id != access.client_id || wrong_secret {
        return Err("invalid_client");
    }
    let now = world.now();
    let mut office = lock(&world.shared.boldsign);
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
            (office.grants.redeem_code(&shown, now).ok_or("invalid_grant")?.scope, true)
        }
        Some("refresh_token") => {
            let token = field(form, "refresh_token").ok_or("invalid_request")?;
            (office.grants.redeem_refresh(token, &id, now).ok_or("invalid_grant")?.scope, true)
        }
        _ => return Err("unsupported_grant_type"),
    };
    let life = world.settings().boldsign_token_life_seconds;
    let token = unguessable();
    let mut body = json!({"access_token": token, "expires_in": life, "token_type": "Bearer", "scope": scope});
    if may_refresh
        && scope.split_whitespace().any(|word| word == OFFLINE)
        && let Some(body) = body.as_object_mut()
    {
        let refresh = office.grants.refresh(&id, &scope, now, None);
        body.insert("refresh_token".to_owned(), refresh.into());
    }
    office.tokens.insert(token, Token { scope, until: after(now, i64::from(life)) });
    Ok(body)
}
