//! An account at BoldSign: its settings in code and in a configuration file, and how its requests are signed.

use std::sync::Arc;
use std::time::Duration;

pub use countersign_core::auth::Credentials;
use countersign_core::auth::{Session, SignIn};
use countersign_core::{BaseUrl, Email, Provider, Result, SecretString, Settings};
use http::HeaderName;

use crate::{Boldsign, DESCRIPTOR};

/// The ways to sign in that a configuration may name.
const KINDS: [&str; 3] = ["api_key", "client_credentials", "authorization_code"];

/// The region of an account. A key of one region gets 401 at the hosts of all others; `vendor.toml` has the hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// United States.
    #[default]
    Us,
    /// Europe.
    Eu,
    /// Canada.
    Ca,
    /// Australia.
    Au,
}

impl Region {
    /// The configuration values.
    const WORDS: [&'static str; 4] = ["us", "eu", "ca", "au"];

    fn named(word: &str) -> Self {
        match word {
            "eu" => Self::Eu,
            "ca" => Self::Ca,
            "au" => Self::Au,
            _ => Self::Us,
        }
    }

    /// The hosts of the API and of the sign-in.
    fn hosts(self) -> (&'static str, &'static str) {
        let mut words = Self::WORDS.into_iter();
        let word = words.find(|word| Self::named(word) == self).unwrap_or_default();
        let host = DESCRIPTOR.facts.host(word);
        let part = |part: Option<&'static String>| part.map(String::as_str).unwrap_or_default();
        (part(host.and_then(|host| host.api.as_ref())), part(host.and_then(|host| host.auth.as_ref())))
    }
}

/// An account at BoldSign.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BoldsignConfig {
    /// How to sign in.
    pub credentials: Credentials,
    /// The region of the account.
    pub region: Region,
    /// Replaces the region's host: https, or http on this machine. A trailing `/v1` is removed.
    pub base_url: Option<BaseUrl>,
    /// Replaces the region's host for sign-in and tokens: https, or http on this machine.
    pub oauth_url: Option<BaseUrl>,
    /// The sender identity for resends and code changes, unless a request names another.
    pub on_behalf_of: Option<Email>,
}

impl BoldsignConfig {
    /// An account in the United States with this API key.
    #[must_use]
    pub fn new(api_key: SecretString) -> Self {
        Self::with_credentials(Credentials::ApiKey(api_key))
    }

    /// An account in the United States with this sign-in.
    #[must_use]
    pub fn with_credentials(credentials: Credentials) -> Self {
        Self { credentials, region: Region::default(), base_url: None, oauth_url: None, on_behalf_of: None }
    }

    /// Sets the region.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.region = region;
        self
    }

    /// Sets another host than the region's.
    #[must_use]
    pub fn with_base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = Some(base_url);
        self
    }

    /// Sets another token host than the region's.
    #[must_use]
    pub fn with_oauth_url(mut self, oauth_url: BaseUrl) -> Self {
        self.oauth_url = Some(oauth_url);
        self
    }

    /// Sets the sender identity.
    #[must_use]
    pub fn with_on_behalf_of(mut self, sender: Email) -> Self {
        self.on_behalf_of = Some(sender);
        self
    }

    /// Reads `region`, `base_url`, `oauth_url`, `on_behalf_of` and `auth`.
    ///
    /// # Errors `Config`, which names the key and the allowed values, never the value itself.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        // The code that selected this adapter has read it.
        settings.allow(&["vendor"]);
        let region = settings.choice("region", &Region::WORDS)?.map(Region::named).unwrap_or_default();
        let (base_url, oauth_url) = (settings.host("base_url")?, settings.host("oauth_url")?);
        let on_behalf_of = settings.parsed("on_behalf_of")?;
        let auth = settings.table("auth", "a table such as { kind = \"api_key\", api_key = \"…\" }")?;
        let oauth = oauth_url.as_ref().map_or(region.hosts().1, BaseUrl::as_str);
        let slot = |of: &[&str]| settings.token_slot(&[&[DESCRIPTOR.name, oauth], of].concat());
        let credentials = Credentials::read(&auth, &KINDS, slot)?;
        settings.finish()?;
        Ok(Self { credentials, region, base_url, oauth_url, on_behalf_of })
    }

    /// The credentials, ready to sign with. Rejects hosts that must not receive them.
    pub(crate) fn session(self) -> Result<Session> {
        let host = |url: Option<BaseUrl>, path: &[&str], usual| match url {
            Some(url) => Ok(url.without_api_path(path)),
            None => BaseUrl::new(usual),
        };
        let (api, auth) = self.region.hosts();
        let base = host(self.base_url, &["v1", "document"], api)?;
        let oauth = host(self.oauth_url, &["connect", "token"], auth)?;
        // developers.boldsign.com, authentication/oauth-2-0. That the scope covers all four operations is inferred:
        // the scope for signing links is not documented. Tokens are valid for one hour.
        let sign_in = SignIn {
            vocabulary: DESCRIPTOR.vocabulary(),
            key_header: HeaderName::from_static("x-api-key"),
            token_path: &["connect", "token"],
            authorize_host: None,
            authorize_path: "/connect/authorize",
            scope: "BoldSign.Documents.All",
            person_scope: "BoldSign.Documents.All offline_access",
            early: Duration::from_secs(300),
        };
        self.credentials.session(sign_in, base, oauth)
    }
}

/// Creates a provider from an account's configuration.
pub(crate) fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(Boldsign::new(BoldsignConfig::from_settings(settings)?)?))
}

/// A provider without an account, which sends nothing: its host name can never exist (RFC 2606).
pub(crate) fn offline() -> Result<Arc<dyn Provider>> {
    let config = BoldsignConfig::new(SecretString::from("offline"))
        .with_base_url(BaseUrl::new("https://offline.invalid")?);
    Ok(Arc::new(Boldsign::new(config)?))
}
