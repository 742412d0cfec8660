//! What an adapter is.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde::Serialize;

use crate::auth::CodeGrant;
use crate::error::{Problem, Result, Rule, Vocabulary};
use crate::http::Context;
use crate::model::{
    AccessCodeChanged, ChangeAccessCode, CreateView, ListRecipients, Recipients, ResendRecipient, Resent,
    SigningView, Timestamp,
};
use crate::vendor::Settings;
use crate::vendor::capability::Capability;
use crate::vendor::conduct::Conduct;
use crate::vendor::return_url::Returns;
use crate::webhook::WebhookSpec;

/// A vendor with its credentials: the four operations.
///
/// Applications hold a client around it. There are no default bodies, so no operation can be forgotten.
#[async_trait]
pub trait Provider: Debug + Send + Sync + 'static {
    /// Who it is and what it can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// Makes a link under which one recipient signs.
    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView>;

    /// Sends the request to sign once more.
    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent>;

    /// Gives a recipient another access code.
    async fn change_access_code(&self, cx: &Context, request: &ChangeAccessCode)
    -> Result<AccessCodeChanged>;

    /// Tells who is on an envelope and how far they are.
    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients>;

    /// Signs in with the cheapest call that needs the credentials, and tells as whom.
    async fn check_access(&self, cx: &Context) -> Result<Access>;

    /// The sign-in of a person in a browser, where the account is configured so; `None` where the credentials are all
    /// that is needed.
    fn code_grant(&self) -> Option<&CodeGrant>;
}

/// An account at a vendor that the four operations can be asked of, with everything that they need: a client, or a
/// provider with its transport. Applications that are to run over either take this.
#[async_trait]
pub trait Operations: Send + Sync {
    /// The vendor and what it can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// The present instant, by the clock that the calls go by.
    fn now(&self) -> Timestamp;

    /// Makes a link under which one recipient signs.
    async fn create_view(&self, request: &CreateView) -> Result<SigningView>;

    /// Sends the request to sign once more.
    async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent>;

    /// Gives a recipient another access code.
    async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged>;

    /// Tells who is on an envelope and how far they are.
    async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients>;
}

/// As whom the credentials signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Access {
    /// The API's base URL that calls go to.
    pub base_url: String,
    /// The account, where the vendor names it.
    pub account: Option<String>,
    /// The user, where the vendor names them.
    pub user: Option<String>,
}

impl Access {
    /// Signed in at this base URL.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), account: None, user: None }
    }
}

/// A vendor, as data.
#[derive(Debug)]
pub struct Descriptor {
    /// The short name: in configuration, logs and JSON.
    pub name: &'static str,
    /// The full name with the version of the API.
    pub title: &'static str,
    /// What the vendor can do, one row per feature.
    pub capabilities: &'static [Capability],
    /// How the vendor behaves; `None` where nobody has written it down yet, and then no migration can be judged.
    pub conduct: Option<&'static Conduct>,
    /// From the vendor's refusals to kinds.
    pub rules: &'static [Rule],
    /// Reads the vendor's account of a refusal out of any answer. Cannot fail: what cannot be read stays empty.
    pub read_problem: fn(status: u16, headers: &http::HeaderMap, body: &Bytes) -> Problem,
    /// How a returning browser tells what came of a visit to the signing page, and how often the vendor lets itself be
    /// asked; [`Returns::silent`] where it tells nothing.
    pub returns: Returns,
    /// How its webhooks are checked and read; `None` where it sends none, or the adapter cannot take them.
    pub webhooks: Option<&'static WebhookSpec>,
    /// Makes a provider from an account's configuration.
    pub build: fn(&Settings) -> Result<Arc<dyn Provider>>,
    /// Makes a provider that needs no account: for replays and for looking at requests that are not sent. Its credentials
    /// are made up, its host does not exist, and it asks nobody for a token.
    pub offline: fn() -> Result<Arc<dyn Provider>>,
    /// Against which live service, and when, the adapter was last tried; `None` if never.
    pub verified_live: Option<&'static str>,
}

impl Descriptor {
    /// The part that the errors of its requests need.
    #[must_use]
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary { name: self.name, rules: self.rules, read_problem: self.read_problem }
    }
}
