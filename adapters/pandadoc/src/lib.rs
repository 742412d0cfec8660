//! Countersign adapter for PandaDoc API v1.
//!
//! [`Pandadoc`] is the provider; [`PandadocConfig`] holds its settings; [`DESCRIPTOR`] is for a registry. The
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
use countersign_core::auth::Session;
use countersign_core::json::Object;
use countersign_core::vendor::Facts;
use countersign_core::{
    Access, AccessCodeChanged, AccessCodeState, Authenticator, BaseUrl, ChangeAccessCode, CodeGrant,
    Connection, Context, CreateView, Descriptor, Effect, EnvelopeId, ErrorKind, ExposeSecret as _,
    ListRecipients, MailExpectation, NoMail, Operation, Problem, Provider, Recipient, Recipients,
    ResendRecipient, ResendTarget, Resent, ResentTo, Result, ReturnsTo, SigningView, Unlocking,
};

use crate::map::{Failure, Told};
use crate::wire::{CurrentMember, Document, Reminded};

pub use crate::auth::{Credentials, PandadocConfig};

/// PandaDoc, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "pandadoc",
    facts: LazyLock::new(|| Facts::load("adapters/pandadoc/vendor.toml", include_str!("../vendor.toml"))),
    read_problem: error::read_problem,
    webhooks: Some(webhook::receive),
    build: auth::build,
    offline: auth::offline,
};

/// A workspace member's account at PandaDoc.
#[derive(Debug)]
pub struct Pandadoc {
    link: Connection,
    session: Arc<Session>,
    app: BaseUrl,
}

impl Pandadoc {
    /// Checks the configuration. Sends nothing.
    ///
    /// # Errors `Config` if the key is empty or a URL is neither https nor on this machine.
    pub fn new(config: PandadocConfig) -> Result<Self> {
        let (session, app) = config.session()?;
        let session = Arc::new(session);
        let link = Connection::new(DESCRIPTOR.vocabulary(), Arc::clone(&session) as Arc<dyn Authenticator>);
        Ok(Self { link, session, app })
    }

    async fn read(&self, cx: &Context, envelope: &EnvelopeId) -> Result<Recipients> {
        if let Some(list) = cx.preset_recipients() {
            return Ok(list.clone());
        }
        let answer = cx.exchange(&self.link, Effect::Read, map::details(envelope)).await?;
        let Object(document): Object<Document> = answer.json()?;
        if document.id.is_none() || document.recipients.is_none() {
            return Err(answer.unreadable("the answer is JSON, but not a document"));
        }
        let list = map::recipients(document, cx.now());
        cx.record_recipients(&list);
        Ok(list)
    }

    /// PandaDoc answers 200 whatever the result for each recipient is. Only if no message left for anyone, it is a refusal.
    async fn remind(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        people: &[&Recipient],
        message: Option<&str>,
    ) -> Result<Vec<ResentTo>> {
        let out = map::remind(envelope, people, message)?;
        let answer = cx.exchange(&self.link, Effect::Notifies, out).await?;
        let Object(reminded): Object<Reminded> = answer.json()?;
        let told: Vec<Told> = people.iter().map(|person| map::told(&reminded, person)).collect();
        if let Some(Told::No(Failure::Refused(sentence))) = told.first()
            && told.iter().all(|told| matches!(told, Told::No(Failure::Refused(_))))
        {
            return Err(answer.refusal(None, Some(sentence.clone())));
        }
        let reply = |(person, told): (&&Recipient, Told)| {
            let (mail, at) = match told {
                Told::Sent(at, None) => (MailExpectation::Expected, at),
                Told::Sent(at, Some((not_by, failure))) => {
                    (MailExpectation::Partly(not_by, why(failure)), at)
                }
                Told::No(failure) => (MailExpectation::NotExpected(why(failure)), None),
                Told::Unknown => (MailExpectation::Unknown, None),
            };
            let mut to = ResentTo::new(person.id.clone(), mail, unlocking(person));
            to.mailed_at = at;
            to
        };
        Ok(people.iter().zip(told).map(reply).collect())
    }

    /// A reminder after a change. The change is final whatever happens to the reminder, so this cannot fail.
    async fn notify(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        list: &Recipients,
        person: &Recipient,
    ) -> MailExpectation {
        let reason = check::open(list).and_then(|()| check::remind(person, None)).err();
        match reason.map(|reason| reason.kind()) {
            Some(ErrorKind::RecipientNotInTurn) => return MailExpectation::NotExpected(NoMail::NotInTurn),
            Some(kind) => return MailExpectation::NotExpected(NoMail::Refused(kind)),
            None => {}
        }
        match self.remind(cx, envelope, &[person], None).await {
            Ok(told) => told.into_iter().next().map_or(MailExpectation::Unknown, |told| told.mail),
            Err(error) => DESCRIPTOR.facts.refusals.mail_after(&error),
        }
    }
}

/// A sentence has the kind of its row in `vendor.toml`.
fn why(failure: Failure) -> NoMail {
    let sentence = match failure {
        Failure::No(why) => return why,
        Failure::Refused(sentence) => sentence,
    };
    let problem = Problem::new(200).with_message(Some(sentence));
    let row = DESCRIPTOR.facts.refusals.find(Operation::ResendRecipient, &problem);
    NoMail::Refused(row.map_or(ErrorKind::Unexpected, |row| row.kind))
}

/// No call tells who is locked. A different code unlocks by an old page, but whether the code that was saved is a
/// different one cannot be seen; it is not documented whether a reminder unlocks.
fn unlocking(person: &Recipient) -> Unlocking {
    match person.access_code {
        AccessCodeState::NotRequired => Unlocking::NotNeeded,
        _ => Unlocking::Unverified,
    }
}

#[async_trait]
impl Provider for Pandadoc {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        let list = self.read(cx, &request.envelope).await?;
        let person = request.recipient.find(&list)?;
        check::open(&list)?;
        let email = check::view(&list, person)?;
        let out = map::session(&request.envelope, email, request.expires_in)?;
        let answer = cx.exchange(&self.link, Effect::MintsLink, out).await?;
        let Object(session): Object<wire::Session> = answer.json()?;
        let link = session.id.and_then(|id| map::link(&self.app, id.expose_secret()));
        let mut view = SigningView::new(answer.signing_link(link)?, person.id.clone());
        view.expires_at = session.expires_at.0;
        // A session never redirects, whatever the document says.
        view.returns_to = ReturnsTo::Vendor;
        Ok(view)
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        let list = self.read(cx, &request.envelope).await?;
        let message = request.message.as_deref();
        let people = if let ResendTarget::One(reference) = &request.target {
            let person = reference.find(&list)?;
            check::open(&list)?;
            check::remind(person, message)?;
            vec![person]
        } else {
            check::open(&list)?;
            check::due(&list, message)?
        };
        Ok(Resent::new(self.remind(cx, &request.envelope, &people, message).await?))
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        let list = self.read(cx, &request.envelope).await?;
        let person = request.recipient.find(&list)?;
        check::not_ended(&list)?;
        check::change_access_code(person)?;
        let out = map::new_passcode(&request.envelope, person, &request.code)?;
        let answer = cx.exchange(&self.link, Effect::SetsState, out).await.map_err(error::recipient_gone)?;
        // A success is 204 without content; another answer may come from a gateway or a portal. A plan has none.
        let is_success = answer.status() == 204 && answer.body().trim_ascii().is_empty();
        if !is_success && !cx.is_dry_run() {
            return Err(answer.unreadable("the answer is not PandaDoc's success answer, 204 without content"));
        }
        let mail = match request.notify {
            true => self.notify(cx, &request.envelope, &list, person).await,
            false => MailExpectation::NotExpected(NoMail::NotAsked),
        };
        Ok(AccessCodeChanged::new(person.id.clone(), mail, unlocking(person)))
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        self.read(cx, &request.envelope).await
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        self.session.code_grant()
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        let answer = cx.exchange(&self.link, Effect::Read, map::current_member()).await?;
        let Object(member): Object<CurrentMember> = answer.json()?;
        if member.user_id.is_none() {
            return Err(answer.unreadable("the answer is JSON, but not a workspace member"));
        }
        let mut access = Access::new(self.session.base().map_or("", BaseUrl::as_str));
        access.account = member.workspace_name;
        Ok(access)
    }
}
