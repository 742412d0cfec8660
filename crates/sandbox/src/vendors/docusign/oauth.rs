//! The OAuth host: the token endpoint with the JWT grant, userinfo, and the check of tokens.

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::error::ApiError;
use super::person;
use crate::access::{SENDER_EMAIL, SENDER_NAME};
use crate::vendors::code_grant::is_form;
use crate::world::{World, after, lock};

/// The short form of the account id, which the API takes as well.
pub(super) const ACCOUNT_NUMBER: &str = "1703061";

const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds by which an assertion may be "from the future".
const CLOCK_SKEW: i64 = 5;
/// An assertion may live for an hour at most; a little slack for rounding.
const LONGEST_ASSERTION: i64 = 3_600 + CLOCK_SKEW;

pub(super) struct Refusal {
    error: &'static str,
    description: Option<&'static str>,
}

pub(super) fn invalid_grant(description: &'static str) -> Refusal {
    Refusal { error: "invalid_grant", description: Some(description) }
}

pub(super) fn plain(error: &'static str) -> Refusal {
    Refusal { error, description: None }
}

/// What a token is given for.
pub(super) struct Granted {
    pub(super) scope: String,
    /// Seconds.
    pub(super) life: u32,
    pub(super) refresh: Option<String>,
}

/// `POST /oauth/token`.
pub(super) fn token(world: &World, headers: &HeaderMap, body: &Bytes) -> Response {
    match grant(world, headers, body) {
        Ok(Granted { scope, life, refresh }) => {
            let until = after(world.now(), i64::from(life));
            let token = lock(&world.shared.docusign).issue(until);
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

fn grant(world: &World, headers: &HeaderMap, body: &Bytes) -> Result<Granted, Refusal> {
    if !is_form(headers) {
        return Err(plain("unsupported_grant_type"));
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match field("grant_type") {
        Some(JWT_GRANT) => {}
        Some(kind @ ("authorization_code" | "refresh_token")) => {
            return person::grant(world, headers, &form, kind);
        }
        _ => return Err(plain("unsupported_grant_type")),
    }
    let assertion = field("assertion").ok_or_else(|| plain("invalid_request"))?;
    let claims = claims(assertion).ok_or_else(|| invalid_grant("no_valid_keys_or_signatures"))?;
    let access = &world.shared.access;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !claim("iss").eq_ignore_ascii_case(&access.docusign.integration_key) {
        return Err(invalid_grant("issuer_not_found"));
    }
    check_signature(assertion, &access.docusign_public_key)?;
    check_audience(claim("aud"), &access.docusign.oauth_url)?;
    check_times(world, &claims)?;
    if !claim("sub").eq_ignore_ascii_case(&access.docusign.user_id) {
        return Err(invalid_grant("user_not_found"));
    }
    let scopes: Vec<&str> = claim("scope").split_whitespace().collect();
    let asks_enough = scopes.contains(&"signature") && scopes.contains(&"impersonation");
    if !asks_enough || !world.settings().docusign_consent {
        return Err(plain("consent_required"));
    }
    let life = world.settings().docusign_token_life_seconds;
    Ok(Granted { scope: "signature impersonation".to_owned(), life, refresh: None })
}

/// The claims, not yet trusted: the issuer decides whose key has to fit.
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

/// The demo environment's bare host, or this sandbox's own for clients that override the OAuth host.
fn check_audience(audience: &str, own_url: &str) -> Result<(), Refusal> {
    let own_host = own_url.split_once("://").map_or(own_url, |(_, host)| host);
    let localhost = own_host.replace("127.0.0.1", "localhost");
    match audience == "account-d.docusign.com" || audience == own_host || audience == localhost {
        true => Ok(()),
        false => Err(invalid_grant("no_valid_keys_or_signatures")),
    }
}

/// Judged by the real clock, since real clients sign with theirs, however far the world's was moved; but where the
/// world's clock stands still, clients are believed to have been given it.
fn check_times(world: &World, claims: &Value) -> Result<(), Refusal> {
    let now = world.assertion_time().as_second();
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
pub(super) fn userinfo(world: &World, headers: &HeaderMap) -> Response {
    if check(world, headers).is_err() {
        // Reported for expired tokens: 401 with an "internal server error"
        // (docusign-esign-java-client issue 84).
        let reference = lock(&world.shared.state).ids.guid();
        let body = json!({"error": "internal_server_error", "reference_id": reference});
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let access = &world.shared.access.docusign;
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

/// Refuses calls without a living token.
pub(super) fn check(world: &World, headers: &HeaderMap) -> Result<(), ApiError> {
    let unauthorized = |code, message: &str| Err(ApiError::new(StatusCode::UNAUTHORIZED, code, message));
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, token)) = value.and_then(|value| value.split_once(' ')) else {
        return unauthorized(
            "USER_AUTHENTICATION_FAILED",
            "One or both of Username and Password are invalid. Missing or invalid Authorization header.",
        );
    };
    let now = world.now();
    if !scheme.eq_ignore_ascii_case("bearer") || !lock(&world.shared.docusign).admits(token.trim(), now) {
        return unauthorized(
            "AUTHORIZATION_INVALID_TOKEN",
            "The access token provided is expired, revoked or malformed.",
        );
    }
    Ok(())
}
