//! What handlers take from a request: the caller with a scope, the envelope, the idempotency key, the body.

use std::marker::PhantomData;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use countersign::ledger::{CallOptions, IdempotencyKey};
use countersign::redact::{escape_control, shortened};
use countersign::{Client, EnvelopeId};
use serde::de::DeserializeOwned;

use crate::api_key::KeyScope;
use crate::auth::{authenticate, only, refusal};
use crate::directory::AccountRow;
use crate::gateway::{Gateway, account_not_found};
use crate::problem::Problem;
use crate::rate_fields::Used;

/// The largest body. Requests are names and settings, so this is generous.
const LARGEST: usize = 256 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The longest time limit that a caller may set.
const LONGEST_CALL: u64 = 300;

const TIMEOUT: HeaderName = HeaderName::from_static("countersign-timeout");
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Which scope a route needs; `()` for any key.
pub(crate) trait Needs: Send + Sync {
    const SCOPE: Option<KeyScope>;
}

impl Needs for () {
    const SCOPE: Option<KeyScope> = None;
}

macro_rules! needs {
    ($($name:ident)*) => {
        $(pub(crate) struct $name;
        impl Needs for $name {
            const SCOPE: Option<KeyScope> = Some(KeyScope::$name);
        })*
    };
}
needs!(EnvelopesRead ViewsWrite EnvelopesWrite CallsRead CallsResolve EventsRead EventsText EndpointsRead
    EndpointsWrite AccountsRead AccountsWrite AuditRead DataErase);

/// The caller, whose key has the scope that the route needs.
pub(crate) struct Caller<N> {
    pub(crate) tenant: String,
    /// The public part of the key.
    pub(crate) key: String,
    /// The accounts that the key may use; `None` for all.
    pub(crate) accounts: Option<Vec<String>>,
    needs: PhantomData<N>,
}

impl<N> Caller<N> {
    /// Whether the key may use the account with this id. To a key that may not, the account does not exist.
    pub(crate) fn may_use(&self, account: &str) -> bool {
        self.accounts.as_ref().is_none_or(|accounts| accounts.iter().any(|one| one == account))
    }

    /// The tenant's account with this name or id.
    pub(crate) async fn account(&self, gateway: &Gateway, named: &str) -> Result<AccountRow, Problem> {
        let account = gateway.directory().account(&self.tenant, named).await?;
        account.filter(|account| self.may_use(&account.id)).ok_or_else(account_not_found)
    }
}

impl<N: Needs> Caller<N> {
    /// With the tenant's account of this name or id, if the key may use it, in one read.
    async fn at(
        parts: &Parts,
        gateway: &Gateway,
        account: &str,
    ) -> Result<(Self, Option<AccountRow>), Problem> {
        let (caller, account) = authenticate(parts, gateway, account).await?;
        if let Some(problem) = N::SCOPE.and_then(|scope| refusal(&caller, scope)) {
            return Err(problem);
        }
        let (tenant, key, accounts) = (caller.tenant, caller.key, caller.accounts);
        let caller = Self { tenant, key, accounts, needs: PhantomData };
        let account = account.filter(|account| caller.may_use(&account.id));
        Ok((caller, account))
    }
}

impl<N: Needs> FromRequestParts<Gateway> for Caller<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        Ok(Self::at(parts, gateway, "").await?.0)
    }
}

/// The tenant's account that the path names.
pub(crate) struct OwnAccount<N> {
    pub(crate) caller: Caller<N>,
    pub(crate) account: AccountRow,
}

impl<N: Needs> FromRequestParts<Gateway> for OwnAccount<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let named = in_path(parts, gateway, "account").await;
        // A caller without a valid key learns of nothing else.
        let (caller, found) = Caller::at(parts, gateway, named.as_deref().unwrap_or_default()).await?;
        named?;
        let account = found.ok_or_else(account_not_found)?;
        Ok(Self { caller, account })
    }
}

/// The envelope that the path names, with the client of its account.
pub(crate) struct OwnEnvelope<N> {
    pub(crate) caller: Caller<N>,
    pub(crate) client: Client,
    /// The id of its account.
    pub(crate) account: String,
    pub(crate) envelope: EnvelopeId,
}

impl<N: Needs> FromRequestParts<Gateway> for OwnEnvelope<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let named = in_path(parts, gateway, "envelope").await;
        let at =
            named.as_deref().ok().and_then(|named| named.split_once(':')).map_or("", |(account, _)| account);
        let (caller, found) = Caller::<N>::at(parts, gateway, at).await?;
        let named = named?;
        let (_, id) = named.split_once(':').ok_or_else(names_no_account)?;
        let account = found.ok_or_else(account_not_found)?;
        let (client, account, envelope) = client(gateway, &caller, account, id).await?;
        if let Some(used) = parts.extensions.get::<Used>() {
            let _ = used.set(client.clone());
        }
        Ok(Self { caller, client, account, envelope })
    }
}

/// Finds `account:id`, where the account is its name or its id.
pub(crate) async fn envelope<N>(
    gateway: &Gateway,
    caller: &Caller<N>,
    named: &str,
) -> Result<(Client, String, EnvelopeId), Problem> {
    let (account, id) = named.split_once(':').ok_or_else(names_no_account)?;
    client(gateway, caller, caller.account(gateway, account).await?, id).await
}

fn names_no_account() -> Problem {
    let hint = "write the account's name or id, a colon, and the vendor's id of the envelope";
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "invalid_request", "the envelope names no account", hint)
}

async fn client<N>(
    gateway: &Gateway,
    caller: &Caller<N>,
    account: AccountRow,
    id: &str,
) -> Result<(Client, String, EnvelopeId), Problem> {
    let id = EnvelopeId::new(id).map_err(countersign::Error::from)?;
    let client = gateway.client(&caller.tenant, &account).await?;
    Ok((client, account.id, id))
}

/// A parameter of the path, decoded.
pub(crate) async fn in_path(parts: &mut Parts, gateway: &Gateway, name: &str) -> Result<String, Problem> {
    let invalid = || {
        let hint = "encode it as UTF-8";
        Problem::new(StatusCode::BAD_REQUEST, "path_invalid", "the path cannot be decoded", hint)
    };
    let params = RawPathParams::from_request_parts(parts, gateway).await.map_err(|_| invalid())?;
    let found = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(invalid)
}

/// The key of a call that changes something at a vendor.
pub(crate) struct Key(pub(crate) IdempotencyKey);

impl FromRequestParts<Gateway> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Gateway) -> Result<Self, Problem> {
        let bad = |kind: &str, detail: &str| {
            let hint = "send `Idempotency-Key` with 1 to 128 printable characters without blanks, a new one for each \
                        request and the same one for each repetition";
            Problem::new(StatusCode::BAD_REQUEST, kind, detail, hint)
        };
        let Some(value) = only(&parts.headers, &KEY)? else {
            return Err(bad("idempotency_key_missing", "the request has no Idempotency-Key"));
        };
        let key = value.to_str().ok().and_then(unquoted).and_then(|text| IdempotencyKey::new(text).ok());
        key.map(Self).ok_or_else(|| bad("idempotency_key_invalid", "the Idempotency-Key is invalid"))
    }
}

/// The draft of the IETF writes the key as a quoted string (RFC 8941), in which only `"` and `\` have a `\` before
/// them; most callers write it bare. Both are the same key. `None` if the quotes do not fit.
fn unquoted(text: &str) -> Option<String> {
    let text = text.trim();
    let Some(rest) = text.strip_prefix('"') else {
        return (!text.contains('"')).then(|| text.to_owned());
    };
    let (mut key, mut chars) = (String::new(), rest.chars());
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(key),
            '\\' => key.push(chars.next().filter(|next| "\"\\".contains(*next))?),
            other => key.push(other),
        }
    }
}

/// The caller's time limit for the call.
pub(crate) struct TimeLimit(pub(crate) CallOptions);

impl FromRequestParts<Gateway> for TimeLimit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Gateway) -> Result<Self, Problem> {
        let Some(value) = only(&parts.headers, &TIMEOUT)? else { return Ok(Self(CallOptions::default())) };
        let seconds = value.to_str().ok().and_then(|text| text.trim().parse().ok());
        match seconds.filter(|seconds| (1..=LONGEST_CALL).contains(seconds)) {
            Some(seconds) => {
                let deadline = Some(Duration::from_secs(seconds));
                Ok(Self(CallOptions { deadline, ..CallOptions::default() }))
            }
            None => {
                let (detail, hint) = ("Countersign-Timeout is invalid", "give 1 to 300 seconds, or omit it");
                Err(Problem::new(StatusCode::BAD_REQUEST, "timeout_invalid", detail, hint))
            }
        }
    }
}

/// A JSON body with no other members than the type has.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Gateway> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Gateway) -> Result<Self, Problem> {
        let (status, hint) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send `Content-Type: application/json`");
        if !is_json(request.headers()) {
            return Err(Problem::new(status, "body_not_json", "the body is not declared as JSON", hint));
        }
        let body = axum::body::to_bytes(request.into_body(), LARGEST);
        let Ok(body) = tokio::time::timeout(BODY_TIME, body).await else {
            let (detail, hint) = ("the body did not arrive in time", "send it within 10 s");
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_slow", detail, hint));
        };
        let body = body.map_err(|_| {
            let (detail, hint) = ("the body is too large, or was cut off", "send at most 256 KiB");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail, hint)
        })?;
        // serde takes an array as a struct too, member by member in their order.
        if body.trim_ascii_start().first() == Some(&b'[') {
            return Err(wrong_shape("the body is an array, not an object"));
        }
        let mut read = serde_json::Deserializer::from_slice(&body);
        let value: T = serde_path_to_error::deserialize(&mut read).map_err(|error| unreadable(&error))?;
        read.end().map(|()| Self(value)).map_err(|_| not_json())
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn not_json() -> Problem {
    let (detail, hint) = ("the body is not JSON", "correct its syntax");
    Problem::new(StatusCode::BAD_REQUEST, "body_not_json", detail, hint)
}

/// Names the wrong member, never a value: it may be an access code or a key.
fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return not_json();
    }
    // serde's texts of these name members only; its other texts repeat values.
    let said = error.inner().to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let names_members = said.starts_with("missing field") || said.starts_with("unknown field");
    let variants = said.strip_prefix("unknown variant").and_then(|rest| rest.split_once(", expected "));
    let path = error.path().to_string();
    let detail = match (variants, path.as_str()) {
        (Some((_, variants)), _) => format!("a value is unknown; expected {variants}"),
        _ if names_members => said.to_owned(),
        (None, ".") => "the body is not an object with the members of this request".to_owned(),
        (None, path) => format!("`{}` has the wrong type", shortened(path)),
    };
    wrong_shape(&escape_control(&detail))
}

fn wrong_shape(detail: &str) -> Problem {
    let hint = "see the request's schema in /openapi.json";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail, hint)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_header_that_is_sent_twice_is_refused() {
        let mut headers = HeaderMap::new();
        assert!(only(&headers, &KEY).unwrap().is_none());
        headers.append(KEY, HeaderValue::from_static("one"));
        assert_eq!(only(&headers, &KEY).unwrap().unwrap(), "one");
        headers.append(KEY, HeaderValue::from_static("two"));
        let problem = Problem::from(only(&headers, &KEY).unwrap_err());
        assert_eq!((problem.status, problem.kind.as_str()), (400, "header_repeated"));
    }

    #[test]
    fn a_quoted_key_is_the_bare_one() {
        assert_eq!(unquoted("\"invoice-1\""), unquoted("invoice-1"));
        assert_eq!(unquoted(r#""a\"b\\""#).as_deref(), Some(r#"a"b\"#));
        for bad in [r#"""#, r#""a"b""#, r#""a"#, r#"a""#, r#""a\b""#, r#""a\""#, r#""a";b=1"#, r#"a"b"#] {
            assert_eq!(unquoted(bad), None, "{bad}");
        }
    }
}
