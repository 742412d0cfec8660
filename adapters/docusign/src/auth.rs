//! An account at DocuSign: its settings in code and in a configuration file, how its requests are signed, and where
//! its API is.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::auth::{ClientProof, JwtBearer, Locate, RsaKey, Session};
use countersign_core::json::Object;
use countersign_core::{
    Access, AccountId, BaseUrl, CodeGrant, Connection, Context, Effect, Error, ErrorKind, ExposeSecret,
    OauthClient, Problem, RequestBuilder, Result, SecretString, Settings, TokenEndpoint, TokenSlot, WebUrl,
    reclassify_auth_error,
};
use http::Method;

use crate::error::{Consent, may_pass};
use crate::wire::{UserAccount, UserInfo};
use crate::{DESCRIPTOR, check};

/// Tokens are renewed ten minutes before they expire, because DocuSign's staff advises to renew early
/// (docusign-esign-csharp-client issue 171).
const EARLY: Duration = Duration::from_secs(600);

/// The scopes that an integration requests; consent is given for exactly these.
const SCOPE: &str = "signature impersonation";

/// The scopes of a user who signs in; `extended` allows the refresh token to be renewed beyond its 30 days
/// (developers.docusign.com, platform/auth, scopes).
const CODE_SCOPE: &str = "signature extended";

/// DocuSign's SDKs call `{host}/restapi` the base path, and its guides show URLs with the version; all forms are
/// accepted.
const API_PATH: [&str; 2] = ["restapi", "v2.1"];

/// The environment of an account. Keys, users and envelopes of one environment are unknown in the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// The developer environment; signs in at `account-d.docusign.com`.
    #[default]
    Demo,
    /// The production environment; signs in at `account.docusign.com`.
    Production,
}

/// How to sign in. `Debug` hides the secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// An access token obtained elsewhere. It is never renewed: after it has expired, calls fail with
    /// `Unauthenticated`.
    Token(SecretString),
    /// The JWT grant: obtains tokens with the integration's RSA key, acting for one user.
    Jwt {
        /// The integration key (client id).
        integration_key: String,
        /// The GUID of the user to act for; neither the e-mail nor the account id.
        user_id: String,
        /// The RSA private key in PEM form, PKCS#1 or PKCS#8. A literal `\n`, as environment variables often
        /// contain, is read as a line break.
        private_key: SecretString,
    },
    /// The authorization code grant with PKCE: a user signs in with a browser, and calls act for that user. Tokens
    /// are stored in the [`TokenSlot`] of the configuration and renewed there.
    AuthorizationCode {
        /// The integration key (client id).
        integration_key: String,
        /// The integration's secret key, if it is registered as a confidential client; `None` for a public one.
        client_secret: Option<SecretString>,
    },
}

/// One DocuSign account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DocusignConfig {
    /// The account, as GUID or as the short number.
    pub account_id: AccountId,
    /// How to sign in.
    pub credentials: Credentials,
    /// The environment; decides where to sign in unless `oauth_url` is given.
    pub environment: Environment,
    /// The host of the API, as in userinfo (a trailing `/restapi` or `/restapi/v2.1` is removed). If absent, it is
    /// looked up at userinfo, as DocuSign requires.
    pub base_url: Option<BaseUrl>,
    /// The token host, instead of the environment's.
    pub oauth_url: Option<BaseUrl>,
    /// A redirect URI registered for the integration key: where a user who signs in returns to, and a part of the
    /// consent URL of the JWT grant.
    pub redirect_uri: Option<WebUrl>,
    /// Where the tokens of a user who signs in, or of the JWT grant, are stored. By default in memory.
    pub tokens: TokenSlot,
}

impl DocusignConfig {
    /// An account in the demo environment.
    #[must_use]
    pub fn new(account_id: AccountId, credentials: Credentials) -> Self {
        Self {
            account_id,
            credentials,
            environment: Environment::default(),
            base_url: None,
            oauth_url: None,
            redirect_uri: None,
            tokens: TokenSlot::memory(),
        }
    }

    /// Sets the environment.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Sets the API host, without looking it up.
    #[must_use]
    pub fn with_base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = Some(base_url);
        self
    }

    /// Sets the sign-in host.
    #[must_use]
    pub fn with_oauth_url(mut self, oauth_url: BaseUrl) -> Self {
        self.oauth_url = Some(oauth_url);
        self
    }

    /// Sets a registered redirect URI.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: WebUrl) -> Self {
        self.redirect_uri = Some(redirect_uri);
        self
    }

    /// Sets the token storage. Processes that share it use the same tokens.
    #[must_use]
    pub fn with_tokens(mut self, tokens: TokenSlot) -> Self {
        self.tokens = tokens;
        self
    }

    /// Reads an account's table: `account_id`, `environment`, `base_url`, `oauth_url`, `redirect_uri`, `auth`.
    ///
    /// # Errors `Config`, which names the key and the allowed values, never the value itself.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self> {
        // The code that selected this adapter has read it.
        settings.allow(&["vendor"]);
        settings.required("account_id", "the account's id, a GUID or the short number")?;
        let account_id =
            settings.parsed("account_id")?.ok_or_else(|| settings.wrong("account_id", "is missing"))?;
        let (base_url, oauth_url) = (settings.host("base_url")?, settings.host("oauth_url")?);
        let redirect_uri = settings.parsed("redirect_uri")?;
        let environment = settings.choice("environment", &["demo", "production"])?;
        let auth =
            settings.table("auth", "a table with `kind`, as in { kind = \"token\", token = \"…\" }")?;
        let credentials = Credentials::read(&auth)?;
        let of_grant = match credentials {
            Credentials::AuthorizationCode { .. } => auth.parsed("redirect_uri")?,
            _ => None,
        };
        auth.finish()?;
        settings.finish()?;
        // If both hosts are given, the environment has no effect.
        let is_fixed = matches!(credentials, Credentials::Token(_));
        if environment.is_none() && oauth_url.is_none() && !(base_url.is_some() && is_fixed) {
            return Err(settings.wrong("environment", "is missing").with_hint("allowed: demo, production"));
        }
        let mut config = Self::new(account_id, credentials);
        if environment == Some("production") {
            config.environment = Environment::Production;
        }
        (config.base_url, config.oauth_url) = (base_url, oauth_url);
        config.redirect_uri = of_grant.or(redirect_uri);
        let (oauth, account) = (config.oauth()?, config.account_id.as_str());
        let slot = |of: &[&str]| settings.token_slot(&[&[DESCRIPTOR.name, oauth.as_str()], of].concat());
        config.tokens = match &config.credentials {
            Credentials::AuthorizationCode { integration_key: id, .. } => slot(&[id, account]),
            Credentials::Jwt { integration_key: id, user_id, private_key } => {
                slot(&[id, user_id, private_key.expose_secret()]).of_application()
            }
            Credentials::Token(_) => TokenSlot::memory(),
        };
        Ok(config)
    }

    /// The token host.
    fn oauth(&self) -> Result<BaseUrl> {
        if let Some(url) = &self.oauth_url {
            return Ok(url.without_api_path(&["oauth", "token"]));
        }
        let word = match self.environment {
            Environment::Demo => "demo",
            Environment::Production => "production",
        };
        let host = DESCRIPTOR.facts.host(word).and_then(|host| host.auth.as_deref());
        Ok(BaseUrl::new(host.unwrap_or_default())?)
    }

    /// The credentials, ready to sign with, and where to look up the account. Rejects hosts to which a token would
    /// be sent in clear.
    pub(crate) fn session(self) -> Result<(Session, AccountHost)> {
        Settings::check_host("base_url", self.base_url.as_ref())?;
        Settings::check_host("oauth_url", self.oauth_url.as_ref())?;
        let oauth = self.oauth()?;
        let host = AccountHost {
            account: self.account_id,
            oauth: oauth.clone(),
            local: self.oauth_url.as_ref().is_some_and(BaseUrl::is_loopback),
        };
        let base = self.base_url.map(|url| url.without_api_path(&API_PATH));
        let endpoint = |client| TokenEndpoint {
            vocabulary: DESCRIPTOR.vocabulary(),
            host: oauth.clone(),
            path: &["oauth", "token"],
            client,
        };
        let session = match self.credentials {
            Credentials::Token(token) => Session::fixed(base, &token),
            Credentials::Jwt { integration_key, user_id, private_key } => {
                let integration_key = Settings::guid("integration_key", &integration_key)?;
                let subject = Settings::guid("user_id", &user_id)?;
                let key = RsaKey::parse(&private_key).map_err(|problem| {
                    Error::new(ErrorKind::Config, format!("`private_key` {problem}"))
                        .with_hint(RsaKey::EXPECTED)
                })?;
                let consent = Consent::new(&oauth, SCOPE, &integration_key, self.redirect_uri);
                let endpoint = endpoint(OauthClient { id: integration_key, proof: ClientProof::Assertion });
                let explain = move |error, now| consent.explain(error, now);
                let source = JwtBearer { endpoint, key, subject, scope: SCOPE, explain };
                Session::shared_grant(base, source, EARLY, self.tokens)
            }
            Credentials::AuthorizationCode { integration_key, client_secret } => {
                let integration_key = Settings::guid("integration_key", &integration_key)?;
                let proof = client_secret.map_or(ClientProof::None, ClientProof::Basic);
                let client = OauthClient { id: integration_key, proof };
                let (endpoint, path) = (endpoint(client), "/oauth/auth");
                let page = format!("{}{path}", endpoint.host.as_str());
                let grant = CodeGrant::new(endpoint, page, CODE_SCOPE, self.redirect_uri, self.tokens, EARLY);
                Session::authorization_code(base, grant, EARLY)
            }
        };
        Ok((session.locating(DESCRIPTOR.vocabulary(), host.clone()), host))
    }
}

impl Credentials {
    fn read(auth: &Settings) -> Result<Self> {
        let kinds = ["jwt", "authorization_code", "token"];
        auth.required("kind", "one of: jwt, authorization_code, token")?;
        let kind = auth.choice("kind", &kinds)?;
        if kind == Some("token") {
            return Ok(Self::Token(auth.required_secret("token", "an access token")?));
        }
        let integration_key = auth.required_guid("integration_key", "the integration key, a GUID")?;
        if kind == Some("authorization_code") {
            return Ok(Self::AuthorizationCode {
                integration_key,
                client_secret: auth.secret("client_secret")?,
            });
        }
        let user_id = auth.required_guid("user_id", "the GUID of the user to act for")?;
        let private_key = auth.required_secret("private_key", "the RSA private key in PEM form")?;
        // A bad key is rejected here, where its location in the configuration is known.
        let name = if auth.has("private_key_file") { "private_key_file" } else { "private_key" };
        RsaKey::parse(&private_key)
            .map_err(|problem| auth.wrong(name, problem).with_hint(RsaKey::EXPECTED))?;
        Ok(Self::Jwt { integration_key, user_id, private_key })
    }
}

/// Looks up the host of one account at userinfo.
#[derive(Debug, Clone)]
pub(crate) struct AccountHost {
    account: AccountId,
    oauth: BaseUrl,
    /// Whether the OAuth host was configured to be on this machine: then an API on this machine is accepted too.
    local: bool,
}

impl AccountHost {
    /// The user of the token. With a configured host, the one in userinfo is ignored.
    pub(crate) async fn identify(
        &self,
        cx: &Context,
        connection: &Connection,
        base: Option<&BaseUrl>,
    ) -> Result<Access> {
        let info = userinfo(cx, connection).await?;
        let account = check::own_account(&info, &self.account)?;
        let mut access = match base {
            Some(base) => Access::new(base.as_str()),
            None => Access::new(self.place(account)?.as_str()),
        };
        access.account = account.account_name.0.clone().or_else(|| Some(self.account.to_string()));
        access.user = info.email.0.or(info.sub.0);
        Ok(access)
    }

    fn place(&self, account: &UserAccount) -> Result<BaseUrl> {
        Ok(check::account_host(account, self.local)?.without_api_path(&API_PATH))
    }
}

#[async_trait]
impl Locate for AccountHost {
    fn host(&self) -> &BaseUrl {
        &self.oauth
    }

    fn may_pass(&self, problem: &Problem) -> bool {
        may_pass(problem)
    }

    async fn locate(&self, cx: &Context, connection: &Connection) -> Result<BaseUrl> {
        let info = userinfo(cx, connection).await?;
        self.place(check::own_account(&info, &self.account)?)
    }
}

async fn userinfo(cx: &Context, connection: &Connection) -> Result<UserInfo> {
    let out = RequestBuilder::new(Method::GET, &["oauth", "userinfo"]);
    let answer = cx.exchange(connection, Effect::Read, out).await.map_err(reclassify_auth_error)?;
    let Object(info) = answer.json()?;
    Ok(info)
}
