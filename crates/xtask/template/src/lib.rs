//! Countersign adapter for Acme.
//!
//! [`DESCRIPTOR`] is for a registry; [`Acme`] is the provider. Nothing here was tested against the live service.

mod auth;
mod check;
mod error;
mod map;
mod webhook;
mod wire;

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use countersign_core::vendor::Facts;
use countersign_core::{
    Access, AccessCodeChanged, BaseUrl, ChangeAccessCode, CodeGrant, Connection, Context, CreateView,
    Descriptor, Error, ErrorKind, ListRecipients, Provider, Recipients, ResendRecipient, Resent, Result,
    SecretString, SigningView,
};

/// Acme, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("adapters/acme/vendor.toml", include_str!("../vendor.toml"))),
    read_problem: error::read_problem,
    webhooks: None,
    build: auth::build,
    offline: auth::offline,
};

/// An account at Acme.
#[derive(Debug)]
pub struct Acme {
    link: Connection,
}

impl Acme {
    /// An account with this API key, at this base URL.
    ///
    /// # Errors
    /// `Config` if the key is empty, or would be sent unencrypted.
    pub fn new(base: BaseUrl, key: &SecretString) -> Result<Self> {
        Ok(Self { link: Connection::new(DESCRIPTOR.vocabulary(), Arc::new(auth::session(base, key)?)) })
    }

    fn unwritten(&self, cx: &Context) -> Error {
        let message = "this adapter does not support this operation yet";
        Error::new(ErrorKind::Unsupported, message).in_operation(self.link.vocabulary.name, cx.operation())
    }
}

#[async_trait]
impl Provider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, _request: &CreateView) -> Result<SigningView> {
        Err(self.unwritten(cx))
    }

    async fn resend_recipient(&self, cx: &Context, _request: &ResendRecipient) -> Result<Resent> {
        Err(self.unwritten(cx))
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        _request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        Err(self.unwritten(cx))
    }

    async fn list_recipients(&self, cx: &Context, _request: &ListRecipients) -> Result<Recipients> {
        Err(self.unwritten(cx))
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        Err(self.unwritten(cx))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        None
    }
}
