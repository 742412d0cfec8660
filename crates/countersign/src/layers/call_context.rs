//! The shared state of a client's calls, and the per-call observer of the exchanges: the account's budget, the
//! call's time, the meters.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use countersign_core::store::{Ledger, Scope};
use countersign_core::vendor::RouteLimit;
use countersign_core::{
    Admission, Clock, Context, Effect, Limits, Mark, Operation, Provider, RequestObserver, Timestamp,
    Transport,
};
use http::HeaderMap;
use tokio::time::Instant;

use super::hold::Hold;
use super::late::LateEndings;
use super::retry::RetryPolicy;
use crate::budget::Budget;
use crate::calls::Call;
use crate::meters::Meters;

/// Shared by all clones of a client.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    pub(crate) retry: RetryPolicy,
    pub(crate) deadline: Duration,
    pub(crate) budget: Budget,
    pub(crate) ledger: Arc<dyn Ledger>,
    /// The name space of its keys.
    pub(crate) scope: Scope,
    pub(crate) late: LateEndings,
    /// The account's name in the configuration.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) meters: Meters,
    /// Whether requests carry what they are sent for.
    pub(crate) tells_calls: bool,
}

/// The state of one call.
#[derive(Debug)]
pub(crate) struct CallContext {
    operation: Operation,
    /// The time for the whole call, and when it ends.
    pub(super) longest: Duration,
    pub(super) deadline: Option<Instant>,
    account: Arc<Shared>,
    /// The claim on its key, if it has one.
    hold: OnceLock<Hold>,
}

impl CallContext {
    /// Starts a call: its time begins now.
    pub(super) fn begin<C: Call>(
        account: &Arc<Shared>,
        request: &C,
        deadline: Option<Duration>,
    ) -> (Arc<Self>, Context) {
        let operation = C::OPERATION;
        let longest = deadline.unwrap_or(account.deadline);
        let call_context = Arc::new(Self {
            operation,
            longest,
            // A deadline that cannot be represented means no deadline.
            deadline: Instant::now().checked_add(longest),
            account: Arc::clone(account),
            hold: OnceLock::new(),
        });
        let cx = Context::new(operation, Arc::clone(&account.transport), Arc::clone(&account.clock))
            .with_limits(account.limits)
            .with_observer(Arc::clone(&call_context) as Arc<dyn RequestObserver>);
        let cx = if account.tells_calls { cx.with_call(Arc::new(request.said())) } else { cx };
        (call_context, cx)
    }

    /// From now on, the call is made under this claim.
    pub(super) fn hold(&self, hold: Hold) -> &Hold {
        self.hold.get_or_init(|| hold)
    }
}

impl RequestObserver for CallContext {
    fn enter(&self, limit: Option<&'static RouteLimit>) -> Admission<'_> {
        self.account.budget.enter(self.deadline, limit, self.account.clock.as_ref())
    }

    fn leave(&self) {
        self.account.budget.leave();
    }

    fn mark_in_flight(&self, effect: Effect) -> Option<Mark<'_>> {
        match self.hold.get() {
            Some(hold) => hold.mark(self.account.ledger.as_ref(), effect),
            None => None,
        }
    }

    fn answered(&self, headers: &HeaderMap, now: Timestamp) {
        let rate = self.account.provider.descriptor().facts.rate.as_ref();
        if let Some(remaining) = rate.and_then(|rate| self.account.budget.learn(rate, headers, now)) {
            self.account.meters.budget(remaining);
        }
    }

    fn limited(&self, limit: &'static RouteLimit, wait: Duration) {
        self.account.budget.limited(limit, wait, self.account.clock.now());
    }

    fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn credentials_renewed(&self, success: bool) {
        self.account.meters.renewal(success);
    }

    fn unmapped_code(&self) {
        self.account.meters.unmapped_code(self.operation);
    }
}
