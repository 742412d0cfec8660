//! Countersign adapter for DocuSign eSignature v2.1.
//!
//! [`DESCRIPTOR`] is what the registry lists; [`Docusign`] can also be made in code from a [`DocusignConfig`].
//! Nothing here was tried against a live account: every statement about DocuSign names its public source, and what
//! is inferred says so.

mod access_code;
mod auth;
mod capabilities;
mod checks;
mod conduct;
mod config;
mod connect;
mod entry;
mod error;
mod jwt;
mod lenient;
mod loose;
mod map;
mod objects;
mod parsed;
mod people;
mod place;
mod planned;
mod refusal;
mod resend;
mod returns;
mod rules;
mod updates;
mod view;
mod webhook;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{
    Access, AccessCodeChanged, AccountId, Authenticator, BaseUrl, ChangeAccessCode, CodeGrant, Connection,
    Context, CreateView, Descriptor, Effect, EnvelopeId, Error, ErrorKind, Feature, ListRecipients, Outcome,
    Provider, Recipient, RecipientRef, Recipients, RequestBuilder, ResendRecipient, Resent, Result, Settings,
    SigningView, VendorResponse, check_features, explain_unknown_recipient,
};
use http::Method;

use crate::auth::SignIn;
use crate::checks::Check;
pub use crate::config::{Credentials, DocusignConfig, Environment};
use crate::lenient::Object;
use crate::objects::RecipientList;
use crate::wire::EnvelopeItself;

/// DocuSign, as data.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "docusign",
    title: "DocuSign eSignature REST API v2.1",
    capabilities: capabilities::CAPABILITIES,
    conduct: Some(&conduct::CONDUCT),
    rules: rules::RULES,
    read_problem: error::read_problem,
    returns: returns::RETURNS,
    webhooks: Some(&webhook::DOOR),
    build,
    offline: config::offline,
    verified_live: None,
};

fn build(settings: &Settings) -> Result<Arc<dyn Provider>> {
    let (config, key) = DocusignConfig::read(settings)?;
    Ok(Arc::new(Docusign::with_key(config, key)?))
}

/// One DocuSign account with its credentials.
#[derive(Debug)]
pub struct Docusign {
    account: AccountId,
    sign_in: Arc<SignIn>,
    link: Connection,
    /// The API's host, where userinfo is not to be asked because its own host is not known.
    only_base: Option<BaseUrl>,
}

/// Where the recipient that a request means is looked up.
pub(crate) enum Source<'r> {
    /// The caller knew them from before, and nothing speaks against it.
    Known(&'r Recipient),
    /// A list that was just read.
    List(Recipients),
}

impl Source<'_> {
    /// The recipient that is meant, checked.
    pub(crate) fn find(&self, reference: &RecipientRef, check: Check) -> Result<Found<'_>> {
        match self {
            Source::Known(person) => Ok(Found { person, list: None }),
            Source::List(list) => {
                let person = reference.find(list)?;
                check(person, Some(list))?;
                Ok(Found { person, list: Some(list) })
            }
        }
    }
}

/// The recipient that a request means.
#[derive(Clone, Copy)]
pub(crate) struct Found<'s> {
    pub(crate) person: &'s Recipient,
    /// The list they were just read from; `None` when the caller knew them from before.
    pub(crate) list: Option<&'s Recipients>,
}

/// What is left to do after DocuSign did not know a recipient.
pub(crate) enum Second {
    /// Nothing: the error explains.
    Explained(Error),
    /// The envelope has these very values, and DocuSign does not know them all the same; the error says so.
    Same(Error),
    /// The envelope has other values by now: try with these.
    Fresh(Box<Recipient>, Recipients),
}

impl Docusign {
    /// An account.
    ///
    /// # Errors
    /// `Config` when the private key cannot be read, or a URL is http without being on this machine.
    pub fn new(config: DocusignConfig) -> Result<Self> {
        Self::with_key(config, None)
    }

    fn with_key(config: DocusignConfig, key: Option<jwt::SigningKey>) -> Result<Self> {
        let account = config.account_id.clone();
        let only_base = match (&config.credentials, &config.base_url, &config.oauth_url) {
            (Credentials::Token(_), Some(base), None) => Some(base.clone()),
            _ => None,
        };
        let sign_in = Arc::new(SignIn::new(config, key)?);
        let link = Connection::new(DESCRIPTOR.vocabulary(), Arc::clone(&sign_in) as Arc<dyn Authenticator>);
        Ok(Self { account, sign_in, link, only_base })
    }

    async fn send(&self, cx: &Context, effect: Effect, out: RequestBuilder) -> Result<VendorResponse> {
        cx.exchange(&self.link, effect, out)
            .await
            .map_err(|error| error::with_documented_wait(error, cx.now()))
    }

    async fn read(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        if let Some(list) = cx.preset_recipients() {
            return Ok(list.clone());
        }
        let answer = self.send(cx, Effect::Read, map::list(&self.account, request)).await?;
        let list: RecipientList = answer.json()?;
        let list = people::recipients(list).map_err(|problem| answer.unreadable(problem))?;
        cx.record_recipients(&list);
        Ok(list)
    }

    /// Finds out where to look for the recipient that is meant.
    ///
    /// A known one is used as it is, unless the check refuses it: what was true when it was read may have changed,
    /// so only a fresh list may say no.
    async fn look_up<'r>(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        reference: &'r RecipientRef,
        check: Check,
    ) -> Result<Source<'r>> {
        if let RecipientRef::Known(known) = reference
            && !known.vendor.kind.is_empty()
            && check(known, None).is_ok()
        {
            return Ok(Source::Known(known));
        }
        Ok(Source::List(self.read(cx, &ListRecipients::new(envelope.clone())).await?))
    }

    /// After a refusal: reads the list once more if the recipient was known from before, and finds out whether there
    /// is something else to try. A refusal had no effect, so a second try is safe.
    async fn reconsider(
        &self,
        cx: &Context,
        envelope: &EnvelopeId,
        found: Found<'_>,
        refusal: Error,
        check: Check,
    ) -> Second {
        if !is_unknown_recipient(&refusal) {
            return Second::Explained(refusal);
        }
        if let Some(list) = found.list {
            return Second::Same(explain_unknown_recipient(refusal, found.person, list));
        }
        let Ok(list) = self.read(cx, &ListRecipients::new(envelope.clone())).await else {
            return Second::Explained(refusal);
        };
        let explained = explain_unknown_recipient(refusal, found.person, &list);
        match list.get(&found.person.id) {
            Some(fresh) if same_identity(fresh, found.person) => Second::Same(explained),
            Some(fresh) => match check(fresh, Some(&list)) {
                Ok(()) => Second::Fresh(Box::new(fresh.clone()), list),
                // The explanation says the same and keeps DocuSign's own account.
                Err(refused) if refused.kind() == explained.kind() => Second::Explained(explained),
                Err(refused) => Second::Explained(refused),
            },
            None => Second::Explained(explained),
        }
    }

    async fn list(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        check_features(capabilities::CAPABILITIES, &[Feature::ListRecipients])?;
        let list = self.read(cx, request).await?;
        if !request.envelope_status || people::is_over(&list) {
            return Ok(list);
        }
        let answer =
            self.send(cx, Effect::Read, map::envelope_itself(&self.account, &request.envelope)).await?;
        let Object(envelope) = answer.json::<Object<EnvelopeItself>>()?;
        let word = envelope.status.filter(|word| !word.trim().is_empty());
        let word = word.ok_or_else(|| answer.unreadable("the answer has no `status` of the envelope"))?;
        Ok(people::with_status(list, connect::envelope_status(&word)))
    }

    async fn identify(&self, cx: &Context) -> Result<Access> {
        if let Some(base) = &self.only_base {
            // With a host of one's own and none to ask about the user, the account itself is the cheapest read.
            let out =
                RequestBuilder::new(Method::GET, &["restapi", "v2.1", "accounts", self.account.as_str()]);
            self.send(cx, Effect::Read, out).await?;
            let mut access = Access::new(base.as_str());
            access.account = Some(self.account.to_string());
            return Ok(access);
        }
        let identity = self.sign_in.identify(cx).await?;
        let mut access = Access::new(identity.base.as_str());
        access.account = identity.account.or_else(|| Some(self.account.to_string()));
        access.user = identity.user;
        Ok(access)
    }
}

/// Whether DocuSign did not know the recipient, and for certain did nothing: only then is a second try safe.
pub(crate) fn is_unknown_recipient(error: &Error) -> bool {
    error.kind() == ErrorKind::RecipientNotFound
        && error.problem().is_some()
        && error.outcome() != Outcome::Unknown
}

/// Whether DocuSign would take both for the same: what goes into requests is equal.
fn same_identity(a: &Recipient, b: &Recipient) -> bool {
    a.name == b.name
        && a.email == b.email
        && a.client_user_id == b.client_user_id
        && a.vendor.kind == b.vendor.kind
        && ["hostName", "hostEmail", "signerName", "name"]
            .iter()
            .all(|member| map::extra(a, member) == map::extra(b, member))
}

#[async_trait]
impl Provider for Docusign {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, cx: &Context, request: &CreateView) -> Result<SigningView> {
        self.view(cx, request).await.map_err(|error| named(cx, error))
    }

    async fn resend_recipient(&self, cx: &Context, request: &ResendRecipient) -> Result<Resent> {
        self.resend(cx, request).await.map_err(|error| named(cx, error))
    }

    async fn change_access_code(
        &self,
        cx: &Context,
        request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        self.access_code(cx, request).await.map_err(|error| named(cx, error))
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        self.list(cx, request).await.map_err(|error| named(cx, error))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        self.sign_in.code_grant()
    }

    async fn check_access(&self, cx: &Context) -> Result<Access> {
        self.identify(cx).await.map_err(|error| named(cx, error))
    }
}

fn named(cx: &Context, error: Error) -> Error {
    error.in_operation(DESCRIPTOR.name, cx.operation())
}
