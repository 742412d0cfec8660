//! What a call would do, found out without doing it.

mod curl;
mod text;

use std::sync::Arc;

use countersign_core::{
    AccessCodeChanged, Capability, ChangeAccessCode, CreateView, DryRun, Error, ErrorKind, Feature,
    ListRecipients, MailExpectation, NoMail, PlannedStep, RecipientId, Recipients, ResendRecipient, Resent,
    ResentTo, Result, SigningView, Timestamp, Unlocking,
};
use serde::Serialize;

use crate::calls::Call;
use crate::client::Client;
use crate::layers;

/// What a call would do. Nothing of it was done: what had to be read was read, and nothing was changed or sent.
///
/// `Display` is for people, JSON for programs, [`Plan::curl`] for a shell. Access codes, keys and tokens stand in none of
/// them; names, addresses and the return URL do, so treat it as the request itself.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// The account's name in the configuration.
    pub account: Option<String>,
    /// The operation's stable name.
    pub operation: &'static str,
    /// Why the call would be refused before anything is sent that changes something; then there are no steps.
    pub refusal: Option<Error>,
    /// How many requests only read. The call makes them once more: it does not rely on what a plan has read, nor on a list
    /// that was given.
    pub reads: u32,
    /// What would be sent, in order. The first is certain; each of the others follows if the vendor does what the one
    /// before asks. Empty for a call that only reads.
    pub steps: Vec<PlannedStep>,
    /// Whether the steps are all that would follow. Without that the adapter does not tell what comes behind the first.
    pub complete: bool,
    /// What it would do for whom.
    pub people: Vec<PlannedRecipient>,
    /// The link that would be made.
    pub link: Option<PlannedLink>,
    /// How many requests are left of the account's allowance, as the last answer told it.
    pub budget_left: Option<u64>,
    /// What holds at this vendor for what is asked: limits, quotas, peculiarities, each with its evidence.
    pub conditions: Vec<Capability>,
}

/// What a call would do for one recipient, if the vendor accepts it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PlannedRecipient {
    /// The recipient.
    pub recipient: RecipientId,
    /// The name on the envelope, where the list was read.
    pub name: Option<String>,
    /// The address on the envelope, where the list was read.
    pub email: Option<String>,
    /// Whether a message is to be expected, by the recipient's present state.
    pub mail: MailExpectation,
    /// What it does for a locked signer.
    pub unlocking: Unlocking,
}

/// A link that would be made.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PlannedLink {
    /// For whom.
    pub recipient: RecipientId,
    /// When it would end if it were made now, where that is known.
    pub expires_at: Option<Timestamp>,
    /// Whether it works once only; `None` where the vendor does not say.
    pub single_use: Option<bool>,
}

impl Plan {
    /// Whether the call only reads, or is refused.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many requests the call takes of the account's allowance, if all goes well; those for tokens do not count.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.steps.len().saturating_add(self.reads as usize)
    }

    /// Whether anybody is to expect a message.
    #[must_use]
    pub fn mails_anybody(&self) -> bool {
        self.people.iter().any(|one| one.mail == MailExpectation::Expected)
    }
}

/// A request that can be planned: the four of them. Not for implementation elsewhere.
pub trait Plannable: Call {
    /// What a reply tells of people and links.
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
        (vec![ResentTo::new(reply.recipient, reply.mail, reply.unlocking)], None)
    }
}

impl Client {
    /// Finds out what a call would do. What it has to read is read; the steps that would change or mail anything are
    /// shown in place of being sent, exactly as they would be sent now, but without their secrets.
    ///
    /// A call that would be refused before anything is sent (an option that the vendor lacks, a signer who is locked or
    /// not in turn) is a plan with a [`Plan::refusal`].
    ///
    /// # Errors
    /// What stands in the way of reading, as for the call itself: `EnvelopeNotFound`, `Unauthenticated`, `Unavailable`
    /// and so on.
    pub async fn plan<R: Plannable>(&self, request: &R) -> Result<Plan> {
        self.dry_run(request, DryRun::new()).await
    }

    /// As [`Client::plan`], with the envelope's recipients as an earlier list told them: nothing is sent at all, and no
    /// token is needed. It is true as far as the list still is; whether the list belongs to the envelope cannot be told.
    ///
    /// # Errors
    /// `Unsupported` where the adapter needs more than the list.
    pub async fn plan_offline<R: Plannable>(&self, request: &R, list: Recipients) -> Result<Plan> {
        self.dry_run(request, DryRun::with_recipients(list)).await
    }

    async fn dry_run<R: Plannable>(&self, request: &R, dry_run: DryRun) -> Result<Plan> {
        let dry_run = Arc::new(dry_run);
        let result = layers::dry_run(&self.shared, request, &dry_run).await;
        let steps = dry_run.steps();
        let (refusal, reply) = match result {
            Ok(reply) => (None, Some(reply)),
            Err(_) if !steps.is_empty() => (None, None),
            Err(error) if is_our_own(&error) && !dry_run.held_back() => (Some(error), None),
            Err(error) => return Err(error),
        };
        let complete = refusal.is_some() || reply.is_some();
        let (people, link) = reply.map(R::foresee).unwrap_or_default();
        let list = dry_run.recipients();
        let people: Vec<PlannedRecipient> =
            people.into_iter().map(|one| planned(one, list.as_ref())).collect();
        let mut features = request.features();
        if people.iter().any(|one| one.unlocking != Unlocking::NotNeeded) {
            features.push(Feature::Unlock);
        }
        let rows = self.descriptor().capabilities.iter();
        Ok(Plan {
            vendor: self.descriptor().name,
            account: self.account().map(str::to_owned),
            operation: R::OPERATION.as_str(),
            refusal,
            reads: dry_run.reads(),
            steps,
            complete,
            people,
            link,
            budget_left: self.budget().limit.and_then(|window| window.remaining),
            conditions: rows.filter(|row| features.contains(&row.feature)).copied().collect(),
        })
    }
}

/// Whether the call was refused here, for what it asks: no vendor has said it, and nothing was in the way.
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
    }
}
