//! Credentials that run out: renewed early, one renewal at a time.

use std::fmt;
use std::future::Future;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use async_lock::Mutex;

use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// A credential with its end, and which issue it is.
#[derive(Clone)]
pub struct Lease<T> {
    /// The credential.
    pub value: T,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it is to be renewed.
    renew_at: Timestamp,
    /// Counts up with every renewal.
    pub generation: u64,
}

impl<T> fmt::Debug for Lease<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("generation", &self.generation)
            .field("expires_at", &self.expires_at)
            .finish()
    }
}

/// Keeps one credential, renews it some time before it ends, and lets one caller do so while the others wait.
///
/// Callers who waited behind a failed renewal get that failure, not a try each: a vendor in trouble is not stormed.
pub struct TokenCache<T> {
    slot: RwLock<Slot<T>>,
    gate: Mutex<()>,
    early: Duration,
}

struct Slot<T> {
    lease: Option<Lease<T>>,
    generation: u64,
    failures: u64,
    failure: Option<Error>,
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
            gate: Mutex::new(()),
            early,
        }
    }

    /// The credential, if it is good for a while; else gets a new one by `renew`, which returns the credential and
    /// its end.
    ///
    /// # Errors
    /// Whatever `renew` fails with, for the caller who renews and for those who wait for it.
    pub async fn get<F, R>(&self, now: Timestamp, renew: F) -> Result<Lease<T>>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<(T, Timestamp)>>,
    {
        let failures_before = {
            let slot = self.read();
            if let Some(lease) = self.good(&slot, now) {
                return Ok(lease);
            }
            slot.failures
        };
        let _gate = self.gate.lock().await;
        {
            let slot = self.read();
            if let Some(lease) = self.good(&slot, now) {
                return Ok(lease);
            }
            if slot.failures != failures_before
                && let Some(failure) = &slot.failure
            {
                return Err(failure.clone());
            }
        }
        let result = renew().await;
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok((value, expires_at)) => {
                slot.generation += 1;
                let renew_at = self.renew_at(now, expires_at);
                let lease = Lease { value, expires_at, renew_at, generation: slot.generation };
                slot.lease = Some(lease.clone());
                slot.failure = None;
                Ok(lease)
            }
            Err(error) => {
                slot.failures += 1;
                slot.failure = Some(error.clone());
                Err(error)
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

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Slot<T>> {
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn renew_at(&self, now: Timestamp, expires_at: Timestamp) -> Timestamp {
        let life = expires_at.as_second().saturating_sub(now.as_second()).max(0);
        let early = i64::try_from(self.early.as_secs()).unwrap_or(i64::MAX).min(life / 2);
        Timestamp::from_second(expires_at.as_second().saturating_sub(early)).unwrap_or(expires_at)
    }

    fn good(&self, slot: &Slot<T>, now: Timestamp) -> Option<Lease<T>> {
        slot.lease.as_ref().filter(|lease| now < lease.renew_at).cloned()
    }
}
