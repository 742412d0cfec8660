//! What the vendor says beside the hint of a returning browser.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_core::{
    EnvelopeId, EnvelopeStatus, Error, ErrorKind, ListRecipients, Recipient, RecipientRef, RecipientStatus,
    Recipients, Result, ReturnOutcome, Role, Timestamp,
};
use serde::Serialize;
use tokio::sync::OwnedMutexGuard;
use tracing::Instrument as _;

use crate::client::Client;

/// Whether the vendor says the same as the returning browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The vendor says the same.
    Agrees,
    /// The vendor says what cannot be true at the same time: the return was forged, or a second tab was faster.
    Contradicts,
    /// The vendor does not say it, or had not when it was last asked. Ask again when
    /// [`Confirmed::ask_again_at`] has come, or wait for its webhook.
    NotYet,
    /// The return claimed nothing that could be compared.
    NothingClaimed,
}

/// What the vendor says of a recipient, beside a hint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Confirmed {
    /// Whether it fits the hint.
    pub verdict: Verdict,
    /// The recipient, as the vendor told when it was asked.
    pub recipient: Recipient,
    /// The envelope's status, where it comes with the recipients.
    pub envelope_status: Option<EnvelopeStatus>,
    /// When the vendor was asked.
    pub asked_at: Timestamp,
    /// Whether the answer is one from before, since the vendor may not be asked again so soon.
    pub remembered: bool,
    /// From when on the vendor may be asked again about this envelope.
    pub ask_again_at: Timestamp,
    #[serde(skip)]
    hint: Option<ReturnOutcome>,
    #[serde(skip)]
    fresh: bool,
}

impl Confirmed {
    /// The outcome that may be believed: what the vendor says; where it says nothing final, the hint if it claims
    /// nothing final either; else `None`, and nothing is certain yet.
    ///
    /// With vendors that send browsers back without an outcome, this is the outcome.
    #[must_use]
    pub fn established(&self) -> Option<ReturnOutcome> {
        match self.recipient.status {
            RecipientStatus::Signed if signs(&self.recipient.role) => return Some(ReturnOutcome::Signed),
            RecipientStatus::Signed => return Some(ReturnOutcome::Viewed),
            RecipientStatus::Declined => return Some(ReturnOutcome::Declined),
            // Final, and no visit comes to it: whatever the hint says, it is over.
            ref status if status.is_done() => return None,
            _ => {}
        }
        // A lock may have been lifted since an answer from before.
        if self.fresh && self.recipient.is_locked() {
            return Some(ReturnOutcome::AccessCodeFailed);
        }
        if self.fresh && self.recipient.failed_check().is_some() {
            return Some(ReturnOutcome::IdentityCheckFailed);
        }
        self.hint.clone().filter(is_without_effect)
    }
}

/// Asks the vendor what came of a visit, as seldom as the vendor wants to be asked.
///
/// One per account; clones share what they remember. Within the vendor's interval
/// ([`Returns::polling`](countersign_core::Returns::polling)) an envelope is read once, and the answer is remembered:
/// a return within it gets that answer, and the time from which asking is allowed again. Several at the same time make
/// one call. Other calls about the envelope, such as making a link, read it as well and are not counted here.
#[derive(Clone)]
pub struct Confirmer {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    interval: Duration,
    capacity: usize,
    uses: AtomicU64,
    envelopes: Mutex<HashMap<EnvelopeId, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    last_use: AtomicU64,
    seen: Arc<tokio::sync::Mutex<Option<Seen>>>,
}

/// An answer, and the claim because of which it was asked for.
#[derive(Clone)]
struct Seen {
    at: Timestamp,
    list: Recipients,
    claim: (String, Option<ReturnOutcome>),
}

impl fmt::Debug for Confirmer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmer")
            .field("client", &self.shared.client)
            .field("interval", &self.shared.interval)
            .finish_non_exhaustive()
    }
}

impl Confirmer {
    /// The interval for vendors without a rule of their own: somebody who reloads a page costs nothing, and an hourly limit
    /// of calls lasts.
    pub const INTERVAL: Duration = Duration::from_secs(30);

    /// How many envelopes are remembered, unless told otherwise; the one that was not asked about for longest goes first.
    pub const CAPACITY: usize = 10_000;

    /// For an account, with its vendor's interval.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let interval = client.descriptor().returns.polling.unwrap_or(Self::INTERVAL);
        Self::with_limits(client, interval, Self::CAPACITY)
    }

    /// For an account, with an interval and a number of remembered envelopes of one's own. An interval below the
    /// vendor's rule breaks that rule.
    #[must_use]
    pub fn with_limits(client: Client, interval: Duration, capacity: usize) -> Self {
        let shared = Shared {
            client,
            interval,
            capacity: capacity.max(1),
            uses: AtomicU64::new(0),
            envelopes: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// What the vendor says of a recipient, beside what a return claimed.
    ///
    /// # Errors
    /// As [`Client::list_recipients`], and `RecipientNotFound` or `RecipientAmbiguous`. A failed call is not remembered.
    pub async fn confirm(
        &self,
        envelope: &EnvelopeId,
        recipient: &RecipientRef,
        hint: Option<&ReturnOutcome>,
    ) -> Result<Confirmed> {
        let slot = self.slot(envelope);
        let seen = Arc::clone(&slot.seen).lock_owned().await;
        let now = self.shared.client.now();
        let claim = (recipient.to_string(), hint.cloned());
        let (answer, remembered) = match seen.as_ref().filter(|seen| now < self.again(seen.at)) {
            Some(known) => (known.clone(), true),
            None => (self.read(envelope, slot, seen, now, claim.clone()).await?, false),
        };
        // The same return once more, as when somebody reloads a page, finds the answer that was given to it.
        let fresh = !remembered || answer.claim == claim;
        let person = recipient.find(&answer.list)?.clone();
        Ok(Confirmed {
            verdict: compare(&person, hint, fresh),
            recipient: person,
            envelope_status: answer.list.envelope_status.clone(),
            asked_at: answer.at,
            remembered,
            ask_again_at: self.again(answer.at),
            hint: hint.cloned(),
            fresh,
        })
    }

    /// Asks the vendor, in a task of its own: a browser that hangs up drops the future of a handler, and the vendor would
    /// be asked once more within its interval.
    async fn read(
        &self,
        envelope: &EnvelopeId,
        slot: Arc<Slot>,
        mut seen: OwnedMutexGuard<Option<Seen>>,
        at: Timestamp,
        claim: (String, Option<ReturnOutcome>),
    ) -> Result<Seen> {
        let (client, request) = (self.shared.client.clone(), ListRecipients::new(envelope.clone()));
        let read = async move {
            let list = client.list_recipients(&request).await?;
            let answer = Seen { at, list, claim };
            *seen = Some(answer.clone());
            // As long as it is held, the envelope is not forgotten.
            drop(slot);
            Ok(answer)
        };
        let ended =
            |_| Err(Error::new(ErrorKind::Unexpected, "the call ended before the vendor's answer came"));
        tokio::spawn(read.in_current_span()).await.unwrap_or_else(ended)
    }

    fn again(&self, at: Timestamp) -> Timestamp {
        at.saturating_add(self.shared.interval).unwrap_or(Timestamp::MAX)
    }

    fn slot(&self, envelope: &EnvelopeId) -> Arc<Slot> {
        let mut envelopes = self.shared.envelopes.lock().unwrap_or_else(PoisonError::into_inner);
        if !envelopes.contains_key(envelope) && envelopes.len() >= self.shared.capacity {
            let oldest = envelopes
                .iter()
                .filter(|(_, slot)| Arc::strong_count(slot) == 1)
                .min_by_key(|(_, slot)| slot.last_use.load(Ordering::Relaxed))
                .map(|(id, _)| id.clone());
            if let Some(oldest) = oldest {
                envelopes.remove(&oldest);
            }
        }
        let slot = Arc::clone(envelopes.entry(envelope.clone()).or_default());
        slot.last_use.store(self.shared.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        slot
    }
}

fn signs(role: &Role) -> bool {
    !matches!(role, Role::Reviewer | Role::CarbonCopy | Role::Agent | Role::Editor | Role::Intermediary)
}

/// Whether an outcome claims nothing that the envelope would show.
fn is_without_effect(hint: &ReturnOutcome) -> bool {
    matches!(
        hint,
        ReturnOutcome::Cancelled
            | ReturnOutcome::SessionTimedOut
            | ReturnOutcome::LinkExpired
            | ReturnOutcome::Failed
    )
}

/// Compares a claim with what the vendor says. An answer from before the return can only tell what is final.
fn compare(person: &Recipient, hint: Option<&ReturnOutcome>, fresh: bool) -> Verdict {
    let done = person.status.is_done();
    let when = |is: bool, otherwise: Verdict| if is { Verdict::Agrees } else { otherwise };
    let contradicted_if_done = if done { Verdict::Contradicts } else { Verdict::NotYet };
    let Some(hint) = hint else { return Verdict::NothingClaimed };
    match hint {
        ReturnOutcome::Signed | ReturnOutcome::Viewed => {
            when(person.status == RecipientStatus::Signed, contradicted_if_done)
        }
        ReturnOutcome::Declined => when(person.status == RecipientStatus::Declined, contradicted_if_done),
        ReturnOutcome::AccessCodeFailed => when(fresh && person.is_locked(), contradicted_if_done),
        ReturnOutcome::IdentityCheckFailed => {
            when(fresh && person.failed_check().is_some(), contradicted_if_done)
        }
        // Whoever has signed may still open the old link once more.
        ReturnOutcome::LinkExpired => Verdict::Agrees,
        ReturnOutcome::Cancelled | ReturnOutcome::SessionTimedOut | ReturnOutcome::Failed => {
            when(fresh && !done, contradicted_if_done)
        }
        _ => Verdict::NothingClaimed,
    }
}
