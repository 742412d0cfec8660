//! The trait of an adapter.

use std::fmt::Debug;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;

use crate::auth::CodeGrant;
use crate::error::{Problem, Result, Vocabulary};
use crate::http::Context;
use crate::model::{
    AccessCodeChanged, ChangeAccessCode, CreateView, ListRecipients, Recipients, ResendRecipient, Resent,
    SigningView, Timestamp,
};
use crate::vendor::{Facts, Settings};
use crate::webhook::ReceiveWebhook;

/// A vendor with credentials: the four operations.
///
/// Applications use it through a client. There are no default implementations, so no operation can be omitted.
#[async_trait]
pub trait Provider: Debug + Send + Sync + 'static {
    /// The vendor and what it supports.
    fn descriptor(&self) -> &'static Descriptor;

    /// Creates a signing link for one recipient.
    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView>;

    /// Resends the signing request.
    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent>;

    /// Changes a recipient's access code.
    async fn change_access_code(&self, cx: &Context, request: &ChangeAccessCode)
    -> Result<AccessCodeChanged>;

    /// Lists the recipients of an envelope and their status.
    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients>;

    /// Signs in with the cheapest call that needs the credentials, and returns the signed-in user.
    async fn check_access(&self, cx: &Context) -> Result<Access>;

    /// The browser sign-in, if the account uses it; `None` if the credentials are sufficient.
    fn code_grant(&self) -> Option<&CodeGrant>;
}

/// An account at a vendor with everything that the four operations need: a client, or a provider with its
/// transport. Write applications against this trait to run with either.
#[async_trait]
pub trait Operations: Send + Sync {
    /// The vendor and what it supports.
    fn descriptor(&self) -> &'static Descriptor;

    /// The current time, by the clock of the calls.
    fn now(&self) -> Timestamp;

    /// Creates a signing link for one recipient.
    async fn create_view(&self, request: &CreateView) -> Result<SigningView>;

    /// Resends the signing request.
    async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent>;

    /// Changes a recipient's access code.
    async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged>;

    /// Lists the recipients of an envelope and their status.
    async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients>;
}

/// The identity that the credentials signed in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Access {
    /// The base URL of the API for calls.
    pub base_url: String,
    /// The account, if the vendor reports it.
    pub account: Option<String>,
    /// The user, if the vendor reports it.
    pub user: Option<String>,
}

impl Access {
    /// Signed in at this base URL.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), account: None, user: None }
    }
}

/// A vendor, as an adapter describes it.
#[derive(Debug)]
pub struct Descriptor {
    /// The short name in configuration, logs and JSON.
    pub name: &'static str,
    /// All facts about the vendor: its `vendor.toml`, loaded at first use.
    pub facts: LazyLock<Facts>,
    /// Reads the vendor's description of a refusal from any answer. Cannot fail: unreadable parts stay empty.
    pub read_problem: fn(status: u16, headers: &http::HeaderMap, body: &Bytes) -> Problem,
    /// How its webhooks are checked and read; `None` if it sends none, or the adapter does not support them. If
    /// set, its `vendor.toml` has a `[webhook]` table.
    pub webhooks: Option<ReceiveWebhook>,
    /// Creates a provider from an account's configuration.
    pub build: fn(&Settings) -> Result<Arc<dyn Provider>>,
    /// Creates a provider that needs no account: for replays and for showing requests without sending them. Its
    /// credentials are made up, its host does not exist, and it never requests a token.
    pub offline: fn() -> Result<Arc<dyn Provider>>,
}

impl Descriptor {
    /// The part that the errors of its requests need.
    #[must_use]
    pub fn vocabulary(&'static self) -> Vocabulary {
        Vocabulary { name: self.name, facts: &self.facts, read_problem: self.read_problem }
    }
}
