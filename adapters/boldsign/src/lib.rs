//! Countersign adapter for BoldSign v1.
//!
//! [`Boldsign`] is the provider; [`BoldsignConfig`] holds its settings; [`DESCRIPTOR`] is for a registry. The
//! vendor's peculiarities and the evidence for each are in this crate's `README.md` and `vendor.toml`.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod auth;
mod check;
mod error;
mod map;
mod webhook;
mod wire;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::auth::Session;
use countersign_core::vendor::{Doubt, Facts, Lists, with_recipient};
use countersign_core::{
    Access, AccessCodeChanged, Authenticator, BaseUrl, ChangeAccessCode, CodeGrant, Connection, Context,
    CreateView, Descriptor, Effect, Email, EnvelopeId, ErrorKind, ListRecipients, MailExpectation, NoMail,
    Provider, Recipient, Recipients, ResendRecipient, ResendTarget, Resent, Result, SigningView, Timestamp,
    Unlocking,
};

use crate::check::Plan;
use crate::wire::{Listing, Properties, SignLink};

pub use crate::auth::{BoldsignConfig, Credentials, Region};

/// BoldSign, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "boldsign",
    facts: LazyLock::new(|| Facts::load("adapters/boldsign/vendor.toml", include_str!("../vendor.toml"))),
    read_problem: error::read_problem,
    webhooks: Some(webhook::receive),
    build: auth::build,
    offline: auth::offline,
};

/// BoldSign answers "access denied" to almost every error; the list shows the cause. BoldSign ignores the name, so
/// it is not compared.
const DOUBT: Doubt = Doubt {
    arises: |refusal| refusal.status() == Some(403),
    same: |a, b| (&a.email, &a.phone, a.order) == (&b.email, &b.phone, b.order),
    explain: |refusal, _, _| error::shown_but_refused(refusal),
    again: false,
};

/// An account at BoldSign.
#[derive(Debug)]
pub struct Boldsign {
    link: Connection,
    session: Arc<Session>,
    on_behalf_of: Option<Email>,
}

impl Boldsign {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors `Config` if the key is empty or a URL is neither https nor on this machine.
    pub fn new(config: BoldsignConfig) -> Result<Self> {
        let on_behalf_of = config.on_behalf_of.clone();
        let session = Arc::new(config.session()?);
        let link = Connection::new(DESCRIPTOR.vocabulary(), Arc::clone(&session) as Arc<dyn Authenticator>);
        Ok(Self { link, session, on_behalf_of })
    }

    fn sender<'s>(&'s self, of_request: &'s Option<Email>) -> Option<&'s Email> {
        of_request.as_ref().or(self.on_behalf_of.as_ref())
    }

    async fn read(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Recipients> {
        if let Some(list) = cx.preset_recipients() {
            return Ok(list.clone());
        }
        let read = cx.exchange(&self.link, Effect::Read, map::properties(envelope)).await;
        let answer = read.map_err(error::not_shown)?;
        let document: Properties = answer.json()?;
        if document.document_id.is_none() && document.status.is_none() && document.signer_details.is_none() {
            return Err(answer.unreadable("the answer is JSON, but not a document"));
        }
        let list = map::recipients(document);
        cx.record_recipients(&list);
        Ok(list)
    }

    async fn mint(&self, cx: &Context, request: &CreateView, person: &Recipient) -> Result<SigningView> {
        let now = cx.now();
        let valid_till = request.expires_in.map(|life| end_of(now, life));
        let address = check::addressed(person)?;
        let out = map::sign_link(&request.envelope, address, valid_till, &request.return_url);
        let answer = cx.exchange(&self.link, Effect::MintsLink, out).await?;
        let read: SignLink = answer.json()?;
        let link = answer.signing_link(read.sign_link)?;
        let mut view = SigningView::new(link, person.id.clone());
        let life = DESCRIPTOR.facts.behavior.link_life.as_ref().and_then(|life| life.value.span());
        view.expires_at = valid_till.or_else(|| life.map(|life| end_of(now, life.usual)));
        Ok(view)
    }

    async fn remind(&self, cx: &Context, request: &ResendRecipient, plan: &Plan<'_>) -> Result<()> {
        let sender = self.sender(&request.on_behalf_of);
        let out = map::remind(&request.envelope, &plan.to, request.message.as_deref(), sender)?;
        error::accepted(&cx.exchange(&self.link, Effect::Notifies, out).await?)
    }

    async fn remind_everyone(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        let list = self.read(cx, &request.envelope).await?;
        check::open(&list)?;
        let plan = Plan::everyone(&list)?;
        check::not_muted(&list, request.allow_muted)?;
        self.remind(cx, request, &plan).await.map_err(error::shown_but_refused)?;
        Ok(Resent::new(plan.reply))
    }

    /// A reminder after a change. The change is final whatever happens to the reminder, so this cannot fail.
    async fn notify(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
        list: &Recipients,
        person: &Recipient,
    ) -> MailExpectation {
        if check::is_muted(list) {
            return MailExpectation::NotExpected(NoMail::Muted);
        }
        let plan = match Plan::one(list, person) {
            Ok(plan) => plan,
            Err(reason) if reason.kind() == ErrorKind::RecipientNotInTurn => {
                return MailExpectation::NotExpected(NoMail::NotInTurn);
            }
            Err(reason) => return MailExpectation::NotExpected(NoMail::Refused(reason.kind())),
        };
        let mut reminder = ResendRecipient::everyone(request.envelope.clone());
        reminder.on_behalf_of.clone_from(&request.on_behalf_of);
        match self.remind(cx, &reminder, &plan).await {
            Ok(()) => check::expectation(person),
            Err(error) => DESCRIPTOR.facts.refusals.mail_after(&error),
        }
    }
}

/// The expiry of a link, in whole seconds.
fn end_of(now: Timestamp, life: Duration) -> Timestamp {
    let end = now.as_second().saturating_add(i64::try_from(life.as_secs()).unwrap_or(i64::MAX));
    Timestamp::from_second(end).unwrap_or(Timestamp::MAX)
}

#[async_trait]
impl Provider for Boldsign {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        let lists = Lists::default();
        let read = || self.read(cx, &request.envelope);
        let check = |person: &Recipient, list: Option<&Recipients>| {
            list.map_or(Ok(()), check::open)?;
            check::view(person)
        };
        let view = with_recipient(&lists, &request.recipient, &DOUBT, read, check, |found| {
            self.mint(cx, request, found.person)
        })
        .await;
        view.map_err(|error| match error.kind() {
            ErrorKind::RecipientAmbiguous => error.with_hint(check::REPEATED_HINT),
            _ => error,
        })
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        let ResendTarget::One(reference) = &request.target else {
            return self.remind_everyone(cx, request).await;
        };
        let lists = Lists::default();
        let read = || self.read(cx, &request.envelope);
        let check = |person: &Recipient, list: Option<&Recipients>| match list {
            Some(list) => check::open(list).and_then(|()| check::remind(person)),
            None => check::remind_unread(person, request.allow_muted),
        };
        with_recipient(&lists, reference, &DOUBT, read, check, |found| async move {
            let plan = match found.list {
                Some(list) => {
                    check::not_muted(list, request.allow_muted)?;
                    Plan::one(list, found.person)?
                }
                None => Plan::known(found.person)?,
            };
            self.remind(cx, request, &plan).await?;
            Ok(Resent::new(plan.reply))
        })
        .await
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        let lists = Lists::default();
        let read = || self.read(cx, &request.envelope);
        let check = |person: &Recipient, list: Option<&Recipients>| {
            match list {
                Some(list) => check::open(list)?,
                // The whole document shows whether mails are switched off, and whose turn it is.
                None if request.notify => return Err(check::unread()),
                None => {}
            }
            check::change_access_code(person)
        };
        with_recipient(&lists, &request.recipient, &DOUBT, read, check, |found| async move {
            let (address, sender) = (check::addressed(found.person)?, self.sender(&request.on_behalf_of));
            let (envelope, order) = (&request.envelope, found.person.order);
            let out = map::change_access_code(envelope, address, order, &request.code, sender)?;
            error::accepted(&cx.exchange(&self.link, Effect::SetsState, out).await?)?;
            // A new code unlocks (support.boldsign.com/kb/article/14181).
            let unlocking = if found.person.is_locked() { Unlocking::Unlocked } else { Unlocking::NotNeeded };
            let mail = match found.list.filter(|_| request.notify) {
                Some(list) => self.notify(cx, request, list, found.person).await,
                None => MailExpectation::NotExpected(NoMail::NotAsked),
            };
            Ok(AccessCodeChanged::new(found.person.id.clone(), mail, unlocking))
        })
        .await
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        self.read(cx, &request.envelope).await
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        self.session.code_grant()
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        let probe = map::probe(self.session.has_scopes());
        // An HTML page or a proxy's greeting does not prove access.
        cx.exchange(&self.link, Effect::Read, probe).await?.json::<Listing>()?;
        Ok(Access::new(self.session.base().map_or("", BaseUrl::as_str)))
    }
}
