//! Expiring credentials: renewed early, one renewal at a time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use async_lock::Mutex;

use crate::error::{Error, Result, Retry};
use crate::model::Timestamp;
use crate::redact::hidden;

/// How long a failed renewal is returned to other callers, without asking the vendor again.
const QUIET: Duration = Duration::from_secs(1);

/// The longest time to wait before a renewal is retried, if the vendor asked for a wait.
const LONGEST_QUIET: Duration = Duration::from_secs(60);

/// A credential with its expiry and generation.
#[derive(Clone)]
pub struct CachedToken<T> {
    /// The credential.
    pub value: T,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When to renew it.
    renew_at: Timestamp,
    /// Increases with every renewal.
    pub generation: u64,
}

hidden!(CachedToken<T> { generation, expires_at });

type Renewal<T> = Pin<Box<dyn Future<Output = Result<(T, Timestamp)>> + Send>>;

/// Caches one credential and renews it before it expires. One caller renews while the others wait.
///
/// - Callers who waited for a failed renewal get its error, and so does every caller during the next second (longer
///   if the vendor asked for a wait, at most a minute). This protects a vendor in trouble from a flood of requests.
/// - While the old credential is still valid, only the renewing caller waits, and a failed renewal is not an error
///   for any caller.
/// - A renewal outlives the caller who started it: if that future is dropped, the next caller continues the same
///   request. An answer with a changed refresh token is therefore never lost.
pub struct TokenCache<T> {
    slot: RwLock<Slot<T>>,
    /// The holder of the lock renews; contains a renewal whose caller was dropped.
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

    /// Whether renewals are still paused. Setting the clock back ends the pause.
    fn counts(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.quiet_until
    }

    /// The error for a caller who did not try the renewal; says when to retry.
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

hidden!(TokenCache<T> { early });

impl<T: Clone> TokenCache<T> {
    /// A cache that renews this long before the expiry, but not before half of the credential's lifetime has
    /// passed.
    #[must_use]
    pub fn new(early: Duration) -> Self {
        Self {
            slot: RwLock::new(Slot { lease: None, generation: 0, failures: 0, failure: None }),
            gate: Mutex::new(None),
            early,
        }
    }

    /// Returns the credential if it stays valid for a while; otherwise obtains a new one with `renew`, which
    /// returns the credential and its expiry. `now` is called before and after.
    ///
    /// # Errors
    /// The error of `renew`, for the caller who renews, for those who wait for it, and for those who call shortly
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
                // A renewal that another caller started and abandoned may have failed because it was abandoned.
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
                tracing::warn!(kind = error.kind().as_str(), "the credentials could not be renewed");
                slot.failures += 1;
                slot.failure = Some(Failure::new(error.clone(), now));
                slot.usable(now).ok_or(error)
            }
        }
    }

    /// Drops the credential if it still has this generation, because the vendor has refused it, or there is a
    /// newer one.
    pub fn drop_generation(&self, generation: u64) {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.lease.as_ref().is_some_and(|lease| lease.generation == generation) {
            slot.lease = None;
        }
    }

    /// Forgets the last failure, because what caused it may be over: the next caller tries again at once.
    pub fn forget_failure(&self) {
        self.slot.write().unwrap_or_else(PoisonError::into_inner).failure = None;
    }

    fn read(&self) -> RwLockReadGuard<'_, Slot<T>> {
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Slot<T> {
    /// The answer if no renewal is needed: a valid credential, or a very recent failure.
    fn known(&self, now: Timestamp) -> Option<Result<CachedToken<T>>> {
        if let Some(lease) = self.lease.as_ref().filter(|lease| now < lease.renew_at) {
            return Some(Ok(lease.clone()));
        }
        let failure = self.failure.as_ref().filter(|failure| failure.counts(now))?;
        Some(self.usable(now).ok_or_else(|| failure.shared(now)))
    }

    /// A credential that is due for renewal and still valid.
    fn usable(&self, now: Timestamp) -> Option<CachedToken<T>> {
        self.lease.as_ref().filter(|lease| now < lease.expires_at).cloned()
    }
}

/// When to renew: this long before the expiry, but not before half of the lifetime has passed.
pub(crate) fn renew_at(from: Timestamp, expires_at: Timestamp, early: Duration) -> Timestamp {
    let life = expires_at.as_second().saturating_sub(from.as_second()).max(0);
    let early = i64::try_from(early.as_secs()).unwrap_or(i64::MAX).min(life / 2);
    Timestamp::from_second(expires_at.as_second().saturating_sub(early)).unwrap_or(expires_at)
}
