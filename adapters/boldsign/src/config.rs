//! What an account at BoldSign needs, in code and in a configuration file.

use std::str::FromStr;
use std::sync::Arc;

use countersign_core::{
    BaseUrl, Email, Error, ErrorKind, ExposeSecret, InvalidValue, Provider, Result, SecretString, Settings,
};

use crate::Boldsign;

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

/// An account at BoldSign.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BoldsignConfig {
    /// The API key. Live and sandbox keys differ; a document is only seen with a key of its own environment.
    pub api_key: SecretString,
    /// Where the account lives.
    pub region: Region,
    /// In place of the region's host: https, or http on this machine.
    pub base_url: Option<BaseUrl>,
    /// The sender identity that resends and code changes are made for, unless a request names another.
    pub on_behalf_of: Option<Email>,
}

impl BoldsignConfig {
    /// An account in the United States with this key.
    #[must_use]
    pub fn new(api_key: SecretString) -> Self {
        Self { api_key, region: Region::default(), base_url: None, on_behalf_of: None }
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

    /// For a sender identity.
    #[must_use]
    pub fn with_on_behalf_of(mut self, sender: Email) -> Self {
        self.on_behalf_of = Some(sender);
        self
    }

    /// Reads `region`, `base_url`, `on_behalf_of` and `auth` (`kind = "api_key"`, `api_key` or `api_key_file`).
    ///
    /// # Errors
    /// `Config` that names the key and what is allowed, never the value.
    pub fn from_settings(settings: &Settings) -> Result<Self> {
        // Whoever chose this adapter has read it; asked for here, so that it does not count as unknown.
        settings.text("vendor")?;
        let region = settings.choice("region", &Region::WORDS)?;
        let base_url: Option<BaseUrl> = settings.parsed("base_url")?;
        if base_url.as_ref().is_some_and(|url| !may_carry_the_key(url)) {
            return Err(settings
                .wrong("base_url", "would carry the key over an open line")
                .with_hint(format!("give {BASE_EXPECTED}")));
        }
        let on_behalf_of = settings.parsed("on_behalf_of")?;
        let auth = settings
            .table("auth", "a table such as { kind = \"api_key\", api_key_file = \"boldsign.key\" }")?;
        if auth.choice("kind", &["api_key"])?.is_none() {
            return Err(auth.wrong("kind", "is missing").with_hint("give `api_key`"));
        }
        let api_key = auth.required_secret("api_key", "an API key of this environment and region")?;
        auth.finish()?;
        settings.finish()?;
        let region = match region {
            Some(word) => word.parse()?,
            None => Region::default(),
        };
        Ok(Self { api_key, region, base_url, on_behalf_of })
    }

    /// The host that requests go to, if the key may be sent there.
    pub(crate) fn checked_base(&self) -> Result<BaseUrl> {
        if self.api_key.expose_secret().trim().is_empty() {
            return Err(Error::new(ErrorKind::Config, "the API key is empty"));
        }
        match &self.base_url {
            Some(url) if may_carry_the_key(url) => Ok(url.clone()),
            Some(_) => {
                Err(Error::new(ErrorKind::Config, "the base URL would carry the key over an open line")
                    .with_hint(format!("give {BASE_EXPECTED}")))
            }
            None => Ok(BaseUrl::new(self.region.base_url())?),
        }
    }
}

fn may_carry_the_key(url: &BaseUrl) -> bool {
    url.is_https() || url.is_loopback()
}

/// Makes a provider from an account's configuration.
pub(crate) fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    let config = BoldsignConfig::from_settings(settings)?;
    Ok(Arc::new(Boldsign::new(config)?))
}
