//! Who calls: the key of a request, and what limits it.

use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::api_key::{ApiKey, KeyScope};
use crate::directory::{AccountRow, Caller};
use crate::gateway::Gateway;
use crate::peer::{Peer, TrustedProxies};
use crate::problem::Problem;

/// For the log: who called.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) tenant: String,
    pub(crate) key: String,
}

/// A header that was sent more than once.
#[derive(Debug)]
pub(crate) struct Repeated(String);

impl From<Repeated> for Problem {
    fn from(Repeated(name): Repeated) -> Self {
        let detail = format!("the request has more than one {name}");
        Self::new(StatusCode::BAD_REQUEST, "header_repeated", detail, "send it once")
    }
}

/// The header's value. Of two values, either could be meant, so both are refused.
pub(crate) fn only<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'h HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        _ => Err(Repeated(name.to_string())),
    }
}

/// The caller whose valid key the request has, within the key's limit, and the tenant's account with this name or id.
pub(crate) async fn authenticate(
    parts: &Parts,
    gateway: &Gateway,
    account: &str,
) -> Result<(Caller, Option<AccountRow>), Problem> {
    let hint = "send `Authorization: Bearer` and a key that the operator created";
    let unauthorized = |detail: &str| Problem::new(StatusCode::UNAUTHORIZED, "key_invalid", detail, hint);
    let text = only(&parts.headers, &header::AUTHORIZATION)?.and_then(|value| value.to_str().ok());
    let Some(text) = text else { return Err(unauthorized("the request has no key")) };
    let peer = parts.extensions.get::<Peer>().zip(parts.extensions.get::<TrustedProxies>());
    let client = peer.map(|(peer, proxies)| proxies.client(*peer, &parts.headers));
    let throttle = gateway.throttle();
    let too_many = |wait: Duration| {
        let detail = "too many wrong keys were sent";
        limited("too_many_wrong_keys", detail, "correct the key, and wait a minute", wait)
    };
    // The right key passes: many tenants may have one address, which is that of a proxy.
    let wrong = |detail: &str, id: Option<&str>| {
        let wait = throttle.blocked(client).or_else(|| throttle.wrong(client, id));
        wait.map_or_else(|| unauthorized(detail), too_many)
    };
    let bearer = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let key = bearer.and_then(|(_, key)| ApiKey::parse(key.trim()));
    let Some(key) = key else { return Err(wrong("the key is mistyped or not one of this gateway", None)) };
    let id = key.id().to_owned();
    let Some((caller, account)) = gateway.directory().caller_at(key, account).await? else {
        return Err(wrong("the key is unknown, revoked or expired", Some(&id)));
    };
    if let Some(who) = parts.extensions.get::<std::sync::Arc<std::sync::OnceLock<Who>>>() {
        let _ = who.set(Who { tenant: caller.tenant.clone(), key: caller.key.clone() });
    }
    if let Some(per_minute) = caller.per_minute
        && let Some(wait) = throttle.request(&caller.key, per_minute)
    {
        let detail = format!("the key may send {per_minute} requests in a minute");
        let hint = "send fewer requests, or ask the operator for a key with a higher limit";
        return Err(limited("key_limit_reached", &detail, hint, wait));
    }
    Ok((caller, account))
}

/// Why the key may not do this, if it may not.
pub(crate) fn refusal(caller: &Caller, scope: KeyScope) -> Option<Problem> {
    if !caller.scopes.contains(&scope) {
        let detail = format!("the key lacks the scope {}", scope.as_str());
        let hint = "use a key with this scope, or ask the operator for one";
        return Some(Problem::new(StatusCode::FORBIDDEN, "scope_missing", detail, hint));
    }
    let is_refused = caller.accounts.is_some() && scope.is_of_all_accounts();
    is_refused.then(restricted)
}

/// The problem of a key for some accounts, where all of them are concerned.
pub(crate) fn restricted() -> Problem {
    let detail = "the key is for some accounts only, and this is about all of them";
    Problem::new(StatusCode::FORBIDDEN, "key_restricted", detail, "use a key for all accounts")
}

fn limited(kind: &str, detail: &str, hint: &str, wait: Duration) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, kind, detail, hint).repeat_after(wait.as_secs() + 1)
}
