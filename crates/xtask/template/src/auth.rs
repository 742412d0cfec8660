//! An account at Acme: its settings in a configuration file, and how its requests are signed.

use std::sync::Arc;

use countersign_core::auth::Session;
use countersign_core::{BaseUrl, Error, ErrorKind, ExposeSecret, Provider, Result, SecretString, Settings};
use http::header::AUTHORIZATION;

use super::Acme;

/// A session that signs with the key, as Acme documents.
pub(crate) fn session(base: BaseUrl, key: &SecretString) -> Result<Session> {
    Settings::check_host("base_url", Some(&base))?;
    if key.expose_secret().trim().is_empty() {
        return Err(Error::new(ErrorKind::Config, "the API key is empty"));
    }
    let header = SecretString::from(format!("Bearer {}", key.expose_secret()));
    Ok(Session::api_key(base, AUTHORIZATION, header))
}

/// Creates a provider from an account's configuration.
pub(crate) fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    // The registry has read it.
    settings.allow(&["vendor"]);
    let Some(base) = settings.host("base_url")? else {
        return Err(settings.wrong("base_url", "is missing").with_hint("give the base URL of the API"));
    };
    let auth = settings.table("auth", "a table such as { kind = \"api_key\", api_key = \"…\" }")?;
    if auth.choice("kind", &["api_key"])?.is_none() {
        return Err(auth.wrong("kind", "is missing").with_hint("give api_key"));
    }
    let key = auth.required_secret("api_key", "an API key")?;
    auth.finish()?;
    settings.finish()?;
    Ok(Arc::new(Acme::new(base, &key)?))
}

/// A provider without an account, which sends nothing: its host name can never exist (RFC 2606).
pub(crate) fn offline() -> Result<Arc<dyn Provider>> {
    let base = BaseUrl::new("https://offline.invalid")?;
    Ok(Arc::new(Acme::new(base, &SecretString::from("offline"))?))
}
