//! Credentials that run out: renewed early, one renewal at a time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use async_lock::Mutex;

use crate::error::{Error, Result, Retry};
use crate::model::Timestamp;

/// For how long after a failed renewal its failure is the answer, without asking the vendor.
const QUIET: Duration = Duration::from_secs(1);

/// The longest time that a vendor who said "later" is left alone before a renewal is tried again.
const LONGEST_QUIET: Duration = Duration::from_secs(60);

/// A credential with its end, and which issue it is.
#[derive(Clone)]
pub struct CachedToken<T> {
    /// The credential.
    pub value: T,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it is to be renewed.
    renew_at: Timestamp,
    /// Counts up with every renewal.
    pub generation: u64,
}

impl<T> fmt::Debug for CachedToken<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("generation", &self.generation)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

type Renewal<T> = Pin<Box<dyn Future<Output = Result<(T, Timestamp)>> + Send>>;

/// Keeps one credential, renews it some time before it ends, and lets one caller do so while the others wait.
///
/// - Callers who waited behind a failed renewal get that failure, and so does everybody for a second after it (longer
///   where the vendor named a wait, at most a minute): a vendor in trouble is not stormed.
/// - While the old credential is still good, nobody waits for its renewal but the one who does it, and a failed
///   renewal fails nobody.
/// - A renewal outlives the caller who began it: when that future is dropped, the next caller carries on with the same
///   request. A vendor who has changed a refresh token is thus heard to the end.
pub struct TokenCache<T> {
    slot: RwLock<Slot<T>>,
    /// Who holds it renews; inside is a renewal whose caller went away.
    gate: Mutex<Option<Renewal<T>>>,
    early: Duration,
}

struct Slot<T> {
    lease: Option<CachedToken<T>>,
    generation: u64,
    failures: u64,
    failure: Option<Failure>,
}

struct Failure {
    error: Error,
    at: Timestamp,
    quiet_until: Timestamp,
}

impl Failure {
    fn new(error: Error, at: Timestamp) -> Self {
        let told = match error.retry() {
            Retry::After(wait) => wait.unwrap_or_default(),
            Retry::Never => Duration::ZERO,
        };
        let quiet = told.clamp(QUIET, LONGEST_QUIET);
        Self { error, at, quiet_until: at.saturating_add(quiet).unwrap_or(at) }
    }

    /// Whether the vendor is still left alone. A clock that was set back ends it.
    fn counts(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.quiet_until
    }

    /// The error for somebody who did not ask themselves; says when asking makes sense again.
    fn shared(&self, now: Timestamp) -> Error {
        let error = self.error.clone();
        match error.retry() {
            Retry::After(_) => {
                let left = Duration::try_from(now.duration_until(self.quiet_until)).unwrap_or_default();
                let outcome = error.outcome();
                error.with_outcome(outcome, Retry::After(Some(left)))
            }
            Retry::Never => error,
        }
    }
}

impl<T> fmt::Debug for TokenCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("early", &self.early).finish_non_exhaustive()
    }
}

impl<T: Clone> TokenCache<T> {
    /// A cache that renews this long before the end, but not before half of a credential's life is over.
    #[must_use]
    pub fn new(early: Duration) -> Self {
        Self {
            slot: RwLock::new(Slot { lease: None, generation: 0, failures: 0, failure: None }),
            gate: Mutex::new(None),
            early,
        }
    }

    /// The credential, if it is good for a while; else gets a new one by `renew`, which returns the credential and
    /// its end. `now` is asked before and after.
    ///
    /// # Errors
    /// Whatever `renew` fails with, for the caller who renews, for those who wait for it, and for those who come right
    /// after it.
    pub async fn get<F, R>(&self, now: impl Fn() -> Timestamp, renew: F) -> Result<CachedToken<T>>
    where
        F: Fn() -> R,
        R: Future<Output = Result<(T, Timestamp)>> + Send + 'static,
    {
        let (failures_before, old) = {
            let slot = self.read();
            let at = now();
            if let Some(known) = slot.known(at) {
                return known;
            }
            (slot.failures, slot.usable(at))
        };
        let mut gate = match old {
            None => self.gate.lock().await,
            Some(old) => match self.gate.try_lock() {
                Some(gate) => gate,
                None => return Ok(old),
            },
        };
        {
            let slot = self.read();
            let at = now();
            if let Some(known) = slot.known(at) {
                return known;
            }
            if slot.failures != failures_before
                && let Some(failure) = &slot.failure
            {
                return slot.usable(at).ok_or_else(|| failure.shared(at));
            }
        }
        let mut left_behind = gate.is_some();
        loop {
            let began = now();
            let running = gate.get_or_insert_with(|| Box::pin(renew()));
            let result = running.as_mut().await;
            *gate = None;
            match result {
                // What somebody else began and left may have failed for having been left.
                Err(_) if left_behind => left_behind = false,
                result => return self.note(result, began, now()),
            }
        }
    }

    fn note(
        &self,
        result: Result<(T, Timestamp)>,
        began: Timestamp,
        now: Timestamp,
    ) -> Result<CachedToken<T>> {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok((value, expires_at)) => {
                slot.generation += 1;
                let renew_at = renew_at(began, expires_at, self.early);
                let lease = CachedToken { value, expires_at, renew_at, generation: slot.generation };
                slot.lease = Some(lease.clone());
                slot.failure = None;
                Ok(lease)
            }
            Err(error) => {
                tracing::warn!(kind = error.kind().as_str(), "credentials could not be renewed");
                slot.failures += 1;
                slot.failure = Some(Failure::new(error.clone(), now));
                slot.usable(now).ok_or(error)
            }
        }
    }

    /// Drops the credential if it is still the one with this generation: the vendor has refused it.
    pub fn drop_generation(&self, generation: u64) {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.lease.as_ref().is_some_and(|lease| lease.generation == generation) {
            slot.lease = None;
        }
    }

    /// Forgets the credential, if it is still the one with this generation, and any failure: there is a newer one, or
    /// somebody has signed in anew.
    pub fn clear(&self, generation: u64) {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.lease.as_ref().is_none_or(|lease| lease.generation == generation) {
            slot.lease = None;
            slot.failure = None;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Slot<T>> {
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Slot<T> {
    /// The answer that needs no renewal: a good credential, or a failure that was only just seen.
    fn known(&self, now: Timestamp) -> Option<Result<CachedToken<T>>> {
        if let Some(lease) = self.lease.as_ref().filter(|lease| now < lease.renew_at) {
            return Some(Ok(lease.clone()));
        }
        let failure = self.failure.as_ref().filter(|failure| failure.counts(now))?;
        Some(self.usable(now).ok_or_else(|| failure.shared(now)))
    }

    /// A credential that should be renewed and still works.
    fn usable(&self, now: Timestamp) -> Option<CachedToken<T>> {
        self.lease.as_ref().filter(|lease| now < lease.expires_at).cloned()
    }
}

/// When to renew: so long before the end, but not before half of the life is over.
pub(crate) fn renew_at(from: Timestamp, expires_at: Timestamp, early: Duration) -> Timestamp {
    let life = expires_at.as_second().saturating_sub(from.as_second()).max(0);
    let early = i64::try_from(early.as_secs()).unwrap_or(i64::MAX).min(life / 2);
    Timestamp::from_second(expires_at.as_second().saturating_sub(early)).unwrap_or(expires_at)
}
