//! The operations in all their forms, and the steps that each takes at a vendor.

use countersign::provider::{Effect, Feature};
use countersign::{
    AccessCode, AccessCodeChanged, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ListRecipients,
    Recipient, RecipientRef, Recipients, ResendRecipient, Resent, Result, ReturnUrl, SigningView,
};
use countersign_sandbox::{NewEnvelope, NewRecipient};

use crate::Stage;

/// The code that the signer has before a job.
pub(crate) const OLD_CODE: &str = "Old1111";
/// The code that a job sets.
pub(crate) const NEW_CODE: &str = "New2222";
/// The signer's address.
pub(crate) const ANNA: &str = "anna@example.com";

/// An operation in one of its forms. `Known` ones name a recipient from an earlier list and read none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// One request of a job, as a fault finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// For the table.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// A part of the path that no other step with this method has.
    pub path: &'static str,
    /// What it does to the world.
    pub effect: Effect,
}

const fn step(name: &'static str, method: &'static str, path: &'static str, effect: Effect) -> Step {
    Step { name, method, path, effect }
}

const SIGN_IN: Step = step("sign in", "POST", "/oauth/token", Effect::Read);

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
    #[must_use]
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
    #[must_use]
    pub fn mails(self) -> bool {
        matches!(self, Job::Resend | Job::ResendKnown | Job::ResendEveryone | Job::CodeNotify)
    }

    /// Whether it sets a code.
    #[must_use]
    pub fn sets_code(self) -> bool {
        matches!(self, Job::Code | Job::CodeKnown | Job::CodeNotify)
    }

    /// Whether it makes a link.
    #[must_use]
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
    #[must_use]
    pub fn steps(self, vendor: &str) -> Vec<Step> {
        match vendor {
            "docusign" => self.at_docusign(),
            "documenso" => self.at_documenso(),
            "pandadoc" => self.at_pandadoc(),
            _ => self.at_boldsign(),
        }
    }

    fn at_docusign(self) -> Vec<Step> {
        let mut steps = vec![SIGN_IN];
        if !self.is_known() {
            steps.push(step("list", "GET", "/recipients", Effect::Read));
        }
        steps.push(match self {
            Job::List => return steps,
            Job::View | Job::ViewKnown => step("view", "POST", "/views/recipient", Effect::MintsLink),
            Job::Resend | Job::ResendKnown => step("resend", "PUT", "/recipients", Effect::Notifies),
            Job::ResendEveryone => step("resend", "PUT", "/envelopes/", Effect::Notifies),
            Job::Code | Job::CodeKnown => step("set code", "PUT", "/recipients", Effect::SetsState),
            Job::CodeNotify => step("set + mail", "PUT", "/recipients", Effect::Notifies),
        });
        steps
    }

    fn at_boldsign(self) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.is_known() {
            steps.push(step("list", "GET", "/document/properties", Effect::Read));
        }
        match self {
            Job::List => {}
            Job::View | Job::ViewKnown => {
                steps.push(step("view", "GET", "/document/getEmbeddedSignLink", Effect::MintsLink));
            }
            Job::Resend | Job::ResendKnown | Job::ResendEveryone => {
                steps.push(step("resend", "POST", "/document/remind", Effect::Notifies));
            }
            Job::Code | Job::CodeKnown | Job::CodeNotify => {
                steps.push(step("set code", "PATCH", "/document/changeAccessCode", Effect::SetsState));
                if self == Job::CodeNotify {
                    steps.push(step("mail", "POST", "/document/remind", Effect::Notifies));
                }
            }
        }
        steps
    }

    /// The list is always read: a session names an address, and a new code must not replace another check.
    fn at_pandadoc(self) -> Vec<Step> {
        let remind = |name| step(name, "POST", "/send-reminder", Effect::Notifies);
        let mut steps = vec![step("list", "GET", "/details", Effect::Read)];
        match self {
            Job::List => {}
            Job::View | Job::ViewKnown => steps.push(step("view", "POST", "/session", Effect::MintsLink)),
            Job::Resend | Job::ResendKnown | Job::ResendEveryone => steps.push(remind("resend")),
            Job::Code | Job::CodeKnown | Job::CodeNotify => {
                steps.push(step("set code", "PATCH", "/recipients/recipient/", Effect::SetsState));
                if self == Job::CodeNotify {
                    steps.push(remind("mail"));
                }
            }
        }
        steps
    }

    /// The list is always read, and contains the link; the log is read before and after a resend.
    fn at_documenso(self) -> Vec<Step> {
        let list = step("list", "GET", "/api/v2/envelope/", Effect::Read);
        match self {
            Job::List | Job::View | Job::ViewKnown => vec![list],
            Job::Resend | Job::ResendKnown | Job::ResendEveryone => vec![
                list,
                step("log", "GET", "/audit-log", Effect::Read),
                step("resend", "POST", "/envelope/redistribute", Effect::Notifies),
            ],
            Job::Code | Job::CodeKnown | Job::CodeNotify => Vec::new(),
        }
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
