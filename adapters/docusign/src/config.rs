//! How one DocuSign account is configured, in code or from a configuration file.

use std::fmt;
use std::sync::Arc;

use countersign_core::{
    AccountId, BaseUrl, Error, ErrorKind, ExposeSecret, Provider, Result, SecretString, Settings, TokenSlot,
    WebUrl,
};

use crate::Docusign;
use crate::jwt::SigningKey;

/// Which of DocuSign's two worlds an account lives in. Keys, users and envelopes of one are unknown in the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// The developer environment; signs in at `account-d.docusign.com`.
    #[default]
    Demo,
    /// The real one; signs in at `account.docusign.com`.
    Production,
}

impl Environment {
    /// The host that gives out tokens and tells where an account lives
    /// (<https://developers.docusign.com/platform/auth/>).
    fn oauth_url(self) -> &'static str {
        match self {
            Environment::Demo => "https://account-d.docusign.com",
            Environment::Production => "https://account.docusign.com",
        }
    }
}

/// How to sign in.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// An access token that somebody else got. It is never renewed: when it has run out, calls fail with
    /// `Unauthenticated`.
    Token(SecretString),
    /// The JWT grant: tokens are got with the integration's RSA key, acting for one user.
    Jwt {
        /// The integration key (client id).
        integration_key: String,
        /// The GUID of the user to act for; neither the e-mail nor the account id.
        user_id: String,
        /// The RSA private key in PEM form, PKCS#1 or PKCS#8. `\n` written out, as environment variables often have
        /// it, is taken for a line end.
        private_key: SecretString,
    },
    /// The authorization code grant with PKCE: a person signs in with a browser, and calls act for them. Tokens are
    /// kept in the [`TokenSlot`] of the configuration and renewed there.
    AuthorizationCode {
        /// The integration key (client id).
        integration_key: String,
        /// The integration's secret key, for one that is registered as able to keep it; `None` for a public one.
        client_secret: Option<SecretString>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::Token(_) => "Token([redacted])",
            Credentials::Jwt { .. } => "Jwt([redacted])",
            Credentials::AuthorizationCode { .. } => "AuthorizationCode([redacted])",
        })
    }
}

/// One DocuSign account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DocusignConfig {
    /// The account, as GUID or as the short number.
    pub account_id: AccountId,
    /// How to sign in.
    pub credentials: Credentials,
    /// Which environment; decides where to sign in unless `oauth_url` is given.
    pub environment: Environment,
    /// The host of the API, as userinfo names it (a trailing `/restapi` or `/restapi/v2.1` is dropped). Where it is absent it is looked
    /// up at userinfo, which is what DocuSign asks for.
    pub base_url: Option<BaseUrl>,
    /// The host that gives out tokens, instead of the environment's.
    pub oauth_url: Option<BaseUrl>,
    /// A redirect URI registered for the integration key: where a person who signs in comes back to, and a part of
    /// the consent URL of the JWT grant.
    pub redirect_uri: Option<WebUrl>,
    /// Where the tokens of a person who signs in are kept. In memory unless told otherwise.
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

    /// In this environment.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// With the API at this host, without looking it up.
    #[must_use]
    pub fn with_base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = Some(base_url);
        self
    }

    /// Signing in at this host.
    #[must_use]
    pub fn with_oauth_url(mut self, oauth_url: BaseUrl) -> Self {
        self.oauth_url = Some(oauth_url);
        self
    }

    /// With a registered redirect URI.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: WebUrl) -> Self {
        self.redirect_uri = Some(redirect_uri);
        self
    }

    /// With a place of its own for the tokens of the person who signs in.
    #[must_use]
    pub fn with_tokens(mut self, tokens: TokenSlot) -> Self {
        self.tokens = tokens;
        self
    }

    /// Reads an account's table: `account_id`, `environment`, `base_url`, `oauth_url`, `redirect_uri`, `auth`.
    pub(crate) fn read(settings: &Settings) -> Result<(Self, Option<SigningKey>)> {
        // Read by whoever chose this adapter; asked for so that it is not taken for an unknown key.
        settings.text("vendor")?;
        settings.required("account_id", "the account's id, a GUID or the short number")?;
        let account_id =
            settings.parsed("account_id")?.ok_or_else(|| settings.wrong("account_id", "is missing"))?;
        let base_url = url(settings, "base_url")?;
        let oauth_url = url(settings, "oauth_url")?;
        let redirect_uri = settings.parsed("redirect_uri")?;
        let environment = settings.choice("environment", &["demo", "production"])?;
        let auth =
            settings.table("auth", "a table with `kind`, as in { kind = \"token\", token = \"…\" }")?;
        let (credentials, key) = credentials(&auth)?;
        let of_grant: Option<WebUrl> = match credentials {
            Credentials::AuthorizationCode { .. } => auth.parsed("redirect_uri")?,
            _ => None,
        };
        auth.finish()?;
        settings.finish()?;
        let is_fixed = matches!(credentials, Credentials::Token(_));
        let environment = match environment {
            Some("production") => Environment::Production,
            Some(_) => Environment::Demo,
            // With the hosts given there is nothing left for the environment to decide.
            None if oauth_url.is_some() || (base_url.is_some() && is_fixed) => Environment::Demo,
            None => {
                return Err(settings
                    .wrong("environment", "is missing")
                    .with_hint("allowed: demo, production"));
            }
        };
        let redirect_uri = of_grant.or(redirect_uri);
        let tokens = TokenSlot::memory();
        let mut config =
            Self { account_id, credentials, environment, base_url, oauth_url, redirect_uri, tokens };
        if let Credentials::AuthorizationCode { integration_key, .. } = &config.credentials {
            let oauth = config.oauth()?;
            config.tokens = settings.token_slot(&[
                "docusign",
                oauth.as_str(),
                integration_key,
                config.account_id.as_str(),
            ]);
        }
        Ok((config, key))
    }

    /// Where tokens are got.
    pub(crate) fn oauth(&self) -> Result<BaseUrl> {
        match &self.oauth_url {
            Some(url) => Ok(url.without_api_path(&["oauth", "token"])),
            None => Ok(BaseUrl::new(self.environment.oauth_url())?),
        }
    }

    /// Refuses hosts to which a token would travel in clear.
    pub(crate) fn check(&self) -> Result<()> {
        for (key, url) in [("base_url", &self.base_url), ("oauth_url", &self.oauth_url)] {
            if let Some(problem) = url.as_ref().and_then(insecure) {
                return Err(Error::new(ErrorKind::Config, format!("`{key}` {problem}")).with_hint(HTTPS_HINT));
            }
        }
        Ok(())
    }
}

const HTTPS_HINT: &str = "give an https URL; http is for this machine only";

fn insecure(url: &BaseUrl) -> Option<&'static str> {
    (!url.is_https() && !url.is_loopback()).then_some("is http, which would send the token in clear")
}

fn url(settings: &Settings, key: &str) -> Result<Option<BaseUrl>> {
    let url: Option<BaseUrl> = settings.parsed(key)?;
    match url.as_ref().and_then(insecure) {
        Some(problem) => Err(settings.wrong(key, problem).with_hint(HTTPS_HINT)),
        None => Ok(url),
    }
}

fn credentials(auth: &Settings) -> Result<(Credentials, Option<SigningKey>)> {
    let kinds = ["jwt", "authorization_code", "token"];
    auth.required("kind", "one of: jwt, authorization_code, token")?;
    match auth.choice("kind", &kinds)? {
        Some("token") => {
            let token = auth.required_secret("token", "an access token")?;
            return Ok((Credentials::Token(token), None));
        }
        Some("authorization_code") => {
            let integration_key = auth.required("integration_key", "the integration key, a GUID")?;
            let client_secret = auth.secret("client_secret")?;
            return Ok((Credentials::AuthorizationCode { integration_key, client_secret }, None));
        }
        _ => {}
    }
    let integration_key = auth.required("integration_key", "the integration key, a GUID")?;
    let user_id = auth.required("user_id", "the GUID of the user to act for")?;
    let private_key = auth.required_secret("private_key", "the RSA private key in PEM form")?;
    let from_file = auth.text("private_key_file")?.is_some();
    let name = if from_file { "private_key_file" } else { "private_key" };
    let key = SigningKey::parse(private_key.expose_secret())
        .map_err(|problem| auth.wrong(name, problem).with_hint(SigningKey::EXPECTED))?;
    Ok((Credentials::Jwt { integration_key, user_id, private_key }, Some(key)))
}

/// A provider of no account, which sends nothing anywhere: the host's name never exists (RFC 2606).
pub(crate) fn offline() -> Result<Arc<dyn Provider>> {
    let account = AccountId::new("00000000-0000-4000-8000-0ff11e0ff11e")?;
    let token = Credentials::Token(SecretString::from("offline"));
    let config = DocusignConfig::new(account, token).with_base_url(BaseUrl::new("https://offline.invalid")?);
    Ok(Arc::new(Docusign::with_key(config, None)?))
}
