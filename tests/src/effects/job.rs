//! The operations in all their forms.

use countersign::provider::Feature;
use countersign::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ListRecipients,
    Recipient, RecipientRef, Recipients, ResendRecipient, Resent, Result, ReturnUrl, SigningView,
};
use countersign_sandbox::{NewEnvelope, NewRecipient};

use super::step::{self, Step};
use crate::Stage;

/// The code that the signer has before a job.
pub(crate) const OLD_CODE: &str = "Old1111";
/// The code that a job sets.
pub(crate) const NEW_CODE: &str = "New2222";
/// The signer's address.
pub(crate) const ANNA: &str = "anna@example.com";

/// An operation in one of its forms. `Known` ones name a recipient from an earlier list and read none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Job {
    List,
    View,
    ViewKnown,
    Resend,
    ResendKnown,
    ResendEveryone,
    Code,
    CodeKnown,
    CodeNotify,
}

/// The reply to a job.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Done {
    Listed(Recipients),
    Viewed(SigningView),
    Resent(Resent),
    Changed(AccessCodeChanged),
}

impl Job {
    /// Every form of every operation.
    pub const ALL: [Job; 9] = [
        Job::List,
        Job::View,
        Job::ViewKnown,
        Job::Resend,
        Job::ResendKnown,
        Job::ResendEveryone,
        Job::Code,
        Job::CodeKnown,
        Job::CodeNotify,
    ];

    /// For the table.
    pub fn name(self) -> &'static str {
        match self {
            Job::List => "list",
            Job::View => "view",
            Job::ViewKnown => "view (known)",
            Job::Resend => "resend",
            Job::ResendKnown => "resend (known)",
            Job::ResendEveryone => "resend (all)",
            Job::Code => "code",
            Job::CodeKnown => "code (known)",
            Job::CodeNotify => "code + notify",
        }
    }

    /// Whether it may mail a recipient.
    pub fn mails(self) -> bool {
        matches!(self, Job::Resend | Job::ResendKnown | Job::ResendEveryone | Job::CodeNotify)
    }

    /// Whether it sets a code.
    pub fn sets_code(self) -> bool {
        matches!(self, Job::Code | Job::CodeKnown | Job::CodeNotify)
    }

    /// Whether it makes a link.
    pub fn makes_link(self) -> bool {
        matches!(self, Job::View | Job::ViewKnown)
    }

    fn is_known(self) -> bool {
        matches!(self, Job::ViewKnown | Job::ResendKnown | Job::CodeKnown)
    }

    /// Those that a vendor offers.
    pub fn at(stage: &Stage) -> impl Iterator<Item = Self> {
        let codes = stage.offers(Feature::ChangeAccessCode);
        Self::ALL.into_iter().filter(move |job| codes || !job.sets_code())
    }

    /// The requests that it takes at a vendor, in order, on a first call. None if the vendor does not offer it.
    pub fn steps(self, vendor: &str) -> Vec<Step> {
        step::of(vendor, self.name())
    }
}

/// An envelope for one run of a job: one signer whose turn it is, with a code, and one who waits.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The signer, as read before; for the jobs that name a known recipient.
    pub known: Option<Recipient>,
    /// How many mails the envelope had caused before the job.
    pub mails: usize,
}

impl Prepared {
    /// Makes the envelope.
    ///
    /// # Errors
    /// When the sandbox refuses it, or it cannot be read.
    pub async fn new(job: Job, stage: &Stage) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut anna = NewRecipient::new("Anna Ek", ANNA).with_order(1).with_access_code(OLD_CODE);
        if job.makes_link() {
            anna = anna.with_embedded("c-1");
        }
        let bo = NewRecipient::new("Bo Ost", "bo@example.com").with_order(2);
        let new = NewEnvelope::new(stage.vendor, "Lease").with_recipient(anna).with_recipient(bo);
        let id = stage.world.make_envelope(new).map_err(|refused| refused.message)?.id;
        let envelope = EnvelopeId::new(id)?;
        let known = if job.is_known() {
            let list = stage.client.list_recipients(&ListRecipients::new(envelope.clone())).await?;
            Some(anna_of(&list)?.clone())
        } else {
            None
        };
        let mails = super::mails(&stage.world, envelope.as_str());
        Ok(Self { envelope, known, mails })
    }

    fn anna(&self) -> Result<RecipientRef> {
        match &self.known {
            Some(known) => Ok(known.clone().into()),
            None => Ok(format!("email:{ANNA}").parse()?),
        }
    }

    /// Makes the call.
    ///
    /// # Errors
    /// The call's own.
    pub async fn call(&self, job: Job, client: &Client) -> Result<Done> {
        let envelope = self.envelope.clone();
        match job {
            Job::List => client.list_recipients(&ListRecipients::new(envelope)).await.map(Done::Listed),
            Job::View | Job::ViewKnown => {
                let back = ReturnUrl::new("https://app.example.com/signed")?;
                client.create_view(&CreateView::new(envelope, self.anna()?, back)).await.map(Done::Viewed)
            }
            Job::Resend => {
                let request = ResendRecipient::new(envelope, self.anna()?);
                client.resend_recipient(&request).await.map(Done::Resent)
            }
            Job::ResendKnown => {
                let request = ResendRecipient::new(envelope, self.anna()?).allow_muted(true);
                client.resend_recipient(&request).await.map(Done::Resent)
            }
            Job::ResendEveryone => {
                let request = ResendRecipient::everyone(envelope);
                client.resend_recipient(&request).await.map(Done::Resent)
            }
            Job::Code | Job::CodeKnown | Job::CodeNotify => {
                let code = AccessCode::new(NEW_CODE)?;
                let request = ChangeAccessCode::new(envelope, self.anna()?, code);
                let request = request.with_notify(job == Job::CodeNotify);
                client.change_access_code(&request).await.map(Done::Changed)
            }
        }
    }
}

fn anna_of(list: &Recipients) -> Result<&Recipient, Error> {
    format!("email:{ANNA}").parse::<RecipientRef>()?.find(list)
}
