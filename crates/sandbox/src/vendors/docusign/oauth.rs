//! The OAuth host: the token endpoint with the JWT grant and the authorization code grant (a consent page, codes,
//! and rotating refresh tokens), userinfo, and the token check.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::account::Account;
use super::call::{ApiError, Call};
use crate::vendors::code_grant::{Asked, Presented, Redeemed, client, field, is_form};
use crate::world::{SENDER_EMAIL, SENDER_NAME, Vendor, after};

/// The short form of the account id, which the API accepts as well.
pub(super) const ACCOUNT_NUMBER: &str = "1703061";

const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds by which an assertion may be "from the future".
const CLOCK_SKEW: i64 = 5;
/// An assertion may be valid for an hour at most; with some tolerance for rounding.
const LONGEST_ASSERTION: i64 = 3_600 + CLOCK_SKEW;

struct Refusal {
    error: &'static str,
    description: Option<&'static str>,
}

fn invalid_grant(description: &'static str) -> Refusal {
    Refusal { error: "invalid_grant", description: Some(description) }
}

fn plain(error: &'static str) -> Refusal {
    Refusal { error, description: None }
}

/// The purpose of a token.
struct Granted {
    scope: String,
    /// Seconds.
    life: u32,
    refresh: Option<String>,
}

/// `POST /oauth/token`.
pub(super) fn token(call: &Call<'_>) -> Response {
    match grant(call) {
        Ok(Granted { scope, life, refresh }) => {
            let until = after(call.live.now(), i64::from(life));
            let token = call.account.tokens().issue(until);
            let mut body = json!({
                "access_token": token.expose(),
                "token_type": "Bearer",
                "expires_in": life,
                "scope": scope,
            });
            if let (Some(refresh), Some(body)) = (refresh, body.as_object_mut()) {
                body.insert("refresh_token".to_owned(), refresh.into());
            }
            (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
        Err(refusal) => {
            let mut body = json!({"error": refusal.error});
            if let (Some(description), Some(body)) = (refusal.description, body.as_object_mut()) {
                body.insert("error_description".to_owned(), description.into());
            }
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

fn grant(call: &Call<'_>) -> Result<Granted, Refusal> {
    if !is_form(call.headers) {
        return Err(plain("unsupported_grant_type"));
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body).into_owned().collect();
    let field = |name: &str| field(&form, name);
    match field("grant_type") {
        Some(JWT_GRANT) => {}
        Some(kind @ ("authorization_code" | "refresh_token")) => {
            return personal_grant(call, &form, kind);
        }
        _ => return Err(plain("unsupported_grant_type")),
    }
    let assertion = field("assertion").ok_or_else(|| plain("invalid_request"))?;
    let claims = claims(assertion).ok_or_else(|| invalid_grant("no_valid_keys_or_signatures"))?;
    let (account, access) = (call.account, &call.account.access);
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !claim("iss").eq_ignore_ascii_case(&access.integration_key) {
        return Err(invalid_grant("issuer_not_found"));
    }
    check_signature(assertion, &account.public_key)?;
    check_audience(claim("aud"), &access.oauth_url, call.headers)?;
    check_times(call, &claims)?;
    if !claim("sub").eq_ignore_ascii_case(&access.user_id) {
        return Err(invalid_grant("user_not_found"));
    }
    let scopes: Vec<&str> = claim("scope").split_whitespace().collect();
    let asks_enough = scopes.contains(&"signature") && scopes.contains(&"impersonation");
    if !asks_enough || !account.settings().consent {
        return Err(plain("consent_required"));
    }
    let life = account.settings().token_life_seconds;
    Ok(Granted { scope: "signature impersonation".to_owned(), life, refresh: None })
}

/// The claims, not yet trusted: the issuer selects the key.
fn claims(assertion: &str) -> Option<Value> {
    let payload = assertion.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn check_signature(assertion: &str, public_key: &[u8]) -> Result<(), Refusal> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    match jsonwebtoken::decode::<Value>(assertion, &DecodingKey::from_rsa_der(public_key), &rules) {
        Ok(_) => Ok(()),
        Err(_) => Err(invalid_grant("no_valid_keys_or_signatures")),
    }
}

/// The host of the demo environment; or this sandbox's own, or the one that was called (for example behind a TLS
/// proxy or a mapped port), for clients that override the OAuth host.
fn check_audience(audience: &str, own_url: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let own_host = own_url.split_once("://").map_or(own_url, |(_, host)| host);
    let localhost = own_host.replace("127.0.0.1", "localhost");
    let called = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = [Some("account-d.docusign.com"), Some(own_host), Some(localhost.as_str()), called];
    match own.contains(&Some(audience)) {
        true => Ok(()),
        false => Err(invalid_grant("no_valid_keys_or_signatures")),
    }
}

/// Checked against the real clock, because real clients sign with theirs, even if the world's clock was moved; if
/// the world's clock is frozen, clients are assumed to use it.
fn check_times(call: &Call<'_>, claims: &Value) -> Result<(), Refusal> {
    let now = call.live.machine_time().as_second();
    let number = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
    let issued = number("iat").or_else(|| number("nbf"));
    let expires = number("exp").ok_or_else(|| invalid_grant("expired_client_token"))?;
    if issued.is_some_and(|at| at > now + CLOCK_SKEW) {
        return Err(invalid_grant("no_valid_keys_or_signatures"));
    }
    if expires <= now || expires - issued.unwrap_or(now) > LONGEST_ASSERTION {
        return Err(invalid_grant("expired_client_token"));
    }
    Ok(())
}

/// `GET /oauth/userinfo`.
pub(super) fn userinfo(call: &Call<'_>) -> Response {
    if check(call).is_err() {
        // Reported for expired tokens: 401 with an "internal server error"
        // (docusign-esign-java-client issue 84).
        let reference = call.live.lock().ids.guid();
        let body = json!({"error": "internal_server_error", "reference_id": reference});
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let access = &call.account.access;
    Json(json!({
        "sub": access.user_id,
        "name": SENDER_NAME,
        "given_name": "Sandbox",
        "family_name": "Sender",
        "created": "2020-01-01T00:00:00.000",
        "email": SENDER_EMAIL,
        "accounts": [{
            "account_id": access.account_id,
            "is_default": true,
            "account_name": "Sandbox",
            "base_uri": access.base_url,
        }],
    }))
    .into_response()
}

/// Rejects calls without a valid token.
pub(super) fn check(call: &Call<'_>) -> Result<(), ApiError> {
    let unauthorized = |code| Err(ApiError::new(StatusCode::UNAUTHORIZED, code));
    let value = call.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, token)) = value.and_then(|value| value.split_once(' ')) else {
        return unauthorized("USER_AUTHENTICATION_FAILED");
    };
    let now = call.live.now();
    if !scheme.eq_ignore_ascii_case("bearer") || !call.account.tokens().admits(token.trim(), now) {
        return unauthorized("AUTHORIZATION_INVALID_TOKEN");
    }
    Ok(())
}

/// `GET /oauth/auth`.
pub(super) fn ask(call: &Call<'_>) -> Response {
    let asked = Asked::read(|name| call.query.get(name));
    refuse(call.account, &asked)
        .unwrap_or_else(|| asked.page(Vendor::DOCUSIGN.name(), SENDER_NAME, "/oauth/auth"))
}

/// `POST /oauth/auth`: the values of the page's buttons.
pub(super) fn answer(call: &Call<'_>) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(call.body).into_owned().collect();
    let refuse = |asked: &Asked| refuse(call.account, asked);
    Asked::answered(&form, refuse, |asked| {
        if asked.scope.split_whitespace().any(|scope| scope == "impersonation") {
            call.account.settings().consent = true;
        }
        call.account.tokens().grants.code(asked, call.live.now())
    })
}

fn refuse(account: &Account, asked: &Asked) -> Option<Response> {
    let access = &account.access;
    asked.refused(&access.integration_key, &access.redirect_uri, false)
}

/// The grants of a user who has consented, by code or by refresh token.
fn personal_grant(call: &Call<'_>, form: &[(String, String)], kind: &str) -> Result<Granted, Refusal> {
    let access = &call.account.access;
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (id, secret) = client(call.headers, form);
    if !id.eq_ignore_ascii_case(&access.integration_key) {
        return Err(plain("unauthorized_client"));
    }
    if secret.as_deref().is_some_and(|secret| secret != access.client_secret.expose()) {
        return Err(invalid_grant("expired_client_token"));
    }
    let now = call.live.now();
    let mut tokens = call.account.tokens();
    let redeemed = match kind {
        "authorization_code" => tokens.grants.redeem_code(
            &Presented {
                code: field("code").ok_or_else(|| plain("invalid_request"))?,
                client_id: &id,
                redirect_uri: field("redirect_uri"),
                verifier: field("code_verifier"),
                with_secret: secret.is_some(),
            },
            now,
        ),
        _ => {
            let token = field("refresh_token").ok_or_else(|| plain("invalid_request"))?;
            tokens.grants.redeem_refresh(token, &id, now)
        }
    };
    let Redeemed { scope, until } = redeemed.ok_or_else(|| plain("invalid_grant"))?;
    let rolls = scope.split_whitespace().any(|word| word == "extended");
    let refresh = tokens.grants.refresh(&id, &scope, now, until.filter(|_| !rolls));
    Ok(Granted { scope, life: call.account.settings().code_token_life_seconds, refresh: Some(refresh) })
}
