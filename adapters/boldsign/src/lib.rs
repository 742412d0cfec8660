//! Countersign adapter for BoldSign v1.
//!
//! [`Boldsign`] is the provider; [`BoldsignConfig`] is what it needs; [`DESCRIPTOR`] is what a registry needs. The
//! quirks of the vendor and the evidence for each are in the `README.md` beside this crate.

mod auth;
mod capabilities;
mod conduct;
mod config;
mod document;
mod error;
mod events;
mod guard;
mod history;
mod ids;
mod map;
mod people;
mod remind;
mod returns;
mod row;
mod stage;
mod status;
mod steps;
mod webhook;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{
    Access, AccessCodeChanged, Authenticator, ChangeAccessCode, CodeGrant, Connection, Context, CreateView,
    Descriptor, Effect, Email, Error, ErrorKind, ListRecipients, MailExpectation, NoMail, Provider,
    Recipient, RecipientRef, Recipients, ResendRecipient, ResendTarget, Resent, Result, SigningLink,
    SigningView, Unlocking, check_features,
};

use crate::auth::SignIn;
use crate::document::Document;
use crate::ids::REPEATED_ADDRESS;
use crate::map::Address;
use crate::remind::Plan;
use crate::wire::SignLink;

pub use crate::config::{BoldsignConfig, Credentials, Region};

/// BoldSign, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "boldsign",
    title: "BoldSign API v1",
    capabilities: &capabilities::CAPABILITIES,
    conduct: Some(&conduct::CONDUCT),
    rules: error::RULES,
    read_problem: error::read_problem,
    returns: returns::RETURNS,
    webhooks: Some(&webhook::DOOR),
    build: config::build,
    offline: config::offline,
    verified_live: None,
};

/// An account at BoldSign.
#[derive(Debug)]
pub struct Boldsign {
    link: Connection,
    sign_in: Arc<SignIn>,
    base_url: String,
    on_behalf_of: Option<Email>,
}

impl Boldsign {
    /// Checks the configuration. Nothing is sent.
    ///
    /// # Errors
    /// `Config` when the key is empty or a URL is neither https nor on this machine.
    pub fn new(config: BoldsignConfig) -> Result<Self> {
        let (base, oauth) = config.checked_hosts()?;
        let base_url = base.as_str().to_owned();
        let sign_in = Arc::new(SignIn::new(base, oauth, config.credentials));
        let link = Connection::new(DESCRIPTOR.vocabulary(), Arc::clone(&sign_in) as Arc<dyn Authenticator>);
        Ok(Self { link, sign_in, base_url, on_behalf_of: config.on_behalf_of })
    }

    fn sender<'s>(&'s self, of_request: &'s Option<Email>) -> Option<&'s Email> {
        of_request.as_ref().or(self.on_behalf_of.as_ref())
    }

    async fn view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        check_features(DESCRIPTOR.capabilities, &request.features())?;
        map::check_return_url(&request.return_url)?;
        let now = cx.now();
        let valid_till = map::valid_till(now, request.expires_in)?;
        let known = match &request.recipient {
            RecipientRef::Known(known) => guard::view(known).ok().map(|address| (known.as_ref(), address)),
            _ => None,
        };
        let (recipient, answer) = if let Some((known, address)) = known {
            let out = map::sign_link(&request.envelope, &address, valid_till, &request.return_url);
            let answer = match cx.exchange(&self.link, Effect::MintsLink, out).await {
                Ok(answer) => answer,
                Err(refusal) => {
                    return Err(self.explain(cx, &request.envelope, known, refusal, guard::view).await);
                }
            };
            (known.id.clone(), answer)
        } else {
            let document = self.look_up(cx, &request.envelope, &request.recipient).await?;
            let recipient = document.find(&request.recipient).map_err(|error| match error.kind() {
                ErrorKind::RecipientAmbiguous => error.with_hint(guard::REPEATED_HINT),
                _ => error,
            })?;
            let address = guard::view(recipient)?;
            let out = map::sign_link(&request.envelope, &address, valid_till, &request.return_url);
            let answer =
                cx.exchange(&self.link, Effect::MintsLink, out).await.map_err(error::shown_but_refused)?;
            (recipient.id.clone(), answer)
        };
        let read: SignLink = answer.json()?;
        let link = read.sign_link.filter(|link| !link.trim().is_empty());
        let link = link.ok_or_else(|| answer.unreadable("the answer has no signing link"))?;
        let link = SigningLink::new(link)
            .map_err(|invalid| answer.unreadable(format!("the signing link {}", invalid.problem())))?;
        let mut view = SigningView::new(link, recipient);
        view.expires_at = match valid_till {
            Some(end) => Some(end),
            None => Some(map::usual_end(now)?),
        };
        Ok(view)
    }

    async fn resend(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        check_features(DESCRIPTOR.capabilities, &request.features())?;
        // Only the list tells whether mails are switched off, so without the caller's leave it has to be read.
        if let (ResendTarget::One(RecipientRef::Known(known)), true) = (&request.target, request.allow_muted)
            && let Ok(address @ Address::Email(_)) = guard::remind(known)
            && !guard::is_marked(known, REPEATED_ADDRESS)
        {
            let plan = remind::plan_known(known, address);
            return match self.remind(cx, request, &plan).await {
                Ok(()) => Ok(Resent::new(plan.reply)),
                Err(refusal) => Err(self.explain(cx, &request.envelope, known, refusal, guard::remind).await),
            };
        }
        let (document, plan) = match &request.target {
            ResendTarget::One(wanted) => {
                let document = self.look_up(cx, &request.envelope, wanted).await?;
                let plan = remind::plan_one(&document.list, document.find(wanted)?)?;
                (document, plan)
            }
            ResendTarget::Everyone => {
                let document = self.read(cx, &request.envelope).await?;
                guard::open(&document)?;
                let plan = remind::plan_everyone(&document.list)?;
                (document, plan)
            }
            _ => {
                return Err(Error::new(ErrorKind::Unsupported, "this adapter does not know such a target"));
            }
        };
        guard::not_muted(&document, request.allow_muted)?;
        self.remind(cx, request, &plan).await.map_err(error::shown_but_refused)?;
        Ok(Resent::new(plan.reply))
    }

    async fn remind(&self, cx: &Context, request: &ResendRecipient, plan: &Plan) -> Result<()> {
        let sender = self.sender(&request.on_behalf_of);
        let out = map::remind(&request.envelope, &plan.to, request.message.as_deref(), sender)?;
        error::accepted(&cx.exchange(&self.link, Effect::Notifies, out).await?)
    }

    async fn change(&self, cx: &Context, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        check_features(DESCRIPTOR.capabilities, &request.features())?;
        // A notification needs the whole document: whether its mails are switched off, and whose turn it is.
        if let (RecipientRef::Known(known), false) = (&request.recipient, request.notify)
            && let Ok(address) = guard::change_access_code(known)
        {
            return match self.set_code(cx, request, known, &address).await {
                Ok(unlocking) => {
                    let mail = MailExpectation::NotExpected(NoMail::NotAsked);
                    Ok(AccessCodeChanged::new(known.id.clone(), mail, unlocking))
                }
                Err(refusal) => {
                    Err(self.explain(cx, &request.envelope, known, refusal, guard::change_access_code).await)
                }
            };
        }
        let document = self.look_up(cx, &request.envelope, &request.recipient).await?;
        let recipient = document.find(&request.recipient)?;
        let address = guard::change_access_code(recipient)?;
        let unlocking =
            self.set_code(cx, request, recipient, &address).await.map_err(error::shown_but_refused)?;
        let mail = if request.notify {
            self.notify(cx, request, &document, recipient).await
        } else {
            MailExpectation::NotExpected(NoMail::NotAsked)
        };
        Ok(AccessCodeChanged::new(recipient.id.clone(), mail, unlocking))
    }

    async fn set_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
        recipient: &Recipient,
        address: &Address,
    ) -> Result<Unlocking> {
        let sender = self.sender(&request.on_behalf_of);
        let out =
            map::change_access_code(&request.envelope, address, recipient.order, &request.code, sender)?;
        error::accepted(&cx.exchange(&self.link, Effect::SetsState, out).await?)?;
        // A new code unlocks (support.boldsign.com/kb/article/14181).
        Ok(if recipient.is_locked() { Unlocking::Unlocked } else { Unlocking::NotNeeded })
    }

    /// A reminder after a change. The change stands whatever becomes of it, so this cannot fail.
    async fn notify(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
        document: &Document,
        recipient: &Recipient,
    ) -> MailExpectation {
        if document.muted {
            return MailExpectation::NotExpected(NoMail::Muted);
        }
        let plan = match remind::plan_one(&document.list, recipient) {
            Ok(plan) => plan,
            Err(reason) if reason.kind() == ErrorKind::RecipientNotInTurn => {
                return MailExpectation::NotExpected(NoMail::NotInTurn);
            }
            Err(reason) => return MailExpectation::NotExpected(NoMail::Refused(reason.kind())),
        };
        let mut reminder =
            ResendRecipient::new(request.envelope.clone(), RecipientRef::Id(recipient.id.clone()));
        reminder.on_behalf_of.clone_from(&request.on_behalf_of);
        match self.remind(cx, &reminder, &plan).await {
            Ok(()) => remind::expectation(recipient),
            Err(error) => remind::after_failure(&error),
        }
    }
}

#[async_trait]
impl Provider for Boldsign {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        self.view(cx, request).await.map_err(|error| error.in_operation(DESCRIPTOR.name, cx.operation()))
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        self.resend(cx, request).await.map_err(|error| error.in_operation(DESCRIPTOR.name, cx.operation()))
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        self.change(cx, request).await.map_err(|error| error.in_operation(DESCRIPTOR.name, cx.operation()))
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        let document = self
            .read(cx, &request.envelope)
            .await
            .map_err(|error| error.in_operation(DESCRIPTOR.name, cx.operation()))?;
        Ok(document.list)
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        self.sign_in.code_grant()
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        let probe = if self.sign_in.has_scopes() { map::probe_documents() } else { map::probe() };
        cx.exchange(&self.link, Effect::Read, probe).await?;
        Ok(Access::new(self.base_url.clone()))
    }
}
