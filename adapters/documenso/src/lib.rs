//! Countersign adapter for Documenso API v2.
//!
//! [`Documenso`] is the provider; [`DocumensoConfig`] holds its settings; [`DESCRIPTOR`] is for a registry. The
//! vendor's peculiarities and the evidence for each are in this crate's `README.md` and `vendor.toml`.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod auth;
mod check;
mod error;
mod map;
mod webhook;
mod wire;

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use countersign_core::json::Object;
use countersign_core::vendor::Facts;
use countersign_core::{
    Access, AccessCodeChanged, Authenticator, BaseUrl, ChangeAccessCode, CodeGrant, Connection, Context,
    CreateView, Descriptor, Effect, EnvelopeId, ExposeSecret as _, ListRecipients, MailExpectation, NoMail,
    Provider, Recipient, Recipients, ResendRecipient, ResendTarget, Resent, ResentTo, Result, SigningView,
    Unlocking,
};

use crate::map::{ENTRIES, Mailed, Read};
use crate::wire::{AuditLog, Entry, Envelope, Listing, Redistributed};

pub use crate::auth::DocumensoConfig;

/// Documenso, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "documenso",
    facts: LazyLock::new(|| Facts::load("adapters/documenso/vendor.toml", include_str!("../vendor.toml"))),
    read_problem: error::read_problem,
    webhooks: Some(webhook::receive),
    build: auth::build,
    offline: auth::offline,
};

/// A team's account at a Documenso server.
#[derive(Debug)]
pub struct Documenso {
    link: Connection,
    base: BaseUrl,
    web: BaseUrl,
}

impl Documenso {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors `Config` if the key is empty or a URL is neither https nor on this machine.
    pub fn new(config: DocumensoConfig) -> Result<Self> {
        let (session, base, web) = config.session()?;
        let link = Connection::new(DESCRIPTOR.vocabulary(), Arc::new(session) as Arc<dyn Authenticator>);
        Ok(Self { link, base, web })
    }

    async fn read(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Read> {
        let answer = cx.exchange(&self.link, Effect::Read, map::envelope(envelope)).await?;
        let Object(read): Object<Envelope> = answer.json()?;
        if read.id.is_none() || read.recipients.is_none() {
            return Err(answer.unreadable("the answer is JSON, but not an envelope"));
        }
        if map::is_template(&read) {
            return Err(error::template());
        }
        let read = Read::new(read, cx.now());
        cx.record_recipients(&read.list);
        Ok(read)
    }

    async fn list(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Recipients> {
        match cx.preset_recipients() {
            Some(list) => Ok(list.clone()),
            None => Ok(self.read(cx, envelope).await?.list),
        }
    }

    async fn log(&self, cx: &Context, envelope: &EnvelopeId, entries: usize) -> Result<Vec<Entry>> {
        let out = map::audit_log(envelope, entries);
        let Object(log): Object<AuditLog> = cx.exchange(&self.link, Effect::Read, out).await?.json()?;
        Ok(log.data)
    }

    /// Documenso reports success whatever it did; its log has an entry for each mail that left.
    async fn remind(&self, cx: &Context, envelope: &EnvelopeId, people: &[&Recipient]) -> Result<Resent> {
        let numbers = people.iter().map(|person| check::number(person)).collect::<Result<Vec<_>>>()?;
        // The times of the log are the server's, so that only its order tells what is new. A plan needs no such mark.
        let newest = match cx.preset_recipients() {
            Some(_) => None,
            None => self.log(cx, envelope, 1).await?.into_iter().next(),
        };
        let known = newest.map(|entry| entry.id.ok_or_else(error::no_mark)).transpose()?;
        let answer =
            cx.exchange(&self.link, Effect::Notifies, map::redistribute(envelope, &numbers)?).await?;
        let Object(done): Object<Redistributed> = answer.json()?;
        match done.success {
            Some(true) => {}
            Some(false) => return Err(answer.refusal(None, Some("success: false".to_owned()))),
            None => return Err(answer.unreadable("the answer does not say whether the request was accepted")),
        }
        // The mails have left, whatever happens to this request.
        let log = self.log(cx, envelope, ENTRIES).await.ok();
        let told = |(person, number): (&&Recipient, u64)| {
            let mailed = match &log {
                Some(log) => map::mailed(log, known.as_deref(), number),
                None => Mailed::Unknown,
            };
            let mail = match mailed {
                Mailed::At(_) | Mailed::Untimed => MailExpectation::Expected,
                _ if check::is_muted(person) => MailExpectation::NotExpected(NoMail::Muted),
                _ if person.email.is_none() => MailExpectation::NotExpected(NoMail::NoAddress),
                Mailed::No => MailExpectation::NotExpected(NoMail::NotSent),
                // As far as the rules go: only the log of a real call knows.
                Mailed::Unknown if cx.is_dry_run() => MailExpectation::Expected,
                Mailed::Unknown => MailExpectation::Unknown,
            };
            let told = ResentTo::new(person.id.clone(), mail, Unlocking::NotNeeded);
            match mailed {
                Mailed::At(at) => told.with_mailed_at(at),
                _ => told,
            }
        };
        Ok(Resent::new(people.iter().zip(numbers).map(told).collect()))
    }
}

#[async_trait]
impl Provider for Documenso {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    /// The link is read: each recipient has one, the same for as long as the envelope exists.
    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        let read = self.read(cx, &request.envelope).await?;
        let person = request.recipient.find(&read.list)?;
        check::open(&read.list)?;
        check::view(person)?;
        let link = read.token(&person.id).and_then(|token| map::link(&self.web, token.expose_secret()));
        let link = error::link(link.ok_or_else(error::no_token)?)?;
        let mut view = SigningView::new(link, person.id.clone());
        view.expires_at = person.vendor.extra.get("expiresAt").and_then(|at| at.parse().ok());
        view.single_use = Some(false);
        view.returns_to = read.returns_to(&request.return_url);
        Ok(view)
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        let list = self.list(cx, &request.envelope).await?;
        let people = if let ResendTarget::One(reference) = &request.target {
            let person = reference.find(&list)?;
            check::open(&list)?;
            check::actor(person)?;
            vec![person]
        } else {
            check::open(&list)?;
            check::due(&list)?
        };
        self.remind(cx, &request.envelope, &people).await
    }

    async fn change_access_code(
        &self,
        _cx: &Context,
        _request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        Err(check::no_codes())
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        self.list(cx, &request.envelope).await
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        None
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        // An HTML page or a proxy's greeting does not prove access.
        cx.exchange(&self.link, Effect::Read, map::probe()).await?.json::<Listing>()?;
        Ok(Access::new(self.base.as_str()))
    }
}
