//! Countersign adapter for BoldSign v1.

mod auth;
mod capabilities;
mod config;
mod error;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{
    Access, AccessCodeChanged, ChangeAccessCode, Context, CreateView, Descriptor, Effect, Error, ErrorKind,
    Link, ListRecipients, Outgoing, Provider, Recipients, ResendRecipient, Resent, Result, SigningView,
};
use http::Method;

use crate::auth::ApiKey;
pub use crate::config::{BoldsignConfig, Region};

/// BoldSign, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "boldsign",
    title: "BoldSign API v1",
    capabilities: &capabilities::CAPABILITIES,
    rules: error::RULES,
    read_problem: error::read_problem,
    build: config::build,
    verified_live: None,
};

/// An account at BoldSign.
#[derive(Debug)]
pub struct Boldsign {
    link: Link,
    base_url: String,
    config: BoldsignConfig,
}

impl Boldsign {
    /// Checks the configuration. Nothing is sent.
    ///
    /// # Errors
    /// `Config` when the key is empty or the base URL is neither https nor on this machine.
    pub fn new(config: BoldsignConfig) -> Result<Self> {
        let base = config.checked_base()?;
        let base_url = base.as_str().to_owned();
        let authorise = Arc::new(ApiKey::new(base, config.api_key.clone()));
        Ok(Self { link: Link::new(&DESCRIPTOR, authorise), base_url, config })
    }
}

fn later() -> Error {
    Error::new(ErrorKind::Unsupported, "not built yet")
}

#[async_trait]
impl Provider for Boldsign {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, _cx: &Context, _request: &CreateView) -> Result<SigningView> {
        Err(later())
    }

    async fn resend_recipient(&self, _cx: &Context, _request: &ResendRecipient) -> Result<Resent> {
        Err(later())
    }

    async fn change_access_code(
        &self,
        _cx: &Context,
        _request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        Err(later())
    }

    async fn list_recipients(&self, _cx: &Context, _request: &ListRecipients) -> Result<Recipients> {
        Err(later())
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        let out = Outgoing::new(Method::GET, &["v1", "brand", "list"]);
        cx.exchange(&self.link, Effect::Read, out).await?;
        Ok(Access::new(self.base_url.clone()))
    }
}
