//! What a client's calls share, and what stands beside the exchanges of one of them: the account's budget, the call's
//! time, the meters.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::{
    Admission, Clock, Context, Limits, Operation, Provider, RequestObserver, Timestamp, Transport,
};
use http::HeaderMap;
use tokio::time::Instant;

use super::retry::RetryPolicy;
use crate::budget::Budget;
use crate::calls::Call;
use crate::ledger::Ledger;
use crate::meters::Meters;

/// What all clones of a client share.
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
    /// The account's name in the configuration.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) meters: Meters,
    /// Whether requests carry along what they are sent for.
    pub(crate) tells_calls: bool,
}

/// One call's companion.
#[derive(Debug)]
pub(crate) struct CallContext {
    operation: Operation,
    deadline: Option<Instant>,
    account: Arc<Shared>,
}

impl CallContext {
    /// Begins a call: its time runs from now.
    pub(super) fn begin<C: Call>(account: &Arc<Shared>, request: &C) -> (Arc<Self>, Context) {
        let operation = C::OPERATION;
        let call_context = Arc::new(Self {
            operation,
            // A time beyond the end of time is none.
            deadline: Instant::now().checked_add(account.deadline),
            account: Arc::clone(account),
        });
        let cx = Context::new(operation, Arc::clone(&account.transport), Arc::clone(&account.clock))
            .with_limits(account.limits)
            .with_observer(Arc::clone(&call_context) as Arc<dyn RequestObserver>);
        let cx = if account.tells_calls { cx.with_call(Arc::new(request.said())) } else { cx };
        (call_context, cx)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

impl RequestObserver for CallContext {
    fn enter(&self) -> Admission<'_> {
        self.account.budget.enter(self.deadline)
    }

    fn leave(&self) {
        self.account.budget.leave();
    }

    fn answered(&self, headers: &HeaderMap, now: Timestamp) {
        if let Some(learnt) = self.account.budget.learn(headers, now) {
            self.account.meters.budget(learnt);
        }
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
