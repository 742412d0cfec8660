//! Endings of calls that the ledger could not record at once.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::Result;
use countersign_core::store::{Completed, Ending, Ledger, LedgerLease};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How long an ending is offered to the ledger.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How many endings of one client wait at most; further ones are given up.
const MOST: usize = 1_000;

/// The first pause between two attempts, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The places for endings of one client that wait.
#[derive(Debug)]
pub(crate) struct LateEndings(Arc<Semaphore>);

impl Default for LateEndings {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

/// How a call ended, for the ledger.
#[derive(Debug)]
pub(super) enum Record {
    Ended(Ending),
    /// Without effect.
    Release,
}

impl Record {
    /// Writes it once. True if it was written, or if it came too late.
    pub(super) async fn write(&self, ledger: &dyn Ledger, lease: &LedgerLease) -> bool {
        match tokio::time::timeout(PATIENCE, self.offer(ledger, lease)).await {
            Ok(Ok(Completed::Kept)) => true,
            Ok(Ok(Completed::Overtaken)) => {
                tracing::warn!("a call ended after another one had taken over its key");
                true
            }
            Ok(Err(error)) => {
                tracing::warn!(kind = error.kind().as_str(), "the ledger could not record how a call ended");
                false
            }
            Err(_) => {
                tracing::warn!("the ledger took too long to record how a call ended");
                false
            }
        }
    }

    async fn offer(&self, ledger: &dyn Ledger, lease: &LedgerLease) -> Result<Completed> {
        match self {
            Self::Ended(ending) => ledger.complete(lease, ending).await,
            Self::Release => ledger.release(lease).await.map(|()| Completed::Kept),
        }
    }
}

impl LateEndings {
    /// Offers the record to the ledger until it is written, in a task of its own. Does nothing without a runtime.
    pub(super) fn add(&self, ledger: &Arc<dyn Ledger>, lease: LedgerLease, record: Record) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let Ok(place) = Arc::clone(&self.0).try_acquire_owned() else {
            tracing::warn!("too many endings wait for the ledger; one is given up");
            return;
        };
        let ledger = Arc::clone(ledger);
        runtime.spawn(async move {
            let _place = place;
            let began = Instant::now();
            let mut pause = PAUSES.0;
            while !record.write(ledger.as_ref(), &lease).await {
                if began.elapsed() >= LONGEST {
                    tracing::warn!("the ledger could not record how a call ended within five minutes");
                    return;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
            }
        });
    }
}
