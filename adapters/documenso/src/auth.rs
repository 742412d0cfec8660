//! An account at a Documenso server: its settings in code and in a configuration file, and how its requests are
//! signed.

use std::sync::Arc;

use countersign_core::auth::Session;
use countersign_core::{
    BaseUrl, Error, ErrorKind, ExposeSecret as _, Provider, Result, SecretString, Settings,
};
use http::header::AUTHORIZATION;

use crate::{DESCRIPTOR, Documenso};

/// A team's account at a Documenso server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DocumensoConfig {
    /// The team's API key.
    pub api_key: SecretString,
    /// Where the server is: https, or http on this machine. A trailing `/api/v2` is removed.
    pub base_url: BaseUrl,
    /// Where signers reach the server, if that is another address.
    pub web_url: Option<BaseUrl>,
}

impl DocumensoConfig {
    /// A key of the server at this URL.
    #[must_use]
    pub fn new(base_url: BaseUrl, api_key: SecretString) -> Self {
        Self { api_key, base_url, web_url: None }
    }

    /// Sets another address for signers.
    #[must_use]
    pub fn with_web_url(mut self, web_url: BaseUrl) -> Self {
        self.web_url = Some(web_url);
        self
    }

    /// Reads `environment`, `base_url`, `web_url` and `auth`.
    ///
    /// # Errors `Config`, which names the key and the allowed values, never the value itself.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        // The code that selected this adapter has read it.
        settings.allow(&["vendor"]);
        let environment = settings.choice("environment", &["cloud", "staging"])?;
        let (base_url, web_url) = (settings.host("base_url")?, settings.host("web_url")?);
        let auth = settings.table("auth", "a table such as { kind = \"api_key\", api_key = \"…\" }")?;
        if auth.choice("kind", &["api_key"])?.is_none() {
            return Err(auth.wrong("kind", "is missing").with_hint("give api_key"));
        }
        let api_key = auth.required_secret("api_key", "an API key of the team, which begins with api_")?;
        auth.finish()?;
        settings.finish()?;
        let base_url = match base_url {
            Some(url) => url,
            None => {
                let host = DESCRIPTOR.facts.host(environment.unwrap_or("cloud"));
                BaseUrl::new(host.and_then(|host| host.api.as_deref()).unwrap_or_default())?
            }
        };
        Ok(Self { api_key, base_url, web_url })
    }

    /// The credentials, ready to sign with, and the addresses of the API and of the signers' pages.
    pub(crate) fn session(self) -> Result<(Session, BaseUrl, BaseUrl)> {
        let base = self.base_url.without_api_path(&["api", "v2"]);
        let web = self.web_url.unwrap_or_else(|| base.clone());
        Settings::check_host("base_url", Some(&base))?;
        Settings::check_host("web_url", Some(&web))?;
        if self.api_key.expose_secret().trim().is_empty() {
            return Err(Error::new(ErrorKind::Config, "the API key is empty"));
        }
        // The word before the key is optional, and must have a capital letter.
        let header = SecretString::from(format!("Bearer {}", self.api_key.expose_secret()));
        Ok((Session::api_key(base.clone(), AUTHORIZATION, header), base, web))
    }
}

/// Creates a provider from an account's configuration.
pub(crate) fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(Documenso::new(DocumensoConfig::from_settings(settings)?)?))
}

/// A provider without an account, which sends nothing: its host name can never exist (RFC 2606).
pub(crate) fn offline() -> Result<Arc<dyn Provider>> {
    let base = BaseUrl::new("https://offline.invalid")?;
    Ok(Arc::new(Documenso::new(DocumensoConfig::new(base, SecretString::from("offline")))?))
}
