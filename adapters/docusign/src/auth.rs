//! How requests are signed, how tokens are got, and where an account lives.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{
    AccountId, Anonymous, Authorise, BaseUrl, Context, Detail, Effect, Error, ErrorKind, ExposeSecret, Grant,
    Link, Outgoing, Result, SecretString, Timestamp, TokenCache, WebUrl,
};
use http::Method;
use http::header::AUTHORIZATION;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::DESCRIPTOR;
use crate::config::{Credentials, DocusignConfig};
use crate::jwt::{SCOPE, SigningKey, assertion};
use crate::lenient::Object;
use crate::wire::{TokenAnswer, UserAccount, UserInfo};

/// Tokens of the JWT grant live an hour; DocuSign's staff advises to renew them early, and so does this, ten minutes
/// before (docusign-esign-csharp-client issue 171).
const EARLY: Duration = Duration::from_secs(600);
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// How long the place of an account is believed when a fixed token is used. Accounts move rarely; userinfo is not
/// for every call.
const PLACE_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What stands for itself in a query (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signs requests for one account.
#[derive(Debug)]
pub(crate) struct SignIn {
    account: AccountId,
    oauth: BaseUrl,
    base: Option<BaseUrl>,
    /// Whether the OAuth host was configured to be on this machine: then an API on this machine is believed too.
    local: bool,
    redirect_uri: Option<WebUrl>,
    way: Way,
    sessions: TokenCache<Session>,
}

#[derive(Debug)]
enum Way {
    Token(Bearer),
    Jwt { integration_key: String, user_id: String, key: SigningKey },
}

#[derive(Debug, Clone)]
struct Session {
    bearer: Bearer,
    base: BaseUrl,
}

/// A token in the form of the header's value.
#[derive(Debug, Clone)]
struct Bearer(SecretString);

impl Bearer {
    fn new(token: &str) -> Self {
        Self(SecretString::from(format!("Bearer {token}")))
    }
}

/// Requests with one token to one host; nothing is renewed.
#[derive(Debug)]
struct With {
    bearer: Bearer,
    base: BaseUrl,
}

#[async_trait]
impl Authorise for With {
    async fn grant(&self, _cx: &Context) -> Result<Grant> {
        Ok(Grant::anonymous(self.base.clone()).with_header(AUTHORIZATION, self.bearer.0.clone()))
    }

    async fn refused(&self, _grant: &Grant) -> bool {
        false
    }

    /// Userinfo lives on the OAuth host, outside the account's hourly limit.
    fn counts(&self) -> bool {
        false
    }
}

#[async_trait]
impl Authorise for SignIn {
    async fn grant(&self, cx: &Context) -> Result<Grant> {
        if let (Way::Token(bearer), Some(base)) = (&self.way, &self.base) {
            return Ok(Grant::anonymous(base.clone()).with_header(AUTHORIZATION, bearer.0.clone()));
        }
        let lease = self.sessions.get(cx.now(), || self.session(cx)).await?;
        Ok(Grant::anonymous(lease.value.base)
            .with_header(AUTHORIZATION, lease.value.bearer.0)
            .with_generation(lease.generation))
    }

    async fn refused(&self, grant: &Grant) -> bool {
        self.sessions.drop_generation(grant.generation);
        matches!(self.way, Way::Jwt { .. })
    }
}

/// As whom one signed in: the parts of userinfo that matter.
pub(crate) struct Identity {
    pub(crate) base: BaseUrl,
    pub(crate) account: Option<String>,
    pub(crate) user: Option<String>,
}

impl SignIn {
    /// `key` is the parsed private key, where the configuration's reader has parsed it already.
    pub(crate) fn new(config: DocusignConfig, key: Option<SigningKey>) -> Result<Self> {
        config.check()?;
        let oauth = config.oauth()?;
        let way = match config.credentials {
            Credentials::Token(token) => Way::Token(Bearer::new(token.expose_secret())),
            Credentials::Jwt { integration_key, user_id, private_key } => {
                let key = match key {
                    Some(key) => key,
                    None => SigningKey::parse(private_key.expose_secret()).map_err(|problem| {
                        Error::new(ErrorKind::Config, format!("`private_key` {problem}"))
                            .with_hint(SigningKey::EXPECTED)
                    })?,
                };
                Way::Jwt { integration_key, user_id, key }
            }
        };
        Ok(Self {
            account: config.account_id,
            local: config.oauth_url.as_ref().is_some_and(BaseUrl::is_loopback),
            oauth,
            base: config.base_url.map(without_restapi).transpose()?,
            redirect_uri: config.redirect_uri,
            way,
            sessions: TokenCache::new(EARLY),
        })
    }

    /// Signs in anew, past every cache, and asks userinfo as whom.
    pub(crate) async fn identify(&self, cx: &Context) -> Result<Identity> {
        let (bearer, _) = self.token(cx).await?;
        let info = self.userinfo(cx, bearer).await?;
        let account = self.account_of(&info)?;
        let base = match &self.base {
            Some(base) => base.clone(),
            None => self.place(account)?,
        };
        Ok(Identity { base, account: account.account_name.clone(), user: info.email.or(info.sub) })
    }

    async fn session(&self, cx: &Context) -> Result<(Session, Timestamp)> {
        let asked_at = cx.now();
        let (bearer, life) = self.token(cx).await?;
        let base = match &self.base {
            Some(base) => base.clone(),
            None => {
                let info = self.userinfo(cx, bearer.clone()).await?;
                self.place(self.account_of(&info)?)?
            }
        };
        Ok((Session { bearer, base }, asked_at.saturating_add(life).unwrap_or(asked_at)))
    }

    /// A token and how long it is good for.
    async fn token(&self, cx: &Context) -> Result<(Bearer, Duration)> {
        let (integration_key, user_id, key) = match &self.way {
            Way::Token(bearer) => return Ok((bearer.clone(), PLACE_LIFE)),
            Way::Jwt { integration_key, user_id, key } => (integration_key, user_id, key),
        };
        let assertion = assertion(key, integration_key, user_id, self.oauth.authority(), cx.now())?;
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.expose_secret()),
        ];
        let out = Outgoing::new(Method::POST, &["oauth", "token"]).form(&form).secret(assertion.clone());
        let link = Link::new(&DESCRIPTOR, Arc::new(Anonymous::new(self.oauth.clone())));
        let answer = cx
            .exchange(&link, Effect::Read, out)
            .await
            .map_err(|error| self.with_consent(error, integration_key))?;
        let Object(token): Object<TokenAnswer> = answer.json()?;
        let Some(text) = token.access_token else {
            return Err(answer.unreadable("the answer to the sign-in has no `access_token`"));
        };
        let life = token.expires_in.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        Ok((Bearer::new(&text), life.unwrap_or(TOKEN_LIFE)))
    }

    async fn userinfo(&self, cx: &Context, bearer: Bearer) -> Result<UserInfo> {
        let link = Link::new(&DESCRIPTOR, Arc::new(With { bearer, base: self.oauth.clone() }));
        let out = Outgoing::new(Method::GET, &["oauth", "userinfo"]);
        let Object(info) = cx.exchange(&link, Effect::Read, out).await?.json()?;
        Ok(info)
    }

    /// The configured account among those of the user. The short number does not occur in userinfo; with it the
    /// user's only or default account decides.
    fn account_of<'i>(&self, info: &'i UserInfo) -> Result<&'i UserAccount> {
        let wanted = self.account.as_str();
        let named = |account: &&UserAccount| {
            account.account_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(wanted))
        };
        if let Some(account) = info.accounts().find(named) {
            return Ok(account);
        }
        if wanted.bytes().all(|byte| byte.is_ascii_digit()) {
            let default = info.accounts().find(|account| account.is_default == Some(true));
            match (default, info.accounts.as_slice()) {
                (Some(account), _) | (None, [Object(account)]) => return Ok(account),
                _ => {}
            }
        }
        let theirs = info
            .accounts()
            .map(|account| Detail::new("account of this user", None, account.account_id.clone()))
            .collect();
        Err(Error::new(
            ErrorKind::Config,
            "the user who signs in has no account with the configured `account_id`",
        )
        .with_hint("check `account_id` and `environment`, or sign in as a user of that account")
        .with_details(theirs))
    }

    /// Where the account lives. A token goes nowhere but to DocuSign's own hosts, whatever an answer says.
    fn place(&self, account: &UserAccount) -> Result<BaseUrl> {
        let refused = |message: &'static str| {
            Error::new(ErrorKind::InvalidResponse, message)
                .with_hint("if that host is right, configure it as base_url; no token was sent to it")
        };
        let Some(base) = account.base_uri.as_deref() else {
            return Err(refused("userinfo names no base URL for the account"));
        };
        let base = BaseUrl::new(base).map_err(|_| refused("userinfo names a base URL that is none"))?;
        let host = base.url().host_str().unwrap_or_default();
        let docusign = host == "docusign.net" || host.ends_with(".docusign.net");
        if (base.is_https() && docusign) || (self.local && base.is_loopback()) {
            without_restapi(base)
        } else {
            Err(refused("userinfo names a base URL outside https://….docusign.net"))
        }
    }

    /// Writes out the URL at which the user consents. It holds the integration key, which is no secret.
    fn with_consent(&self, error: Error, integration_key: &str) -> Error {
        if error.kind() != ErrorKind::ConsentRequired {
            return error;
        }
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let start = format!(
            "{}/oauth/auth?response_type=code&scope={}&client_id={}&redirect_uri=",
            self.oauth.as_str(),
            encode(SCOPE),
            encode(integration_key),
        );
        error.with_hint(match &self.redirect_uri {
            Some(uri) => format!(
                "open {start}{} once as the user to act for, then repeat the call; an administrator can also consent for all users",
                encode(uri.as_str()),
            ),
            None => format!(
                "open {start}<a redirect URI registered for the integration key, percent-encoded> once as the user to act for, then repeat the call; set `redirect_uri` to have the URL written out",
            ),
        })
    }
}

/// DocuSign's SDKs call `{host}/restapi` the base path; both forms are taken.
fn without_restapi(base: BaseUrl) -> Result<BaseUrl> {
    match base.as_str().strip_suffix("/restapi") {
        Some(host) => Ok(BaseUrl::new(host)?),
        None => Ok(base),
    }
}
