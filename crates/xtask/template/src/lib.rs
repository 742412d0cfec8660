//! Countersign adapter for Acme.
//!
//! [`DESCRIPTOR`] is what the registry lists; [`Acme`] is the provider. Nothing here was tried against the live service.

mod auth;
mod error;
mod map;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{
    Access, AccessCodeChanged, BaseUrl, ChangeAccessCode, CodeGrant, Connection, Context, CreateView,
    Descriptor, Error, ErrorKind, Feature, ListRecipients, Provider, Recipients, ResendRecipient, Resent,
    Result, Returns, SecretString, Settings, SigningView, check_features,
};

use self::auth::ApiKey;

/// Acme, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "acme",
    title: "Acme",
    // What has no row is refused before anything is sent: a row comes with the operation that it speaks of.
    capabilities: &[],
    conduct: None,
    rules: error::RULES,
    read_problem: error::read_problem,
    returns: Returns::silent(),
    webhooks: None,
    build,
    offline,
    verified_live: None,
};

/// An account at Acme.
#[derive(Debug)]
pub struct Acme {
    link: Connection,
}

impl Acme {
    /// An account with this API key, at the host where the API begins.
    ///
    /// # Errors
    /// `Config` when the key is empty, or would go over an open line.
    pub fn new(base: BaseUrl, key: &SecretString) -> Result<Self> {
        Ok(Self { link: Connection::new(DESCRIPTOR.vocabulary(), Arc::new(ApiKey::new(base, key)?)) })
    }

    fn unwritten(&self, cx: &Context) -> Error {
        let message = "this adapter does not have this operation yet";
        Error::new(ErrorKind::Unsupported, message).in_operation(self.link.vocabulary.name, cx.operation())
    }
}

fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    // Whoever chose this adapter has read it; asked for here, so that it does not count as unknown.
    settings.text("vendor")?;
    let Some(base) = settings.parsed("base_url")? else {
        return Err(settings.wrong("base_url", "is missing").with_hint("give the URL where the API begins"));
    };
    let auth =
        settings.table("auth", "a table such as { kind = \"api_key\", api_key_file = \"acme.key\" }")?;
    if auth.choice("kind", &["api_key"])?.is_none() {
        return Err(auth.wrong("kind", "is missing").with_hint("give api_key"));
    }
    let key = auth.required_secret("api_key", "an API key")?;
    auth.finish()?;
    settings.finish()?;
    Ok(Arc::new(Acme::new(base, &key)?))
}

/// A provider of no account, which sends nothing anywhere: the host's name never exists (RFC 2606).
fn offline() -> Result<Arc<dyn Provider>> {
    let base = BaseUrl::new("https://offline.invalid")?;
    Ok(Arc::new(Acme::new(base, &SecretString::from("offline"))?))
}

#[async_trait]
impl Provider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        check_features(DESCRIPTOR.capabilities, &request.features())?;
        Err(self.unwritten(cx))
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        check_features(DESCRIPTOR.capabilities, &request.features())?;
        Err(self.unwritten(cx))
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        check_features(DESCRIPTOR.capabilities, &request.features())?;
        Err(self.unwritten(cx))
    }

    async fn list_recipients(&self, cx: &Context, _request: &ListRecipients) -> Result<Recipients> {
        check_features(DESCRIPTOR.capabilities, &[Feature::ListRecipients])?;
        Err(self.unwritten(cx))
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        Err(self.unwritten(cx))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        None
    }
}
