//! Finds out what a call would do, without doing it.
//!
//! ```no_run
//! # async fn run(client: countersign::Client, request: countersign::ResendRecipient) -> countersign::Result<()> {
//! let plan = client.plan(&request).await?;
//! println!("{plan}");
//! assert!(plan.refusal.is_none() && plan.steps.len() == 1);
//! # Ok(())
//! # }
//! ```

mod curl;
mod text;

use std::sync::Arc;

use countersign_core::vendor::Capability;
use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, CreateView, DryRun, Error, ErrorKind, Feature, ListRecipients,
    MailExpectation, NoMail, RecipientId, Recipients, ResendRecipient, Resent, ResentTo, Result, SigningView,
    Timestamp, Unlocking,
};
use serde::Serialize;

pub use countersign_core::PlannedStep;

use crate::calls::Call;
use crate::client::Client;
use crate::layers;

/// What a call would do. Only reads were made; nothing was changed or sent.
///
/// `Display` is readable text, JSON is for programs, [`Plan::curl`] for a shell. None of them contains access
/// codes, keys or tokens; but they do contain names, addresses and the return URL, so protect a plan like the
/// request itself.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// The account's name in the configuration.
    pub account: Option<String>,
    /// The operation's stable name.
    pub operation: &'static str,
    /// Why the call would be refused before any changing request is sent; there are no steps then.
    pub refusal: Option<Error>,
    /// How many requests only read. The call repeats them: it uses neither the data that a plan has read nor a list
    /// that was given.
    pub reads: u32,
    /// How many requests that only read follow the steps, to learn the result of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub later_reads: u32,
    /// The requests that would be sent, in order. The first is certain; each of the others follows if the vendor
    /// accepts the one before. Empty for a call that only reads.
    pub steps: Vec<PlannedStep>,
    /// Whether the steps are complete. If not, the adapter does not know what follows the first.
    pub complete: bool,
    /// The effects by recipient.
    pub people: Vec<PlannedRecipient>,
    /// The link that would be created.
    pub link: Option<PlannedLink>,
    /// How many requests of the account's allowance are left, as last reported.
    pub budget_left: Option<u64>,
    /// The vendor's rules for this request: limits, quotas, peculiarities, each with its evidence.
    pub conditions: Vec<Capability>,
}

/// The effects of a call on one recipient, if the vendor accepts it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PlannedRecipient {
    /// The recipient.
    pub recipient: RecipientId,
    /// The name on the envelope, if the list was read.
    pub name: Option<String>,
    /// The address on the envelope, if the list was read.
    pub email: Option<String>,
    /// Whether to expect a message, given the recipient's current state.
    pub mail: MailExpectation,
    /// The effect on a locked signer.
    pub unlocking: Unlocking,
    /// Whether a message contains the access code.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub code_in_mail: bool,
}

/// A link that would be created.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PlannedLink {
    /// The recipient.
    pub recipient: RecipientId,
    /// When it would expire if it were created now, if known.
    pub expires_at: Option<Timestamp>,
    /// Whether it works only once; `None` if the vendor does not document it.
    pub single_use: Option<bool>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Plan {
    /// How many requests of the account's allowance the call takes, if every request succeeds; token requests do
    /// not count.
    pub fn requests(&self) -> usize {
        self.steps.len().saturating_add(self.reads.saturating_add(self.later_reads) as usize)
    }

    /// Whether at least one recipient is to expect a message.
    pub fn expects_mail(&self) -> bool {
        self.people.iter().any(|one| one.mail == MailExpectation::Expected)
    }
}

/// A request that can be planned: one of the four requests. Not to be implemented outside this crate.
pub trait Plannable: Call {
    /// The recipients and links in a reply.
    #[doc(hidden)]
    fn foresee(reply: Self::Reply) -> (Vec<ResentTo>, Option<PlannedLink>);
}

impl Plannable for ListRecipients {
    fn foresee(_: Recipients) -> (Vec<ResentTo>, Option<PlannedLink>) {
        (Vec::new(), None)
    }
}

impl Plannable for CreateView {
    fn foresee(view: SigningView) -> (Vec<ResentTo>, Option<PlannedLink>) {
        let SigningView { expires_at, single_use, recipient, .. } = view;
        let mail = MailExpectation::NotExpected(NoMail::NotAsked);
        let person = ResentTo::new(recipient.clone(), mail, Unlocking::NotNeeded);
        (vec![person], Some(PlannedLink { recipient, expires_at, single_use }))
    }
}

impl Plannable for ResendRecipient {
    fn foresee(reply: Resent) -> (Vec<ResentTo>, Option<PlannedLink>) {
        (reply.to, None)
    }
}

impl Plannable for ChangeAccessCode {
    fn foresee(reply: AccessCodeChanged) -> (Vec<ResentTo>, Option<PlannedLink>) {
        let person = ResentTo::new(reply.recipient, reply.mail, reply.unlocking);
        (vec![person.with_code_in_mail(reply.code_in_mail)], None)
    }
}

impl Client {
    /// Finds out what a call would do. Requests that only read are sent; the steps that would change something or
    /// send mail are shown instead, exactly as they would be sent now, but without their secrets.
    ///
    /// A call that would be refused before anything is sent (an unsupported option, a signer who is locked or not
    /// in turn) gives a plan with a [`Plan::refusal`].
    ///
    /// # Errors
    /// Fails if the read fails, like the call itself: `EnvelopeNotFound`, `Unauthenticated`, `Unavailable` and so
    /// on.
    pub async fn plan<R: Plannable>(&self, request: &R) -> Result<Plan> {
        self.dry_run(request, DryRun::new()).await
    }

    /// As [`Client::plan`], with the envelope's recipients from an earlier list: nothing is sent at all, and no
    /// token is needed. The plan is only as current as the list, and cannot check that the list belongs to the
    /// envelope.
    ///
    /// # Errors
    /// `Unsupported` if the adapter needs more than the list.
    pub async fn plan_offline<R: Plannable>(&self, request: &R, list: Recipients) -> Result<Plan> {
        self.dry_run(request, DryRun::with_recipients(list)).await
    }

    async fn dry_run<R: Plannable>(&self, request: &R, dry_run: DryRun) -> Result<Plan> {
        let dry_run = Arc::new(dry_run);
        let result = layers::dry_run(&self.shared, request, &dry_run).await;
        let found = dry_run.found();
        let (refusal, reply) = match result {
            Ok(reply) => (None, Some(reply)),
            Err(_) if !found.steps.is_empty() => (None, None),
            Err(error) if is_our_own(&error) && !found.held_back => (Some(error), None),
            Err(error) => return Err(error),
        };
        let complete = refusal.is_some() || reply.is_some();
        let (people, link) = reply.map(R::foresee).unwrap_or_default();
        let people: Vec<PlannedRecipient> =
            people.into_iter().map(|one| planned(one, found.recipients.as_ref())).collect();
        let mut features = request.features();
        if people.iter().any(|one| one.unlocking != Unlocking::NotNeeded) {
            features.push(Feature::Unlock);
        }
        let rows = self.descriptor().facts.capabilities.iter();
        Ok(Plan {
            vendor: self.descriptor().name,
            account: self.account().map(str::to_owned),
            operation: R::OPERATION.as_str(),
            refusal,
            reads: found.reads,
            later_reads: found.later_reads,
            steps: found.steps,
            complete,
            people,
            link,
            budget_left: self.budget().limit.and_then(|window| window.remaining),
            conditions: rows.filter(|row| features.contains(&row.feature)).cloned().collect(),
        })
    }
}

/// Whether this library refused the call because of its values: it was neither a vendor nor a failure.
fn is_our_own(error: &Error) -> bool {
    use ErrorKind as K;
    error.problem().is_none()
        && matches!(
            error.kind(),
            K::InvalidRequest
                | K::Unsupported
                | K::EnvelopeNotReady
                | K::EnvelopeClosed
                | K::RecipientNotFound
                | K::RecipientAmbiguous
                | K::RecipientNotEmbedded
                | K::RecipientNotInTurn
                | K::RecipientLocked
                | K::RecipientDone
                | K::AccessCodeRefused
                | K::AccessCodeNotEnabled
        )
}

fn planned(one: ResentTo, list: Option<&Recipients>) -> PlannedRecipient {
    let person = list.and_then(|list| list.get(&one.recipient));
    PlannedRecipient {
        name: person.and_then(|person| person.name.clone()),
        email: person.and_then(|person| person.email.clone()),
        recipient: one.recipient,
        mail: one.mail,
        unlocking: one.unlocking,
        code_in_mail: one.code_in_mail,
    }
}
