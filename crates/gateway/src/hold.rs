//! A restored database has forgotten the calls since its backup. While a tenant is held, a call under a key that the
//! ledger does not know is not sent: it may have been made before, so someone has to look at the vendor first.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign::ledger::{
    Ask, CallRecord, Claim, Completed, Cursor, Ending, IdempotencyKey, InFlight, Ledger, LedgerLease,
    Resolution, Resolved, Scope, StoredError, UnresolvedCall,
};
use countersign::provider::Effect;
use countersign::{Error, ErrorKind, Operation, Outcome, Result, Retry, Timestamp};

const FORGOTTEN: &str =
    "calls are held after a restore: the database may have forgotten that this one was made";

tokio::task_local! {
    /// Since when the tenant of this call has been held, if it is.
    static HELD_SINCE: Option<Timestamp>;
}

/// A call of a tenant that has been held since then, if it is.
pub(crate) fn held<T>(since: Option<Timestamp>, call: impl Future<Output = T>) -> impl Future<Output = T> {
    HELD_SINCE.scope(since, call)
}

/// Whether a call has this error because it was held, and so certainly was not sent then.
pub(crate) fn is_of_hold(error: &StoredError) -> bool {
    error.error().message() == FORGOTTEN
}

/// A ledger that gives out no key for the calls of tenants that are held.
#[derive(Debug)]
pub(crate) struct HoldingLedger(pub(crate) Arc<dyn Ledger>);

impl HoldingLedger {
    /// Whether a person found since then that a call under this key did not happen.
    async fn is_found_free(&self, ask: &Ask<'_>, since: Timestamp) -> Result<bool> {
        let record = self.0.find(ask.scope, ask.key).await?;
        Ok(record.is_some_and(|one| one.found == Some(Resolution::DidNotHappen) && one.since >= since))
    }
}

#[async_trait]
impl Ledger for HoldingLedger {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        // A link more is harmless.
        let is_harmless = matches!(ask.about.operation, Operation::ListRecipients | Operation::CreateView);
        let since = HELD_SINCE.try_with(|since| *since).unwrap_or_default().filter(|_| !is_harmless);
        let Some(since) = since else { return self.0.claim(ask).await };
        if self.is_found_free(ask, since).await? {
            return self.0.claim(ask).await;
        }
        let lease = match self.0.claim(ask).await? {
            Claim::Acquired(lease) => lease,
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

    async fn resolve(
        &self,
        scope: &Scope,
        key: &IdempotencyKey,
        found: Resolution,
        by: &str,
        note: &str,
    ) -> Result<Resolved> {
        self.0.resolve(scope, key, found, by, note).await
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
