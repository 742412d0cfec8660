//! Compares the vendor's state with the hint of a returning browser.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_core::locked;
use countersign_core::store::{Reading, Readings};
use countersign_core::{
    EnvelopeId, EnvelopeStatus, Error, ErrorKind, ListRecipients, Outcome, Recipient, RecipientRef,
    RecipientStatus, Recipients, Result, Retry, ReturnOutcome, Role, Timestamp,
};
use serde::Serialize;
use tokio::sync::OwnedMutexGuard;
use tracing::Instrument as _;

use crate::client::Client;

/// Whether the vendor confirms the returning browser's hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The vendor reports the same.
    Agrees,
    /// The vendor reports a state that contradicts it: the return was forged, or a second tab was faster.
    Contradicts,
    /// The vendor does not confirm it, or had not when it was last asked. Ask again at [`Confirmed::ask_again_at`],
    /// or wait for its webhook.
    NotYet,
    /// The return contained nothing to compare.
    NothingClaimed,
}

/// The vendor's state of a recipient, with the result of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Confirmed {
    /// Whether it agrees with the hint.
    pub verdict: Verdict,
    /// The recipient, as the vendor last reported.
    pub recipient: Recipient,
    /// The envelope's status, if it is included in the list.
    pub envelope_status: Option<EnvelopeStatus>,
    /// When the vendor was asked.
    pub asked_at: Timestamp,
    /// Whether this is an earlier answer, because the vendor must not be asked again so soon.
    pub remembered: bool,
    /// When the vendor may be asked again about this envelope.
    pub ask_again_at: Timestamp,
    #[serde(skip)]
    hint: Option<ReturnOutcome>,
    #[serde(skip)]
    fresh: bool,
}

impl Confirmed {
    /// The reliable outcome: the vendor's state; if that is not final, the hint, unless the hint claims a final
    /// outcome; otherwise `None`, and nothing is certain yet.
    ///
    /// For vendors that return browsers without an outcome, this is the outcome.
    pub fn established(&self) -> Option<ReturnOutcome> {
        match self.recipient.status {
            RecipientStatus::Signed if signs(&self.recipient.role) => return Some(ReturnOutcome::Signed),
            RecipientStatus::Signed => return Some(ReturnOutcome::Viewed),
            RecipientStatus::Declined => return Some(ReturnOutcome::Declined),
            // Final, and not an outcome of a visit: whatever the hint claims, it has ended.
            ref status if status.is_done() => return None,
            _ => {}
        }
        // A lock may have been removed since an earlier answer.
        if self.fresh && self.recipient.is_locked() {
            return Some(ReturnOutcome::AccessCodeFailed);
        }
        if self.fresh && self.recipient.failed_check().is_some() {
            return Some(ReturnOutcome::IdentityCheckFailed);
        }
        self.hint.clone().filter(is_without_effect)
    }
}

/// Asks the vendor for the outcome of a visit, no more often than the vendor allows.
///
/// Use one per account; clones share their cache. Within the vendor's interval
/// ([`Behavior::polling`](countersign_core::vendor::Behavior::polling)) an envelope is read once, and the answer is
/// cached: a return within the interval gets that answer, and the time when the vendor may be asked again.
/// Simultaneous requests make one call. Processes that use the same [`Readings`] make one call together
/// ([`Confirmer::with_readings`]). Other calls about the envelope, such as creating a link, also read it and are not
/// counted here.
#[derive(Clone)]
pub struct Confirmer {
    client: Client,
    readings: Option<Arc<dyn Readings>>,
    interval: Duration,
    capacity: usize,
    slots: Arc<Mutex<Slots>>,
}

#[derive(Default)]
struct Slots {
    uses: u64,
    envelopes: HashMap<EnvelopeId, Arc<Slot>>,
}

#[derive(Default)]
struct Slot {
    last_use: AtomicU64,
    seen: Arc<tokio::sync::Mutex<Option<Seen>>>,
}

/// An answer, until when it is used, and the claim for which it was requested here.
#[derive(Clone)]
struct Seen {
    at: Timestamp,
    until: Timestamp,
    list: Recipients,
    claim: Option<(String, Option<ReturnOutcome>)>,
}

/// How long to wait for the answer to another process, and the pauses between two looks.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_millis(100));

impl fmt::Debug for Confirmer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmer")
            .field("client", &self.client)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

impl Confirmer {
    /// The interval for vendors without their own rule, so that reloading a page costs nothing, and an hourly limit
    /// of calls is not used up.
    pub const INTERVAL: Duration = Duration::from_secs(30);

    /// The default number of cached envelopes; the least recently used one is removed first.
    pub const CAPACITY: usize = 10_000;

    /// For an account, with its vendor's interval.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let polling = client.descriptor().facts.behavior.polling.as_ref();
        let interval = polling.map_or(Self::INTERVAL, |fact| fact.value.0);
        Self { client, readings: None, interval, capacity: Self::CAPACITY, slots: Arc::default() }
    }

    /// Sets a custom interval and number of cached envelopes. A shorter interval than the vendor's breaks the vendor's
    /// rule.
    #[must_use]
    pub fn with_limits(mut self, interval: Duration, capacity: usize) -> Self {
        (self.interval, self.capacity) = (interval, capacity.max(1));
        self
    }

    /// For an account that several processes use. Its envelopes are in the client's
    /// [`scope`](crate::ClientBuilder::scope).
    ///
    /// If another process has read an envelope, its answer counts as remembered.
    #[must_use]
    pub fn with_readings(mut self, readings: Arc<dyn Readings>) -> Self {
        self.readings = Some(readings);
        self
    }

    /// Compares the vendor's state of a recipient with the claim of a return.
    ///
    /// # Errors
    /// As [`Client::list_recipients`], and `RecipientNotFound` or `RecipientAmbiguous`. Failures are not cached.
    /// `Unavailable` if another process has read the envelope, and its answer got lost; errors of the [`Readings`].
    pub async fn confirm(
        &self,
        envelope: &EnvelopeId,
        recipient: &RecipientRef,
        hint: Option<&ReturnOutcome>,
    ) -> Result<Confirmed> {
        let slot = self.slot(envelope);
        let seen = Arc::clone(&slot.seen).lock_owned().await;
        let now = self.client.now();
        let claim = (recipient.to_string(), hint.cloned());
        let (answer, remembered) = match seen.as_ref().filter(|seen| now < seen.until) {
            Some(known) => (known.clone(), true),
            None => self.ask(envelope, slot, seen, claim.clone()).await?,
        };
        // A repeated return, for example after reloading the page, gets the same answer as before.
        let fresh = !remembered || answer.claim.as_ref() == Some(&claim);
        let person = recipient.find(&answer.list)?.clone();
        Ok(Confirmed {
            verdict: compare(&person, hint, fresh),
            recipient: person,
            envelope_status: answer.list.envelope_status.clone(),
            asked_at: answer.at,
            remembered,
            ask_again_at: answer.until,
            hint: hint.cloned(),
            fresh,
        })
    }

    /// Asks the vendor, or uses the answer to another process. Returns whether it is an earlier answer.
    async fn ask(
        &self,
        envelope: &EnvelopeId,
        slot: Arc<Slot>,
        mut seen: OwnedMutexGuard<Option<Seen>>,
        claim: (String, Option<ReturnOutcome>),
    ) -> Result<(Seen, bool)> {
        let reading = match &self.readings {
            None => None,
            Some(readings) => match self.may_read(readings.as_ref(), envelope).await? {
                Reading::Allowed { at } => Some((Arc::clone(readings), at)),
                Reading::Before { at, again_in, list } => {
                    let list = list.ok_or_else(|| lost(again_in))?;
                    let until = self.after(again_in);
                    let answer = Seen { at, until, list, claim: None };
                    *seen = Some(answer.clone());
                    return Ok((answer, true));
                }
            },
        };
        self.read(envelope, slot, seen, claim, reading).await.map(|answer| (answer, false))
    }

    /// Waits for the answer to another process that is reading now.
    async fn may_read(&self, readings: &dyn Readings, envelope: &EnvelopeId) -> Result<Reading> {
        let began = tokio::time::Instant::now();
        loop {
            let scope = &self.client.shared.scope;
            let reading = readings.may_read(scope, envelope, self.interval).await?;
            let is_open = matches!(reading, Reading::Before { list: None, .. });
            if !is_open || began.elapsed() >= PATIENCE.0 {
                return Ok(reading);
            }
            tokio::time::sleep(PATIENCE.1).await;
        }
    }

    /// Asks the vendor in a separate task: if the browser disconnects, the handler's future is dropped, and the
    /// vendor would be asked again within its interval.
    async fn read(
        &self,
        envelope: &EnvelopeId,
        slot: Arc<Slot>,
        mut seen: OwnedMutexGuard<Option<Seen>>,
        claim: (String, Option<ReturnOutcome>),
        reading: Option<(Arc<dyn Readings>, Timestamp)>,
    ) -> Result<Seen> {
        let (client, envelope) = (self.client.clone(), envelope.clone());
        let (at, until) = (client.now(), self.after(self.interval));
        let read = async move {
            let result = client.list_recipients(&ListRecipients::new(envelope.clone())).await;
            if let Some((readings, began)) = reading {
                let scope = &client.shared.scope;
                let told = match &result {
                    Ok(list) => readings.record(scope, &envelope, began, list).await,
                    Err(_) => readings.release(scope, &envelope, began).await,
                };
                if let Err(error) = told {
                    tracing::warn!(
                        kind = error.kind().as_str(),
                        "the result of a reading could not be stored"
                    );
                }
            }
            let answer = Seen { at, until, list: result?, claim: Some(claim) };
            *seen = Some(answer.clone());
            // The envelope stays cached while this is held.
            drop(slot);
            Ok(answer)
        };
        let ended =
            |_| Err(Error::new(ErrorKind::Unexpected, "the call ended before the vendor's answer arrived"));
        tokio::spawn(read.in_current_span()).await.unwrap_or_else(ended)
    }

    fn after(&self, time: Duration) -> Timestamp {
        self.client.now().saturating_add(time).unwrap_or(Timestamp::MAX)
    }

    fn slot(&self, envelope: &EnvelopeId) -> Arc<Slot> {
        let mut slots = locked(&self.slots);
        let Slots { uses, envelopes } = &mut *slots;
        if !envelopes.contains_key(envelope) && envelopes.len() >= self.capacity {
            let idle = envelopes.iter().filter(|(_, slot)| Arc::strong_count(slot) == 1);
            let oldest = idle.min_by_key(|(_, slot)| slot.last_use.load(Ordering::Relaxed));
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                envelopes.remove(&oldest);
            }
        }
        *uses += 1;
        let slot = Arc::clone(envelopes.entry(envelope.clone()).or_default());
        slot.last_use.store(*uses, Ordering::Relaxed);
        slot
    }
}

fn lost(again_in: Duration) -> Error {
    let message = "another process has asked about this envelope, and its answer got lost";
    Error::new(ErrorKind::Unavailable, message)
        .with_outcome(Outcome::NoEffect, Retry::After(Some(again_in)))
        .with_hint("wait until the vendor may be asked again, or for its webhook")
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

/// Compares a claim with the vendor's state. An answer from before the return can only confirm final states.
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
        // A signer who has signed may still open the old link again.
        ReturnOutcome::LinkExpired => Verdict::Agrees,
        ReturnOutcome::Cancelled | ReturnOutcome::SessionTimedOut | ReturnOutcome::Failed => {
            when(fresh && !done, contradicted_if_done)
        }
        _ => Verdict::NothingClaimed,
    }
}
