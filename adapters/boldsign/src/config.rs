//! What an account at BoldSign needs, in code and in a configuration file.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use countersign_core::{
    BaseUrl, Email, Error, ErrorKind, ExposeSecret, InvalidValue, Provider, Result, SecretString, Settings,
    TokenSlot, WebUrl,
};

use crate::Boldsign;

const KINDS: [&str; 3] = ["api_key", "client_credentials", "authorization_code"];

const CLIENT_ID: &str = "the client id of the OAuth application";

const BASE_EXPECTED: &str = "an https URL; plain http only for this machine (localhost, 127.0.0.1, ::1)";

/// Where an account lives. A key of one region gets 401 at every other region's host.
///
/// Hosts: BoldSign's page `troubleshooting/integration-errors` and its MCP server's repository. Other texts write
/// `eu-api` for `api-eu`; [`BoldsignConfig::with_base_url`] is there for that case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// United States, `https://api.boldsign.com`.
    #[default]
    Us,
    /// Europe, `https://api-eu.boldsign.com`.
    Eu,
    /// Canada, `https://api-ca.boldsign.com`.
    Ca,
    /// Australia, `https://api-au.boldsign.com`.
    Au,
}

impl Region {
    /// The words that a configuration may use.
    pub const WORDS: [&'static str; 4] = ["us", "eu", "ca", "au"];

    /// The region's host.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Region::Us => "https://api.boldsign.com",
            Region::Eu => "https://api-eu.boldsign.com",
            Region::Ca => "https://api-ca.boldsign.com",
            Region::Au => "https://api-au.boldsign.com",
        }
    }

    /// The region's host for signing in and for tokens. `account.boldsign.com` is documented
    /// (authentication/oauth-2-0), `account-eu` occurs in a client of the EU region, `account-ca` and `account-au` are
    /// inferred from it; `oauth_url` is there in case they are wrong.
    #[must_use]
    pub fn oauth_url(self) -> &'static str {
        match self {
            Region::Us => "https://account.boldsign.com",
            Region::Eu => "https://account-eu.boldsign.com",
            Region::Ca => "https://account-ca.boldsign.com",
            Region::Au => "https://account-au.boldsign.com",
        }
    }
}

impl FromStr for Region {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        match text.trim().to_ascii_lowercase().as_str() {
            "us" => Ok(Region::Us),
            "eu" => Ok(Region::Eu),
            "ca" => Ok(Region::Ca),
            "au" => Ok(Region::Au),
            _ => Err(InvalidValue::new("region", "is not known", "one of us, eu, ca, au")),
        }
    }
}

/// How to sign in.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// An API key. Live and sandbox keys differ; a document is only seen with a key of its own environment.
    ApiKey(SecretString),
    /// An OAuth application acting for the account that owns it. There is no refresh token; tokens are asked for anew.
    ClientCredentials {
        /// The client id.
        client_id: String,
        /// The client secret.
        client_secret: SecretString,
    },
    /// The authorization code grant with PKCE: a person signs in with a browser, and calls act for them.
    AuthorizationCode {
        /// The client id.
        client_id: String,
        /// The client secret, if the application has one.
        client_secret: Option<SecretString>,
        /// The redirect URI that is registered for the application.
        redirect_uri: Option<WebUrl>,
        /// Where the tokens are kept. Each refresh token works once, so it must not be lost.
        tokens: TokenSlot,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::ApiKey(_) => "ApiKey([redacted])",
            Credentials::ClientCredentials { .. } => "ClientCredentials([redacted])",
            Credentials::AuthorizationCode { .. } => "AuthorizationCode([redacted])",
        })
    }
}

/// An account at BoldSign.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BoldsignConfig {
    /// How to sign in.
    pub credentials: Credentials,
    /// Where the account lives.
    pub region: Region,
    /// In place of the region's host: https, or http on this machine. A trailing `/v1` is dropped.
    pub base_url: Option<BaseUrl>,
    /// In place of the region's host for signing in and for tokens: https, or http on this machine.
    pub oauth_url: Option<BaseUrl>,
    /// The sender identity that resends and code changes are made for, unless a request names another.
    pub on_behalf_of: Option<Email>,
}

impl BoldsignConfig {
    /// An account in the United States with this API key.
    #[must_use]
    pub fn new(api_key: SecretString) -> Self {
        Self::with_credentials(Credentials::ApiKey(api_key))
    }

    /// An account in the United States that signs in so.
    #[must_use]
    pub fn with_credentials(credentials: Credentials) -> Self {
        Self { credentials, region: Region::default(), base_url: None, oauth_url: None, on_behalf_of: None }
    }

    /// In another region.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// At another host than the region's.
    #[must_use]
    pub fn with_base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = Some(base_url);
        self
    }

    /// With tokens from another host than the region's.
    #[must_use]
    pub fn with_oauth_url(mut self, oauth_url: BaseUrl) -> Self {
        self.oauth_url = Some(oauth_url);
        self
    }

    /// For a sender identity.
    #[must_use]
    pub fn with_on_behalf_of(mut self, sender: Email) -> Self {
        self.on_behalf_of = Some(sender);
        self
    }

    /// Reads `region`, `base_url`, `oauth_url`, `on_behalf_of` and `auth`.
    ///
    /// # Errors
    /// `Config` that names the key and what is allowed, never the value.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        // Whoever chose this adapter has read it; asked for here, so that it does not count as unknown.
        settings.text("vendor")?;
        let region = match settings.choice("region", &Region::WORDS)? {
            Some(word) => word.parse()?,
            None => Region::default(),
        };
        let base_url = url(settings, "base_url")?;
        let oauth_url = url(settings, "oauth_url")?;
        let on_behalf_of = settings.parsed("on_behalf_of")?;
        let auth = settings
            .table("auth", "a table such as { kind = \"api_key\", api_key_file = \"boldsign.key\" }")?;
        let oauth = oauth_url.as_ref().map_or(region.oauth_url(), BaseUrl::as_str);
        let credentials = match auth.choice("kind", &KINDS)? {
            None => {
                return Err(auth.wrong("kind", "is missing").with_hint(format!("give {}", KINDS.join(", "))));
            }
            Some("client_credentials") => Credentials::ClientCredentials {
                client_id: auth.required("client_id", CLIENT_ID)?,
                client_secret: auth
                    .required_secret("client_secret", "the client secret of the OAuth application")?,
            },
            Some("authorization_code") => {
                let client_id = auth.required("client_id", CLIENT_ID)?;
                let tokens = settings.token_slot(&["boldsign", oauth, &client_id]);
                let (client_secret, redirect_uri) =
                    (auth.secret("client_secret")?, auth.parsed("redirect_uri")?);
                Credentials::AuthorizationCode { client_id, client_secret, redirect_uri, tokens }
            }
            Some(_) => Credentials::ApiKey(
                auth.required_secret("api_key", "an API key of this environment and region")?,
            ),
        };
        auth.finish()?;
        settings.finish()?;
        Ok(Self { credentials, region, base_url, oauth_url, on_behalf_of })
    }

    /// The hosts that requests and sign-ins go to, if credentials may be sent there.
    pub(crate) fn checked_hosts(&self) -> Result<(BaseUrl, BaseUrl)> {
        let (secret, what) = match &self.credentials {
            Credentials::ApiKey(key) => (key.expose_secret(), "the API key"),
            Credentials::ClientCredentials { client_secret, .. } => {
                (client_secret.expose_secret(), "the client secret")
            }
            Credentials::AuthorizationCode { client_id, .. } => (client_id.as_str(), "the client id"),
        };
        if secret.trim().is_empty() {
            return Err(Error::new(ErrorKind::Config, format!("{what} is empty")));
        }
        let host = |url: &Option<BaseUrl>, usual: &str, api: &[&str], name: &str| match url {
            Some(url) if may_carry_the_key(url) => Ok(url.without_api_path(api)),
            Some(_) => Err(Error::new(
                ErrorKind::Config,
                format!("the {name} URL would carry the key over an open line"),
            )
            .with_hint(format!("give {BASE_EXPECTED}"))),
            None => Ok(BaseUrl::new(usual)?),
        };
        let base = host(&self.base_url, self.region.base_url(), &["v1", "document"], "base")?;
        Ok((base, host(&self.oauth_url, self.region.oauth_url(), &["connect", "token"], "OAuth")?))
    }
}

fn url(settings: &Settings, key: &str) -> Result<Option<BaseUrl>> {
    let url: Option<BaseUrl> = settings.parsed(key)?;
    if url.as_ref().is_some_and(|url| !may_carry_the_key(url)) {
        return Err(settings
            .wrong(key, "would carry the key over an open line")
            .with_hint(format!("give {BASE_EXPECTED}")));
    }
    Ok(url)
}

fn may_carry_the_key(url: &BaseUrl) -> bool {
    url.is_https() || url.is_loopback()
}

/// Makes a provider from an account's configuration.
pub(crate) fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    let config = BoldsignConfig::from_settings(settings)?;
    Ok(Arc::new(Boldsign::new(config)?))
}

/// A provider of no account, which sends nothing anywhere: the host's name never exists (RFC 2606).
pub(crate) fn offline() -> Result<Arc<dyn Provider>> {
    let config = BoldsignConfig::new(SecretString::from("offline"))
        .with_base_url(BaseUrl::new("https://offline.invalid")?);
    Ok(Arc::new(Boldsign::new(config)?))
}
