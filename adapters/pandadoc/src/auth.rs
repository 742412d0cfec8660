//! An account at PandaDoc: its settings in code and in a configuration file, and how its requests are signed.

use std::sync::Arc;
use std::time::Duration;

pub use countersign_core::auth::Credentials;
use countersign_core::auth::{Session, SignIn};
use countersign_core::{BaseUrl, ExposeSecret as _, Provider, Result, SecretString, Settings};
use http::header::AUTHORIZATION;

use crate::{DESCRIPTOR, Pandadoc};

/// The ways to sign in that a configuration may name.
const KINDS: [&str; 2] = ["api_key", "authorization_code"];

/// The word before an API key.
const SCHEME: &str = "API-Key ";

/// The regions of `vendor.toml`, by their configuration values.
const REGIONS: [&str; 2] = ["com", "eu"];

/// A workspace member's account at PandaDoc.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PandadocConfig {
    /// How to sign in.
    pub credentials: Credentials,
    /// Where the API and its tokens are: https, or http on this machine. A trailing `/public/v1` is removed.
    pub base_url: BaseUrl,
    /// Where signers open documents, and users sign in: https, or http on this machine.
    pub app_url: BaseUrl,
}

impl PandadocConfig {
    /// An account outside the European region, with this sign-in.
    ///
    /// # Errors `Config` if the region is not `com` or `eu`.
    pub fn new(credentials: Credentials, region: &str) -> Result<Self> {
        let host = DESCRIPTOR.facts.host(region);
        let url = |part: Option<&String>| BaseUrl::new(part.map(String::as_str).unwrap_or_default());
        let base_url = url(host.and_then(|host| host.api.as_ref()))?;
        Ok(Self { credentials, base_url, app_url: url(host.and_then(|host| host.auth.as_ref()))? })
    }

    /// Sets another address of the API and of its tokens.
    #[must_use]
    pub fn with_base_url(mut self, base_url: BaseUrl) -> Self {
        self.base_url = base_url;
        self
    }

    /// Sets another address for signers, and for users who sign in.
    #[must_use]
    pub fn with_app_url(mut self, app_url: BaseUrl) -> Self {
        self.app_url = app_url;
        self
    }

    /// Reads `region`, `base_url`, `app_url` and `auth`.
    ///
    /// # Errors `Config`, which names the key and the allowed values, never the value itself.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        // The code that selected this adapter has read it.
        settings.allow(&["vendor"]);
        let region = settings.choice("region", &REGIONS)?.unwrap_or("com");
        let (base_url, app_url) = (settings.host("base_url")?, settings.host("app_url")?);
        let auth = settings
            .table("auth", "a table such as { kind = \"api_key\", api_key_file = \"pandadoc.key\" }")?;
        let at = base_url.as_ref().map_or(region, BaseUrl::as_str);
        let slot = |of: &[&str]| settings.token_slot(&[&[DESCRIPTOR.name, at], of].concat());
        let mut config = Self::new(Credentials::read(&auth, &KINDS, slot)?, region)?;
        settings.finish()?;
        config.base_url = base_url.unwrap_or(config.base_url);
        config.app_url = app_url.unwrap_or(config.app_url);
        Ok(config)
    }

    /// The credentials, ready to sign with, and the address of the signers' pages. Rejects hosts that must not
    /// receive secrets.
    pub(crate) fn session(self) -> Result<(Session, BaseUrl)> {
        Settings::check_host("app_url", Some(&self.app_url))?;
        let base = self.base_url.without_api_path(&["public", "v1"]);
        let sign_in = SignIn {
            vocabulary: DESCRIPTOR.vocabulary(),
            key_header: AUTHORIZATION,
            token_path: &["oauth2", "access_token"],
            authorize_host: Some(self.app_url.clone()),
            authorize_path: "/oauth2/authorize",
            scope: "read+write",
            // In the query of the consent page, where the documented plus sign is a space.
            person_scope: "read write",
            early: Duration::from_secs(300),
        };
        let credentials = match self.credentials {
            Credentials::ApiKey(key) => Credentials::ApiKey(with_scheme(key)),
            other => other,
        };
        Ok((credentials.session(sign_in, base.clone(), base)?, self.app_url))
    }
}

/// The key as the header has it. An empty one stays empty, and is refused.
fn with_scheme(key: SecretString) -> SecretString {
    let bare = key.expose_secret().trim();
    if bare.is_empty() || bare.starts_with(SCHEME) {
        return key;
    }
    SecretString::from(format!("{SCHEME}{bare}"))
}

/// Creates a provider from an account's configuration.
pub(crate) fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(Pandadoc::new(PandadocConfig::from_settings(settings)?)?))
}

/// A provider without an account, which sends nothing: its host name can never exist (RFC 2606).
pub(crate) fn offline() -> Result<Arc<dyn Provider>> {
    let nowhere = BaseUrl::new("https://offline.invalid")?;
    let config = PandadocConfig::new(Credentials::ApiKey(SecretString::from("offline")), "com")?;
    Ok(Arc::new(Pandadoc::new(config.with_base_url(nowhere.clone()).with_app_url(nowhere))?))
}
