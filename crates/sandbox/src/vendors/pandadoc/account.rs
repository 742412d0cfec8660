//! The account: what a client needs, newly created at every start; limits and switches; the webhook subscription; whose
//! credentials a call has; browser sign-in and tokens.

use std::sync::{Mutex, MutexGuard};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret::{Secret, unguessable};
use crate::vendors::Call;
use crate::vendors::code_grant::{Application, Denied, Grants, client, granted};
use crate::vendors::meter::Window;
use crate::vendors::played::Start;
use crate::world::{DAY, SENDER_EMAIL, Vendor, after, lock};

const MINUTE: i64 = 60;

/// The only scope, with a plus sign or, as a decoded query has it, a space.
pub(super) const SCOPE: &str = "read+write";

/// Calls of a sandbox key per route and minute.
const OF_A_SANDBOX_KEY: u32 = 10;

/// How to reach the simulated PandaDoc.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PandadocAccess {
    /// Base URL of the API, without `/public/v1`.
    pub base_url: String,
    /// Base URL of the web application, which shows `/s/` and a session's id, and the consent page.
    pub app_url: String,
    /// The API key, without `API-Key`.
    pub api_key: Secret,
    /// A sandbox key of the same workspace.
    pub sandbox_key: Secret,
    /// A key of another workspace, which sees none of the documents.
    pub other_key: Secret,
    /// An OAuth access token of the same workspace, valid until tokens are revoked.
    pub access_token: Secret,
    /// A refresh token, as after a consent.
    pub refresh_token: Secret,
    /// Id of the workspace's OAuth application.
    pub client_id: String,
    /// Secret of that application.
    pub client_secret: Secret,
    /// Its registered redirect URI; any URI on this machine is accepted as well.
    pub redirect_uri: String,
    /// Address of the keys' member.
    pub sender_email: String,
}

/// Limits and switches of PandaDoc. The defaults are the published figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PandadocSettings {
    /// Calls per route and minute; without it, the published figure of each route.
    pub minute_limit: Option<u32>,
    /// Seconds, by the world's clock, until a created document is a draft (documented: three to five).
    pub creation_seconds: u32,
    /// The creation of documents fails from now on.
    pub creation_fails: bool,
    /// Whether the keys' member may edit documents.
    pub may_edit: bool,
    /// Whether the plan has passcodes.
    pub passcodes_in_plan: bool,
    /// Whether the details contain passcodes. Not documented.
    pub shows_passcodes: bool,
    /// Whether an administrator has certified that recipients agree to text messages.
    pub sms_certified: bool,
}

impl Default for PandadocSettings {
    fn default() -> Self {
        Self {
            minute_limit: None,
            creation_seconds: 3,
            creation_fails: false,
            may_edit: true,
            passcodes_in_plan: true,
            shows_passcodes: true,
            sms_certified: true,
        }
    }
}

impl PandadocSettings {
    /// Its window is the minute: what is allowed for an hour is allowed for one.
    pub(crate) fn limit_calls(&mut self, hourly: u32) {
        self.minute_limit = Some(hourly);
    }
}

/// An account with its one webhook subscription.
pub(crate) type Account =
    crate::vendors::account::Account<PandadocAccess, PandadocSettings, Mutex<Option<Subscription>>>;

/// A webhook subscription, as it is shown.
#[derive(Clone, Serialize)]
pub(crate) struct Subscription {
    #[serde(rename = "uuid")]
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) active: bool,
    pub(super) triggers: Vec<String>,
    pub(super) payload: Vec<String>,
    pub(super) shared_key: Secret,
    pub(super) status: &'static str,
    pub(super) workspace_id: &'static str,
}

impl Subscription {
    pub(super) fn wants(&self, event: &str) -> bool {
        self.triggers.iter().any(|trigger| trigger == event)
    }
}

/// The credentials of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// The production key, or a token.
    Production,
    Sandbox,
    OtherWorkspace,
}

impl Account {
    pub(crate) fn start(start: &Start<'_>) -> std::io::Result<Self> {
        let key = || Secret::new(unguessable());
        let client_id = unguessable().get(..20).unwrap_or_default().to_owned();
        let mut tokens = Grants::default();
        let access = PandadocAccess {
            base_url: start.base_url.to_owned(),
            app_url: start.base_url.to_owned(),
            api_key: key(),
            sandbox_key: key(),
            other_key: key(),
            access_token: tokens.token(SCOPE, after(start.now, 365 * DAY)).into(),
            refresh_token: tokens.refresh_token(SCOPE, Timestamp::MAX).into(),
            client_id,
            client_secret: key(),
            redirect_uri: "http://localhost/consented".to_owned(),
            sender_email: SENDER_EMAIL.to_owned(),
        };
        Ok(Self::new(access, tokens, Mutex::default()))
    }

    pub(super) fn subscription(&self) -> MutexGuard<'_, Option<Subscription>> {
        lock(&self.own)
    }

    /// Whose credentials these are, if they are good. The scheme's word is part of the value, in this case.
    pub(super) fn admit(&self, call: &Call<'_>) -> Option<Key> {
        let (scheme, given) = call.header(header::AUTHORIZATION)?.split_once(' ')?;
        let PandadocAccess { api_key, sandbox_key, other_key, .. } = &self.access;
        match scheme {
            "API-Key" if given == api_key.expose() => Some(Key::Production),
            "API-Key" if given == sandbox_key.expose() => Some(Key::Sandbox),
            "API-Key" if given == other_key.expose() => Some(Key::OtherWorkspace),
            "Bearer" => self.tokens().scope(given, call.live.now()).map(|_| Key::Production),
            _ => None,
        }
    }

    /// Counts a call of a route with this published limit of any 60 seconds. If it is one too many: the seconds until
    /// the next one.
    pub(super) fn wait(&self, key: Key, route: &str, limit: u32, now: Timestamp) -> Option<i64> {
        let set = self.settings().minute_limit;
        let limit = set.unwrap_or(if key == Key::Sandbox { OF_A_SANDBOX_KEY } else { limit });
        let [reading] = self.count(&format!("{key:?} {route}"), now, [(Window::Last(MINUTE), limit)]);
        reading.is_over.then(|| reading.reset - now.as_second())
    }
}

/// A year less a second.
const TOKEN_LIFE: i64 = 365 * DAY - 1;
/// Longer than a token's life; the real figure is not documented.
const REFRESH_LIFE: i64 = 2 * 365 * DAY;

/// Everything below `/oauth2`.
pub(super) fn oauth(account: &Account, call: &Call<'_>, rest: &[&str]) -> Response {
    let application = Application {
        vendor: Vendor::PANDADOC,
        client_id: &account.access.client_id,
        redirect_uri: &account.access.redirect_uri,
        needs_challenge: false,
    };
    match (call.method(), rest) {
        ("GET" | "POST", ["authorize"]) => {
            application.authorize(call, |asked| account.tokens().code(asked, call.live.now()))
        }
        ("POST", ["access_token"]) => granted(grant(account, call)),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn grant(account: &Account, call: &Call<'_>) -> Result<Value, Denied> {
    let form = call.form().ok_or("invalid_request")?;
    let access = &account.access;
    let (id, secret) = client(call, &form);
    if id != access.client_id || secret.as_deref() != Some(access.client_secret.expose()) {
        return Err("invalid_client".into());
    }
    let now = call.live.now();
    let mut tokens = account.tokens();
    tokens.redeem(&form, true, now)?;
    if form.get("scope").is_some_and(|scope| scope.replace(' ', "+") != SCOPE) {
        return Err("invalid_scope".into());
    }
    Ok(tokens.tokens(SCOPE, now, TOKEN_LIFE, Some(after(now, REFRESH_LIFE))))
}
