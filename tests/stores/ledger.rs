//! A ledger of short leases, with which a process can die at a chosen moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign::Result;
use countersign::async_trait::async_trait;
use countersign::ledger::{
    Ask, CallRecord, Claim, Completed, Cursor, Ending, Finding, IdempotencyKey, InFlight, Ledger,
    LedgerLease, Resolved, Scope, UnresolvedCall,
};
use countersign::provider::Effect;

use crate::outage;
use crate::said::{Kind, Moment};

/// Claims with a short lease, so that a test can outlast it. A client's own leases are longer than its calls.
#[derive(Debug)]
pub(crate) struct ShortLeases {
    pub(crate) inner: Arc<dyn Ledger>,
    pub(crate) lease: Duration,
    /// Whether marks reach the store.
    pub(crate) marks: bool,
    /// Where the process dies.
    pub(crate) dies: Option<(Moment, Kind)>,
    pub(crate) marked: AtomicBool,
}

impl ShortLeases {
    /// Something may happen at this moment.
    fn reach(&self, moment: Moment) {
        outage::strike(moment);
        if self.dies.is_some_and(|(at, _)| at == moment) {
            std::process::abort();
        }
    }
}

#[async_trait]
impl Ledger for ShortLeases {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        self.reach(Moment::BeforeClaim);
        let ask = Ask::new(ask.scope, ask.key, ask.request, self.lease, ask.about);
        let claim = self.inner.claim(&ask).await;
        self.reach(Moment::Claimed);
        claim
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        if !self.marks {
            return Ok(InFlight::Accepted);
        }
        let is_second = self.marked.swap(true, Ordering::Relaxed);
        self.reach(if is_second { Moment::BetweenSteps } else { Moment::BeforeMark });
        let marked = self.inner.mark_in_flight(lease, effect).await;
        let is_last = |kind: Kind| (effect == Effect::Notifies) == kind.job().mails();
        if self.dies.is_none_or(|(_, kind)| is_last(kind)) {
            self.reach(Moment::Marked);
        }
        marked
    }

    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight> {
        self.inner.renew(lease, by).await
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        self.reach(Moment::Answered);
        let completed = self.inner.complete(lease, ending).await;
        self.reach(Moment::Completed);
        completed
    }

    async fn release(&self, lease: &LedgerLease) -> Result<()> {
        self.inner.release(lease).await
    }

    fn abandon(&self, lease: LedgerLease, possible_effect: bool) {
        self.inner.abandon(lease, possible_effect);
    }

    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved> {
        self.inner.resolve(finding).await
    }

    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        self.inner.unresolved(scope, after, most).await
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        self.inner.find(scope, key).await
    }
}
