//! The OAuth host: the token endpoint with the JWT grant and the authorization code grant (a consent page, codes,
//! and rotating refresh tokens), userinfo, and the token check.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::account::Account;
use super::call::ApiError;
use crate::vendors::Call;
use crate::vendors::code_grant::{Application, Denied, Granted, REFRESH_LIFE, client, granted};
use crate::vendors::fields::{Query, has_word};
use crate::world::{SENDER_EMAIL, SENDER_NAME, Vendor, after};

/// The short form of the account id, which the API accepts as well.
pub(super) const ACCOUNT_NUMBER: &str = "1703061";

const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds by which an assertion may be "from the future".
const CLOCK_SKEW: i64 = 5;
/// An assertion may be valid for an hour at most; with some tolerance for rounding.
const LONGEST_ASSERTION: i64 = 3_600 + CLOCK_SKEW;

fn invalid_grant(description: &'static str) -> Denied {
    Denied { error: "invalid_grant", description: Some(description) }
}

/// `POST /oauth/token`.
pub(super) fn token(account: &Account, call: &Call<'_>) -> Response {
    granted(grant(account, call))
}

fn grant(account: &Account, call: &Call<'_>) -> Result<Value, Denied> {
    let form = call.form().ok_or("unsupported_grant_type")?;
    match form.get("grant_type") {
        Some(JWT_GRANT) => {}
        Some("authorization_code" | "refresh_token") => return personal_grant(account, call, &form),
        _ => return Err("unsupported_grant_type".into()),
    }
    let assertion = form.get("assertion").ok_or("invalid_request")?;
    let claims = claims(assertion).ok_or_else(|| invalid_grant("no_valid_keys_or_signatures"))?;
    let access = &account.access;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !claim("iss").eq_ignore_ascii_case(&access.integration_key) {
        return Err(invalid_grant("issuer_not_found"));
    }
    check_signature(assertion, &account.own.public_key)?;
    check_audience(claim("aud"), &access.oauth_url, call)?;
    check_times(call, &claims)?;
    if !claim("sub").eq_ignore_ascii_case(&access.user_id) {
        return Err(invalid_grant("user_not_found"));
    }
    let scopes: Vec<&str> = claim("scope").split_whitespace().collect();
    let asks_enough = scopes.contains(&"signature") && scopes.contains(&"impersonation");
    if !asks_enough || !account.settings().consent {
        return Err("consent_required".into());
    }
    let life = account.settings().token_life_seconds.into();
    Ok(account.tokens().tokens("signature impersonation", call.live.now(), life, None))
}

/// The claims, not yet trusted: the issuer selects the key.
fn claims(assertion: &str) -> Option<Value> {
    let payload = assertion.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn check_signature(assertion: &str, public_key: &[u8]) -> Result<(), Denied> {
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
fn check_audience(audience: &str, own_url: &str, call: &Call<'_>) -> Result<(), Denied> {
    let own_host = own_url.split_once("://").map_or(own_url, |(_, host)| host);
    let localhost = own_host.replace("127.0.0.1", "localhost");
    let own = [Some("account-d.docusign.com"), Some(own_host), Some(&localhost), call.header(header::HOST)];
    match own.contains(&Some(audience)) {
        true => Ok(()),
        false => Err(invalid_grant("no_valid_keys_or_signatures")),
    }
}

/// Checked against the real clock, because real clients sign with theirs, even if the world's clock was moved; if
/// the world's clock is frozen, clients are assumed to use it.
fn check_times(call: &Call<'_>, claims: &Value) -> Result<(), Denied> {
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
pub(super) fn userinfo(account: &Account, call: &Call<'_>) -> Response {
    if check(account, call).is_err() {
        // Reported for expired tokens: 401 with an "internal server error"
        // (docusign-esign-java-client issue 84).
        let reference = call.live.lock().ids.guid();
        let body = json!({"error": "internal_server_error", "reference_id": reference});
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let access = &account.access;
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
pub(super) fn check(account: &Account, call: &Call<'_>) -> Result<(), ApiError> {
    let unauthorized = |code| Err(ApiError::new(StatusCode::UNAUTHORIZED, code));
    let value = call.header(header::AUTHORIZATION);
    let Some((scheme, token)) = value.and_then(|value| value.split_once(' ')) else {
        return unauthorized("USER_AUTHENTICATION_FAILED");
    };
    let now = call.live.now();
    if !scheme.eq_ignore_ascii_case("bearer") || account.tokens().scope(token.trim(), now).is_none() {
        return unauthorized("AUTHORIZATION_INVALID_TOKEN");
    }
    Ok(())
}

/// `/oauth/auth`: the consent page, and the values of its buttons.
pub(super) fn authorize(account: &Account, call: &Call<'_>) -> Response {
    let access = &account.access;
    let application = Application {
        vendor: Vendor::DOCUSIGN,
        client_id: &access.integration_key,
        redirect_uri: &access.redirect_uri,
        needs_challenge: false,
    };
    application.authorize(call, |asked| {
        if asked.get("scope").is_some_and(|scope| has_word(scope, "impersonation")) {
            account.settings().consent = true;
        }
        account.tokens().code(asked, call.live.now())
    })
}

/// The grants of a user who has consented, by code or by refresh token.
fn personal_grant(account: &Account, call: &Call<'_>, form: &Query) -> Result<Value, Denied> {
    let access = &account.access;
    let (id, secret) = client(call, form);
    if !id.eq_ignore_ascii_case(&access.integration_key) {
        return Err("unauthorized_client".into());
    }
    if secret.as_deref().is_some_and(|secret| secret != access.client_secret.expose()) {
        return Err(invalid_grant("expired_client_token"));
    }
    let now = call.live.now();
    let life = account.settings().code_token_life_seconds.into();
    let mut tokens = account.tokens();
    let Granted { scope, until } = tokens.redeem(form, secret.is_some(), now)?;
    let until = if has_word(&scope, "extended") { after(now, REFRESH_LIFE) } else { until };
    Ok(tokens.tokens(&scope, now, life, Some(until)))
}
