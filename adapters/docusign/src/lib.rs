//! Countersign adapter for DocuSign eSignature v2.1.
//!
//! [`DESCRIPTOR`] is for a registry; [`Docusign`] can also be created in code from a [`DocusignConfig`]. Nothing
//! here was tested against a live account: every statement about DocuSign names its public source, and inferences
//! are marked.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod auth;
mod check;
mod error;
mod map;
mod webhook;
mod wire;

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use countersign_core::auth::Session;
use countersign_core::json::{Object, Open};
use countersign_core::vendor::{Doubt, Facts, Lists, with_recipient};
use countersign_core::{
    Access, AccessCodeChanged, AccountId, Authenticator, BaseUrl, ChangeAccessCode, CodeGrant, Connection,
    Context, CreateView, Descriptor, Effect, EnvelopeId, ErrorKind, ListRecipients, MailExpectation, NoMail,
    Outcome, Provider, Recipient, Recipients, RequestBuilder, ResendRecipient, ResendTarget, Resent,
    ResentTo, Result, SecretString, Settings, SigningView, Unlocking, VendorResponse,
    explain_unknown_recipient,
};
use http::Method;

use crate::auth::AccountHost;
pub use crate::auth::{Credentials, DocusignConfig, Environment};
use crate::error::{UpdateResult, UpdateSummary};
use crate::wire::{EnvelopeItself, RecipientList, ViewUrl};

/// DocuSign, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "docusign",
    facts: LazyLock::new(|| Facts::load("adapters/docusign/vendor.toml", include_str!("../vendor.toml"))),
    read_problem: error::read_problem,
    webhooks: Some(webhook::receive),
    build,
    offline,
};

/// A refusal had no effect, so a second attempt with the envelope's current values is safe.
const DOUBT: Doubt = Doubt {
    arises: |refusal| {
        refusal.kind() == ErrorKind::RecipientNotFound
            && refusal.problem().is_some()
            && refusal.outcome() != Outcome::Unknown
    },
    same: map::same_identity,
    explain: explain_unknown_recipient,
    again: true,
};

/// Creates a provider from an account's configuration.
fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    Ok(Arc::new(Docusign::new(DocusignConfig::from_settings(settings)?)?))
}

/// A provider without an account, which sends nothing: its host name can never exist (RFC 2606).
fn offline() -> Result<Arc<dyn Provider>> {
    let account = AccountId::new("00000000-0000-4000-8000-0ff11e0ff11e")?;
    let token = Credentials::Token(SecretString::from("offline"));
    let config = DocusignConfig::new(account, token).with_base_url(BaseUrl::new("https://offline.invalid")?);
    Ok(Arc::new(Docusign::new(config)?))
}

/// One DocuSign account with its credentials.
#[derive(Debug)]
pub struct Docusign {
    account: AccountId,
    session: Arc<Session>,
    host: AccountHost,
    link: Connection,
    /// Whether userinfo can be asked about the user; false if only the API's host is known.
    asks_userinfo: bool,
}

impl Docusign {
    /// An account.
    ///
    /// # Errors `Config` if the private key cannot be read, or a URL is http but not on this machine.
    pub fn new(config: DocusignConfig) -> Result<Self> {
        let account = config.account_id.clone();
        let asks_userinfo = !matches!(
            (&config.credentials, &config.base_url, &config.oauth_url),
            (Credentials::Token(_), Some(_), None)
        );
        let (session, host) = config.session()?;
        let session = Arc::new(session);
        let link = Connection::new(DESCRIPTOR.vocabulary(), Arc::clone(&session) as Arc<dyn Authenticator>);
        Ok(Self { account, session, host, link, asks_userinfo })
    }

    async fn send(&self, cx: &Context, effect: Effect, out: RequestBuilder) -> Result<VendorResponse> {
        cx.exchange(&self.link, effect, out).await.map_err(error::still_locked)
    }

    async fn read(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Recipients> {
        if let Some(list) = cx.preset_recipients() {
            return Ok(list.clone());
        }
        let answer = self.send(cx, Effect::Read, map::list(&self.account, envelope)).await?;
        let Open(list): Open<RecipientList> = answer.json()?;
        let list = map::recipients(list).map_err(|problem| answer.unreadable(problem))?;
        cx.record_recipients(&list);
        Ok(list)
    }

    async fn mint(&self, cx: &Context, request: &CreateView, person: &Recipient) -> Result<SigningView> {
        // Counted from before the call, so that the link never expires earlier than reported.
        let asked_at = cx.now();
        let out = map::view(&self.account, request, person)?;
        let answer = self.send(cx, Effect::MintsLink, out).await?;
        let Object(read): Object<ViewUrl> = answer.json()?;
        let mut view = SigningView::new(answer.signing_link(read.url.0)?, person.id.clone());
        let life = DESCRIPTOR.facts.behavior.link_life.as_ref().and_then(|life| life.value.span());
        view.expires_at = life.and_then(|life| asked_at.saturating_add(life.usual).ok());
        view.single_use = Some(true);
        Ok(view)
    }

    async fn mail_again(&self, cx: &Context, envelope: &EnvelopeId, person: &Recipient) -> Result<Resent> {
        let out = map::resend(&self.account, envelope, person)?;
        let answer = self.send(cx, Effect::Notifies, out).await?;
        error::updated(&answer, &person.id)?;
        Ok(Resent::new(vec![check::resent_to(person)]))
    }

    /// To every recipient whose turn it is. The list is read first, because the answer does not report who is
    /// mailed. If it is no recipient's turn, the request is made anyway: either DocuSign refuses, or the reply says
    /// so for each recipient.
    async fn mail_everyone_again(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Resent> {
        let list = self.read(cx, envelope).await?;
        check::no_draft(&list)?;
        let out = map::resend_everyone(&self.account, envelope)?;
        let answer = self.send(cx, Effect::Notifies, out).await?;
        let Object(summary): Object<UpdateSummary> = answer.json()?;
        let refusals: Vec<_> = summary.results().filter_map(UpdateResult::refusal_for).collect();
        if let Some(error) = error::of_whole(&answer, &summary) {
            return Err(error);
        }
        // One after which a mail may be out decides: none is sent again then.
        let mail_unknown = refusals.iter().find(|one| error::mail_after(one.1) == MailExpectation::Unknown);
        if let Some((_, details)) = mail_unknown.or(refusals.first())
            && refusals.len() == summary.results().count()
        {
            return Err(error::refused(&answer, details));
        }
        let to = list.recipients.iter().filter(|person| !check::is_gone(person)).map(|person| {
            let refusal = refusals.iter().find(|(id, _)| *id == Some(person.id.as_str()));
            match refusal.filter(|_| !person.status.is_done()) {
                Some((_, details)) => {
                    let still = match (person.is_locked(), error::mail_after(details)) {
                        (false, _) => Unlocking::NotNeeded,
                        (true, MailExpectation::Unknown) => Unlocking::Unverified,
                        (true, _) => Unlocking::StillLocked,
                    };
                    ResentTo::new(person.id.clone(), error::mail_after(details), still)
                }
                None => check::resent_to(person),
            }
        });
        Ok(Resent::new(to.collect()))
    }

    /// Without `notify`, setting the same code again gives the same state; with it, each call may send a mail.
    async fn set_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
        person: &Recipient,
    ) -> Result<AccessCodeChanged> {
        let effect = if request.notify { Effect::Notifies } else { Effect::SetsState };
        let out = map::access_code(&self.account, request, person)?;
        let answer = self.send(cx, effect, out).await?;
        error::updated(&answer, &person.id)?;
        let none = MailExpectation::NotExpected(NoMail::NotAsked);
        let (mail, unlocking) = match (request.notify, check::unlocking(person)) {
            (true, unlocking) => (check::mail(person), unlocking),
            // It is not documented whether a new code alone unlocks.
            (false, Unlocking::Unlocked) => (none, Unlocking::Unverified),
            (false, unlocking) => (none, unlocking),
        };
        let changed = AccessCodeChanged::new(person.id.clone(), mail, unlocking);
        Ok(changed.with_code_in_mail(person.code_in_mail))
    }
}

#[async_trait]
impl Provider for Docusign {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        let (lists, read) = (Lists::default(), || self.read(cx, &request.envelope));
        with_recipient(&lists, &request.recipient, &DOUBT, read, check::can_view, |found| async move {
            let view = self.mint(cx, request, found.person).await;
            view.map_err(|refusal| check::name_failed_check(refusal, found.person))
        })
        .await
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        let ResendTarget::One(reference) = &request.target else {
            return self.mail_everyone_again(cx, &request.envelope).await;
        };
        let (lists, read) = (Lists::default(), || self.read(cx, &request.envelope));
        with_recipient(&lists, reference, &DOUBT, read, check::can_resend, |found| {
            self.mail_again(cx, &request.envelope, found.person)
        })
        .await
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        let (lists, read) = (Lists::default(), || self.read(cx, &request.envelope));
        let check = if request.notify { check::can_resend } else { check::can_change };
        with_recipient(&lists, &request.recipient, &DOUBT, read, check, |found| {
            self.set_code(cx, request, found.person)
        })
        .await
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        let list = self.read(cx, &request.envelope).await?;
        if !request.envelope_status || map::is_over(&list) {
            return Ok(list);
        }
        let out = map::envelope_itself(&self.account, &request.envelope);
        let answer = self.send(cx, Effect::Read, out).await?;
        let Object(envelope): Object<EnvelopeItself> = answer.json()?;
        let word = envelope.status.0;
        let word = word.ok_or_else(|| answer.unreadable("the answer has no `status` of the envelope"))?;
        Ok(map::with_status(list, DESCRIPTOR.facts.words.envelope_status.read(&word)))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        self.session.code_grant()
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        if let Some(asking) = self.session.asking().filter(|_| self.asks_userinfo) {
            return self.host.identify(cx, &asking, self.session.base()).await;
        }
        // With a custom host and no userinfo to ask, the account itself is the cheapest read.
        let path = ["restapi", "v2.1", "accounts", self.account.as_str()];
        self.send(cx, Effect::Read, RequestBuilder::new(Method::GET, &path)).await?;
        let mut access = Access::new(self.session.base().map_or("", BaseUrl::as_str));
        access.account = Some(self.account.to_string());
        Ok(access)
    }
}
