//! The account: what a client needs, newly created at every start; limits and switches; what a token's scopes cover.

use axum::http::{HeaderName, header};
use serde::{Deserialize, Serialize};

use crate::secret::{Secret, unguessable};
use crate::vendors::Call;
use crate::vendors::code_grant::Grants;
use crate::vendors::played::Start;
use crate::world::SENDER_EMAIL;

/// How to reach the simulated BoldSign.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoldsignAccess {
    /// Base URL of the API in the key's region, without `/v1`.
    pub base_url: String,
    /// The API key.
    pub api_key: Secret,
    /// Base URL of the OAuth host, without `/connect`.
    pub oauth_url: String,
    /// Id of the account's OAuth application, which may use the authorization code and the client credentials
    /// grants.
    pub client_id: String,
    /// Secret of that application.
    pub client_secret: Secret,
    /// Its registered redirect URI; any URI on this machine is accepted as well.
    pub redirect_uri: String,
    /// An OAuth access token of the same account; it does not expire.
    pub bearer_token: Secret,
    /// Address of the account's user.
    pub sender_email: String,
    /// Base URL of another region, where the key is refused.
    pub eu_base_url: String,
}

/// How limits are reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RateLimits {
    /// As recorded in 2024: `X-Rate-Limit-Limit` is a period, the reset an ISO time; a refusal is plain text with
    /// `Retry-After`.
    #[default]
    Recorded,
    /// As documented: `X-RateLimit-Limit` is a number, the reset in Unix seconds; a refusal has them too.
    Documented,
    /// Not at all.
    Untold,
}

/// Limits and switches of BoldSign. The defaults are the vendor's published figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct BoldsignSettings {
    /// Seconds for which an OAuth token is valid (documented: 3,600).
    pub token_life_seconds: u32,
    /// Calls per account and clock hour (rate-limit page: 2,000 live, 50 in its own sandbox).
    pub hourly_limit: u32,
    /// Seconds, by the world's clock, until a sent document exists.
    pub creation_delay_seconds: u32,
    /// Documents sent from now on are never created; only their 201 is returned.
    pub creation_fails: bool,
    /// How calls report their limits.
    pub rate_limits: RateLimits,
    /// Whether webhooks have the member `context`, as documented. Those recorded in 2024 and 2025 had none.
    pub webhook_context: bool,
}

impl Default for BoldsignSettings {
    fn default() -> Self {
        Self {
            token_life_seconds: 3_600,
            hourly_limit: 2_000,
            creation_delay_seconds: 0,
            creation_fails: false,
            rate_limits: RateLimits::Recorded,
            webhook_context: true,
        }
    }
}

impl BoldsignSettings {
    pub(crate) fn limit_calls(&mut self, hourly: u32) {
        self.hourly_limit = hourly;
    }
}

pub(crate) type Account = crate::vendors::account::Account<BoldsignAccess, BoldsignSettings>;

impl Account {
    pub(crate) fn start(start: &Start<'_>) -> std::io::Result<Self> {
        let base_url = start.base_url;
        let access = BoldsignAccess {
            base_url: base_url.to_owned(),
            api_key: Secret::new(unguessable()),
            oauth_url: base_url.to_owned(),
            client_id: "5d0c0004-7b5e-4b62-9f7e-000000000004".to_owned(),
            client_secret: Secret::new(unguessable()),
            redirect_uri: "http://localhost/consented".to_owned(),
            bearer_token: Secret::new(unguessable()),
            sender_email: SENDER_EMAIL.to_owned(),
            eu_base_url: format!("{base_url}/regions/eu"),
        };
        Ok(Self::new(access, Grants::default(), ()))
    }
}

/// The credentials of a call.
pub(super) enum Admission {
    /// The key, or the token without restrictions.
    Full,
    Scopes(String),
}

/// The key of the account's own region, or a token. Both are invalid in any other region.
pub(super) fn admitted(account: &Account, call: &Call<'_>, region: &str) -> Option<Admission> {
    if region != "us" {
        return None;
    }
    let access = &account.access;
    if call.header(HeaderName::from_static("x-api-key")) == Some(access.api_key.expose()) {
        return Some(Admission::Full);
    }
    let (scheme, token) = call.header(header::AUTHORIZATION)?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    if token.trim() == access.bearer_token.expose() {
        return Some(Admission::Full);
    }
    let now = call.live.now();
    account.tokens().scope(token.trim(), now).map(|scope| Admission::Scopes(scope.to_owned()))
}

impl Admission {
    /// Scopes are checked loosely: by the first word of the route, and by reading or writing.
    pub(super) fn covers(&self, method: &str, route: &[&str]) -> bool {
        let Self::Scopes(scopes) = self else { return true };
        let area = match route.first() {
            Some(&"document") => "BoldSign.Documents",
            Some(&"brand") => "BoldSign.Brands",
            _ => return true,
        };
        let does: &[&str] = match (method, route) {
            ("GET", _) => &["All", "Read"],
            (_, [_, "send"]) => &["All", "Create"],
            _ => &["All", "Write"],
        };
        scopes
            .split_whitespace()
            .any(|scope| scope.rsplit_once('.').is_some_and(|(of, may)| of == area && does.contains(&may)))
    }
}
