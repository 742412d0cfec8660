//! A vendor that is only there to be called: every operation but the list takes a list and then one step.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its own part; a broken test panics")]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use countersign::auth::{Anonymous, AuthRetry, Authenticator, CodeGrant, Connection, SignedCredentials};
use countersign::provider::Facts;
use countersign::provider::{Context, Descriptor, Effect, Provider, RequestBuilder, Settings};
use countersign::transport::Transport;
use countersign::{
    Access, AccessCode, AccessCodeChanged, BaseUrl, ChangeAccessCode, Client, ClientBuilder, CreateView,
    EnvelopeId, Error, ErrorKind, ListRecipients, MailExpectation, Outcome, Problem, RecipientId,
    RecipientRef, Recipients, ResendRecipient, Resent, ResentTo, Result, Retry, ReturnUrl, SigningLink,
    SigningView, Unlocking,
};
use countersign_testkit::{FakeClock, Script};
use http::Method;

const FACTS: &str = r#"
title = "Acme Sign"
secret_members = ["magicWord"]
personal_members = ["motto"]
free_members = ["drawers"]

[rate]
burst = { limit = ["x-acme-burst"], remaining = ["x-acme-burst-left"], window = "30s" }
evidence = "documented"
source = "docs.example"

[rate.headers]
limit = ["x-acme-limit", "x-acme-calls"]
remaining = ["x-acme-left", "x-acme-calls-left"]
reset = ["x-acme-reset", "x-acme-calls-reset"]

[capabilities]
list_recipients = { support = "native", evidence = "documented", source = "docs.example" }
create_view = { support = "native", evidence = "documented", source = "docs.example" }
resend_one = { support = "native", evidence = "documented", source = "docs.example" }
change_access_code = { support = "native", evidence = "documented", source = "docs.example" }
access_code_notify = { support = "native", evidence = "documented", source = "docs.example" }

[facts]
return_longest = { value = 470, evidence = "documented", source = "docs.example" }

[[refusal]]
code = "NO_SUCH_ENVELOPE"
kind = "envelope_not_found"
meaning = "no such envelope"
source = "docs.example"
"#;

pub(crate) static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem,
    webhooks: None,
    build: |settings: &Settings| -> Result<Arc<dyn Provider>> {
        settings.text("vendor")?;
        settings.finish()?;
        Ok(Arc::new(Acme::default()))
    },
    offline: || Err(Error::new(ErrorKind::Config, "not in this test")),
};

fn read_problem(status: u16, _headers: &http::HeaderMap, body: &Bytes) -> Problem {
    Problem::new(status).with_code(String::from_utf8(body.to_vec()).ok().filter(|code| !code.is_empty()))
}

/// Credentials that never change.
#[derive(Debug)]
pub(crate) struct Key;

#[async_trait::async_trait]
impl Authenticator for Key {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(BaseUrl::new("https://api.acme.example")?))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }
}

/// A token that is got anew each time.
#[derive(Debug)]
struct Token;

#[async_trait::async_trait]
impl Authenticator for Token {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        let base = BaseUrl::new("https://api.acme.example")?;
        let link = Connection::new(VENDOR.vocabulary(), Arc::new(Anonymous::new(base.clone())));
        cx.exchange(&link, Effect::Read, RequestBuilder::new(Method::POST, &["token"])).await?;
        Ok(SignedCredentials::anonymous(base))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }
}

/// The vendor.
#[derive(Debug)]
pub(crate) struct Acme {
    pub(crate) link: Connection,
    /// How long links live.
    pub(crate) link_life: Option<Duration>,
    /// Whether it claims after a mail that nothing has happened.
    pub(crate) confused: bool,
}

impl Default for Acme {
    fn default() -> Self {
        Self {
            link: Connection::new(VENDOR.vocabulary(), Arc::new(Key)),
            link_life: Some(Duration::from_secs(300)),
            confused: false,
        }
    }
}

impl Acme {
    async fn step(&self, cx: &Context, effect: Effect, path: &str) -> Result<()> {
        let method = if effect == Effect::Read { Method::GET } else { Method::POST };
        let answer = cx.exchange(&self.link, effect, RequestBuilder::new(method, &[path])).await?;
        answer.json::<serde_json::Value>().map(drop)
    }
}

#[async_trait::async_trait]
impl Provider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &VENDOR
    }

    async fn create_view(&self, cx: &Context, _request: &CreateView) -> Result<SigningView> {
        self.step(cx, Effect::Read, "list").await?;
        self.step(cx, Effect::MintsLink, "view").await?;
        let mut view = SigningView::new(SigningLink::new("https://acme.example/marked-link")?, recipient());
        view.expires_at = self.link_life.map(|life| cx.now() + life);
        Ok(view)
    }

    async fn resend_recipient(&self, cx: &Context, _request: &ResendRecipient) -> Result<Resent> {
        self.step(cx, Effect::Read, "list").await?;
        self.step(cx, Effect::Notifies, "resend").await?;
        if self.confused {
            let error = Error::new(ErrorKind::Unavailable, "nothing has happened");
            return Err(error.with_outcome(Outcome::NoEffect, Retry::After(None)));
        }
        Ok(Resent::new(vec![ResentTo::new(recipient(), MailExpectation::Expected, Unlocking::NotNeeded)]))
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        self.step(cx, Effect::Read, "list").await?;
        self.step(cx, Effect::SetsState, "code").await?;
        if request.notify {
            self.step(cx, Effect::Notifies, "remind").await?;
        }
        Ok(AccessCodeChanged::new(recipient(), MailExpectation::Unknown, Unlocking::NotNeeded))
    }

    async fn list_recipients(&self, cx: &Context, _request: &ListRecipients) -> Result<Recipients> {
        self.step(cx, Effect::Read, "list").await?;
        Ok(Recipients::new(Vec::new(), None, None))
    }

    /// Takes a request for a token and one with it.
    async fn check_access(&self, cx: &Context) -> Result<Access> {
        let link = Connection::new(VENDOR.vocabulary(), Arc::new(Token));
        cx.exchange(&link, Effect::Read, RequestBuilder::new(Method::GET, &["me"])).await?;
        Ok(Access::new("https://api.acme.example"))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        None
    }
}

fn recipient() -> RecipientId {
    RecipientId::new("1").unwrap()
}

pub(crate) const NOW: &str = "2026-11-22T10:00:00Z";

pub(crate) fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at(NOW))
}

/// A client of the vendor over a transport, with pauses as long as chance can make them.
pub(crate) fn builder(transport: Arc<dyn Transport>) -> ClientBuilder {
    Client::builder(Arc::new(Acme::default()))
        .transport(transport)
        .clock(clock())
        .retry(countersign::RetryPolicy { jitter: || 1.0, ..Default::default() })
}

pub(crate) fn client(script: &Arc<Script>) -> Client {
    builder(Arc::clone(script) as Arc<dyn Transport>).build()
}

pub(crate) fn envelope() -> EnvelopeId {
    EnvelopeId::new("e-1").unwrap()
}

pub(crate) fn list() -> ListRecipients {
    ListRecipients::new(envelope())
}

pub(crate) fn view() -> CreateView {
    let back = ReturnUrl::new("https://app.example.com/back").unwrap();
    CreateView::new(envelope(), RecipientRef::Id(recipient()), back)
}

pub(crate) fn resend() -> ResendRecipient {
    ResendRecipient::new(envelope(), RecipientRef::Id(recipient()))
}

pub(crate) fn code(text: &str) -> ChangeAccessCode {
    ChangeAccessCode::new(envelope(), RecipientRef::Id(recipient()), AccessCode::new(text).unwrap())
}

/// Prepares so many good answers.
pub(crate) fn good(script: &Script, times: usize) {
    for _ in 0..times {
        script.raw(200, &[], "{}");
    }
}
