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
mod routes;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign_core::locked;
use countersign_core::vendor::{Rate, RouteLimit};
use countersign_core::{Admission, Clock, Descriptor, Result, Settings, Timestamp};
use http::HeaderMap;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;

pub use known::BudgetReport;
use known::Known;
pub use routes::{RouteWindow, Window};

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
/// - At a vendor that limits groups of routes ([`RouteLimit`]), requests are counted here for each group: one waits
///   when the group's documented calls are used up, or after a refusal, and the other groups go on.
///
/// It knows only the calls and answers of this process. The calls of other processes for the same account appear in
/// `remaining` with the next answer; in a group of routes, only with a refusal.
#[derive(Debug, Clone)]
pub struct Budget {
    state: Arc<State>,
    counting: Counting,
}

/// Up to which number the calls of groups of routes are counted.
#[derive(Debug, Clone, Copy)]
enum Counting {
    Documented,
    Trial,
    Off,
}

impl Counting {
    fn calls(self, limit: &RouteLimit) -> Option<u32> {
        match self {
            Self::Documented => Some(limit.calls),
            Self::Trial => Some(limit.trial_calls.unwrap_or(limit.calls)),
            Self::Off => None,
        }
    }
}

/// What is left of the limit of the long window, and of that of the short one.
pub(crate) type Remaining = (Option<u64>, Option<u64>);

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
        Self { state: Arc::new(state), counting: Counting::Documented }
    }

    /// The budget of an account by its key `limits`, which only vendors that limit groups of routes have.
    ///
    /// # Errors
    /// `Config`, which lists the words.
    pub fn from_settings(vendor: &Descriptor, settings: &Settings) -> Result<Self> {
        let mut budget = Self::default();
        if !vendor.facts.limits.is_empty() {
            budget.counting = match settings.choice("limits", &["documented", "trial", "uncounted"])? {
                Some("trial") => Counting::Trial,
                Some("uncounted") => Counting::Off,
                _ => Counting::Documented,
            };
        }
        Ok(budget)
    }

    /// Does not count the calls of groups of routes, for an account with other limits than the documented ones: only
    /// the vendor's refusals hold its requests.
    #[must_use]
    pub fn uncounted(mut self) -> Self {
        self.counting = Counting::Off;
        self
    }

    /// What is currently known.
    pub fn report(&self) -> BudgetReport {
        let at = Instant::now();
        let known = locked(&self.state.known);
        let ((limit, burst), routes) = (known.report(at), known.routes.report(at));
        drop(known);
        BudgetReport {
            limit,
            burst,
            routes,
            in_flight: self.state.most.saturating_sub(self.state.permits.available_permits()),
            waiting: self.state.waiting.load(Ordering::Relaxed),
            max_in_flight: self.state.most,
        }
    }

    /// Admission of one request of a call that ends at this time, towards the limit of its route, if there is one.
    pub(crate) fn enter<'a>(
        &'a self,
        deadline: Option<Instant>,
        limit: Option<&'static RouteLimit>,
        clock: &'a dyn Clock,
    ) -> Admission<'a> {
        if let Err(wait) = self.held(deadline, limit) {
            return Admission::Closed(wait);
        }
        if let Ok(permit) = self.state.permits.try_acquire()
            && self.take(limit, clock)
        {
            permit.forget();
            return Admission::Open;
        }
        let waiting = Waiting::new(&self.state.waiting);
        Admission::Wait(Box::pin(self.queue(waiting, deadline, limit, clock)))
    }

    /// A request has ended.
    pub(crate) fn leave(&self) {
        self.state.permits.add_permits(1);
    }

    /// The vendor refused a request because of the limit of its route.
    pub(crate) fn limited(&self, limit: &'static RouteLimit, wait: Duration, now: Timestamp) {
        locked(&self.state.known).routes.refused(
            limit,
            self.counting.calls(limit),
            (now, Instant::now()),
            wait,
        );
    }

    /// Learns from an answer's headers. Returns what is left of both limits if the headers reported any.
    pub(crate) fn learn(&self, rate: &Rate, headers: &HeaderMap, now: Timestamp) -> Option<Remaining> {
        let told = rate.read(headers)?;
        let burst = rate.burst.as_ref().map(|burst| burst.window).unwrap_or_default();
        let at = Instant::now();
        let mut known = locked(&self.state.known);
        let held = known.account_held(at).is_some();
        known.learn(&told, burst, now, at);
        let eased = held && known.account_held(at).is_none();
        let remaining = known.remaining();
        drop(known);
        if eased {
            self.state.eased.notify_waiters();
        }
        Some(remaining)
    }

    /// Waits until calls are left, then for earlier requests. The permit is taken only at the very end, so dropping
    /// this has no effect, and a request that waits for the limit of its route keeps no other from its place.
    async fn queue(
        &self,
        _waiting: Waiting<'_>,
        deadline: Option<Instant>,
        limit: Option<&'static RouteLimit>,
        clock: &dyn Clock,
    ) -> std::result::Result<(), Duration> {
        loop {
            // Created before the check, so that no notification in between is missed.
            let eased = self.state.eased.notified();
            if let Some(until) = self.held(deadline, limit)? {
                let _ = tokio::time::timeout_at(until, eased).await;
                continue;
            }
            // The semaphore is never closed.
            let permit = self.state.permits.acquire().await.ok();
            // Others may have used up the calls meanwhile.
            if self.take(limit, clock) {
                if let Some(permit) = permit {
                    permit.forget();
                }
                return Ok(());
            }
        }
    }

    /// Counts a request, unless no call is left.
    fn take(&self, limit: Option<&'static RouteLimit>, clock: &dyn Clock) -> bool {
        let at = Instant::now();
        let mut known = locked(&self.state.known);
        if known.held(limit, at).is_some() {
            return false;
        }
        if let Some(limit) = limit
            && let Some(calls) = self.counting.calls(limit)
        {
            known.routes.count(limit, calls, (clock.now(), at));
        }
        true
    }

    /// How long to wait until calls are left; an error if that is after the deadline.
    fn held(
        &self,
        deadline: Option<Instant>,
        limit: Option<&'static RouteLimit>,
    ) -> std::result::Result<Option<Instant>, Duration> {
        let now = Instant::now();
        match (locked(&self.state.known).held(limit, now), deadline) {
            (Some(until), Some(deadline)) if until >= deadline => Err(until.duration_since(now)),
            (held, _) => Ok(held),
        }
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
