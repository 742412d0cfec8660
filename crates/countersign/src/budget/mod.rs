//! An account's remaining calls, learned from the vendor's answers and shared by all clients of the account.
//!
//! ```
//! use countersign::budget::Budget;
//!
//! # fn run(client: &countersign::Client) {
//! if let Some(left) = client.budget().limit.and_then(|window| window.remaining) {
//!     println!("{left} calls are left until the vendor's next window starts");
//! }
//! # }
//! ```

mod known;

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_core::vendor::Rate;
use countersign_core::{Admission, Timestamp};
use http::HeaderMap;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

use known::Known;
pub(crate) use known::Learnt;
pub use known::{BudgetReport, Window};

/// The rate budget of one account. Clones share it, as do all clones of a client; pass the same one to all clients
/// of the same account.
///
/// - The number of simultaneous requests is limited; further requests wait in order of arrival.
/// - A request waits only while the vendor has reported that nothing is left: until the reset that it named, or for
///   the vendor's burst window. If the call's deadline is earlier, the call fails immediately with `RateLimited` and
///   the time to wait, and nothing is sent. If nothing is known of an account, or calls are left, requests never
///   wait; calls are not spread over time.
/// - It learns from the headers of every answer, including refusals. The names of the headers are a fact of the
///   vendor ([`Rate`]). Token requests do not count.
///
/// It knows only the answers that this process received. The calls of other processes for the same account appear
/// in `remaining` with the next answer.
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
    /// Notified if calls are available earlier than reported.
    eased: Notify,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::IN_FLIGHT)
    }
}

impl Budget {
    /// The default maximum of simultaneous requests for an account.
    pub const IN_FLIGHT: usize = 64;

    /// A budget with another maximum of simultaneous requests; at least one.
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

    /// What is currently known.
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

    /// Admission of one request of a call that ends at this time.
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

    /// A request has ended.
    pub(crate) fn leave(&self) {
        self.state.permits.add_permits(1);
    }

    /// Learns from an answer's headers. Returns the current limits if the headers reported any.
    pub(crate) fn learn(&self, rate: &Rate, headers: &HeaderMap, now: Timestamp) -> Option<Learnt> {
        let told = rate.read(headers)?;
        let burst = rate.burst.as_ref().map(|burst| burst.window).unwrap_or_default();
        let at = Instant::now();
        let mut known = self.known();
        let held = known.held(at).is_some();
        known.learn(&told, burst, now, at);
        let eased = held && known.held(at).is_none();
        let learnt = known.learnt();
        drop(known);
        if eased {
            self.state.eased.notify_waiters();
        }
        Some(learnt)
    }

    /// Waits for earlier requests, and until calls are left. The permit is taken only at the very end, so dropping
    /// this has no effect.
    fn queue(&self, deadline: Option<Instant>) -> impl Future<Output = Result<(), Duration>> + Send {
        let waiting = Waiting::new(&self.state.waiting);
        async move {
            let _waiting = waiting;
            // The semaphore is never closed.
            let permit = self.state.permits.acquire().await.ok();
            loop {
                // Created before the check, so that no notification in between is missed.
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

    /// How long to wait until calls are left; an error if that is after the deadline.
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

/// Counts as waiting while it exists.
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
