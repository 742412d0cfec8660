//! The authorization code grant: the consent page, codes, and refresh tokens that roll.

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;

use super::oauth::{Granted, Refusal, invalid_grant, plain};
use crate::access::SENDER_NAME;
use crate::vendors::code_grant::{Asked, Presented, Redeemed, client};
use crate::vendors::{Query, Vendor};
use crate::world::{World, lock};

/// `GET /oauth/auth`.
pub(super) fn ask(world: &World, query: &Query) -> Response {
    let asked = Asked::read(|name| query.get(name));
    refuse(world, &asked).unwrap_or_else(|| asked.page(Vendor::Docusign.name(), SENDER_NAME, "/oauth/auth"))
}

/// `POST /oauth/auth`: what the page's buttons send.
pub(super) fn answer(world: &World, body: &Bytes) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let asked = Asked::read(field);
    if let Some(refused) = refuse(world, &asked) {
        return refused;
    }
    if field("action") != Some("allow") {
        return asked.back("error", "access_denied");
    }
    if asked.scope.split_whitespace().any(|scope| scope == "impersonation") {
        lock(&world.shared.settings).docusign_consent = true;
    }
    let now = world.now();
    let code = lock(&world.shared.docusign).grants.code(&asked, now);
    asked.back("code", &code)
}

fn refuse(world: &World, asked: &Asked) -> Option<Response> {
    let access = &world.shared.access.docusign;
    asked
        .stranger(&access.integration_key, &access.redirect_uri)
        .or_else(|| asked.mistake(false).map(|word| asked.back("error", word)))
}

/// The grants of somebody who has consented, by code or by refresh token.
pub(super) fn grant(
    world: &World,
    headers: &HeaderMap,
    form: &[(String, String)],
    kind: &str,
) -> Result<Granted, Refusal> {
    let access = &world.shared.access.docusign;
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (id, secret) = client(headers, form);
    if !id.eq_ignore_ascii_case(&access.integration_key) {
        return Err(plain("unauthorized_client"));
    }
    if secret.as_deref().is_some_and(|secret| secret != access.client_secret.expose()) {
        return Err(invalid_grant("expired_client_token"));
    }
    let now = world.now();
    let mut office = lock(&world.shared.docusign);
    let redeemed = match kind {
        "authorization_code" => office.grants.redeem_code(
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
            office.grants.redeem_refresh(token, &id, now)
        }
    };
    let Redeemed { scope, until } = redeemed.ok_or_else(|| plain("invalid_grant"))?;
    let rolls = scope.split_whitespace().any(|word| word == "extended");
    let refresh = office.grants.refresh(&id, &scope, now, until.filter(|_| !rolls));
    Ok(Granted { scope, life: world.settings().docusign_code_token_life_seconds, refresh: Some(refresh) })
}
