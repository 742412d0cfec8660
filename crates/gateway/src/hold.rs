//! A restored database has forgotten the calls since its backup. While a tenant is held, a call under a key that the
//! ledger does not know is not sent: it may have been made before, so someone has to look at the vendor first.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::ledger::{
    Ask, CallRecord, Claim, Completed, Cursor, Ending, Finding, IdempotencyKey, InFlight, Ledger,
    LedgerLease, Resolved, Scope, StoredError, UnresolvedCall,
};
use countersign::provider::Effect;
use countersign::{Error, ErrorKind, Operation, Outcome, Result, Retry};

const FORGOTTEN: &str =
    "calls are held after a restore: the database may have forgotten that this one was made";

tokio::task_local! {
    /// Whether this call is held if the ledger does not know it.
    static IS_HELD: bool;
}

/// A call that is held if it `is_held` and the ledger does not know it.
pub(crate) fn held<T>(is_held: bool, call: impl Future<Output = T>) -> impl Future<Output = T> {
    IS_HELD.scope(is_held, call)
}

/// Whether a call has this error because it was held, and so certainly was not sent then.
pub(crate) fn is_of_hold(error: &StoredError) -> bool {
    error.error().message() == FORGOTTEN
}

/// A ledger that gives out no key for the calls of tenants that are held.
#[derive(Debug)]
pub(crate) struct HoldingLedger(pub(crate) Arc<dyn Ledger>);

#[async_trait]
impl Ledger for HoldingLedger {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        // A link more is harmless.
        let is_harmless = matches!(ask.about.operation, Operation::ListRecipients | Operation::CreateView);
        let is_held = IS_HELD.try_with(|is_held| *is_held).unwrap_or_default() && !is_harmless;
        let lease = match self.0.claim(ask).await? {
            Claim::Acquired(lease) if is_held => lease,
            known => return Ok(known),
        };
        let error =
            Error::new(ErrorKind::Unavailable, FORGOTTEN).with_outcome(Outcome::Unknown, Retry::Never);
        let error = StoredError::from(&error);
        // Whatever another process has made of the key meanwhile, this call is not sent.
        if self.0.mark_in_flight(&lease, Effect::Notifies).await? == InFlight::Accepted {
            let _: Completed = self.0.complete(&lease, &Ending::Unknown(error.clone())).await?;
        }
        Ok(Claim::Unknown(Some(error)))
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        self.0.mark_in_flight(lease, effect).await
    }

    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight> {
        self.0.renew(lease, by).await
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        self.0.complete(lease, ending).await
    }

    async fn release(&self, lease: &LedgerLease) -> Result<()> {
        self.0.release(lease).await
    }

    fn abandon(&self, lease: LedgerLease, possible_effect: bool) {
        self.0.abandon(lease, possible_effect);
    }

    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved> {
        self.0.resolve(finding).await
    }

    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        self.0.unresolved(scope, after, most).await
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        self.0.find(scope, key).await
    }
}
