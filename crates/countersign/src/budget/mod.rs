//! What an account may still send, learnt from the vendor's answers and shared by everybody who calls for it.

mod known;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_core::{Admission, Timestamp};
use http::HeaderMap;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use known::Known;
pub(crate) use known::Learnt;
pub use known::{BudgetReport, Window};

/// The rate budget of one account. Clones share it, as do all clones of a client; give the same one to several
/// clients of the same account.
///
/// - Requests under way at the same time are bounded; those above wait in the order in which they came.
/// - A request waits for the vendor only while the vendor has said that nothing is left: until the reset it named,
///   or for the 30 seconds of a burst window. If the call's deadline is nearer, it fails at once with `RateLimited`
///   and the time to wait, and nothing is sent. An account of which nothing is known, or something is left, never
///   waits; calls are not spread out.
/// - It learns from `X-RateLimit-Limit`, `-Remaining`, `-Reset` (Unix seconds) and `X-BurstLimit-Limit`,
///   `-Remaining` of every answer, refusals included. Both vendors send the first three (DocuSign's rules-and-limits
///   page; BoldSign's knowledge base, article 18976), DocuSign the burst as well (its resource-limits page).
///   Requests for tokens do not count.
///
/// It knows what this process has heard. Other processes on the same account show in `remaining` with the next
/// answer only.
#[derive(Debug, Clone)]
pub struct Budget {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    permits: Semaphore,
    most: usize,
    waiting: AtomicUsize,
    known: Mutex<Known>,
    /// Told when something is left again before the time that was named.
    eased: Notify,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::IN_FLIGHT)
    }
}

impl Budget {
    /// How many requests of an account may be under way at the same time, unless told otherwise.
    pub const IN_FLIGHT: usize = 64;

    /// A budget with another bound on the requests under way at the same time; at least one.
    #[must_use]
    pub fn new(in_flight: usize) -> Self {
        let most = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let state = State {
            permits: Semaphore::new(most),
            most,
            waiting: AtomicUsize::new(0),
            known: Mutex::default(),
            eased: Notify::new(),
        };
        Self { state: Arc::new(state) }
    }

    /// What is known now.
    #[must_use]
    pub fn report(&self) -> BudgetReport {
        let (limit, burst) = self.known().report(Instant::now());
        BudgetReport {
            limit,
            burst,
            in_flight: self.state.most.saturating_sub(self.state.permits.available_permits()),
            waiting: self.state.waiting.load(Ordering::Relaxed),
            max_in_flight: self.state.most,
        }
    }

    /// Leave for one request of a call that ends at this instant.
    pub(crate) fn enter(&self, deadline: Option<Instant>) -> Admission<'_> {
        let held = match self.held(deadline) {
            Ok(held) => held,
            Err(wait) => return Admission::Closed(wait),
        };
        if held.is_none()
            && let Ok(permit) = self.state.permits.try_acquire()
        {
            permit.forget();
            return Admission::Open;
        }
        Admission::Wait(Box::pin(self.queue(deadline)))
    }

    /// A request is over.
    pub(crate) fn leave(&self) {
        self.state.permits.add_permits(1);
    }

    /// Learns from an answer's headers. Says what is left now, where they told something.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: Timestamp) -> Option<Learnt> {
        let told = known::Told::read(headers)?;
        let at = Instant::now();
        let mut known = self.known();
        let held = known.held(at).is_some();
        known.learn(&told, now, at);
        let eased = held && known.held(at).is_none();
        let learnt = known.learnt();
        drop(known);
        if eased {
            self.state.eased.notify_waiters();
        }
        Some(learnt)
    }

    /// Waits for those before, and until something is left. The permit is kept only at the very end, so dropping
    /// this leaves nothing behind.
    fn queue(&self, deadline: Option<Instant>) -> impl Future<Output = Result<(), Duration>> + Send {
        let waiting = Waiting::new(&self.state.waiting);
        async move {
            let _waiting = waiting;
            // The semaphore is never closed.
            let permit = self.state.permits.acquire().await.ok();
            loop {
                // Made before looking, so that nothing told in between is missed.
                let eased = self.state.eased.notified();
                let Some(until) = self.held(deadline)? else { break };
                let _ = tokio::time::timeout_at(until, eased).await;
            }
            if let Some(permit) = permit {
                permit.forget();
            }
            Ok(())
        }
    }

    /// Until when nothing is left; how long, if that is past the deadline.
    fn held(&self, deadline: Option<Instant>) -> Result<Option<Instant>, Duration> {
        let now = Instant::now();
        match (self.known().held(now), deadline) {
            (Some(until), Some(deadline)) if until >= deadline => Err(until.duration_since(now)),
            (held, _) => Ok(held),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counted among the waiting as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
