//! The claim of a call on its key: marks it in flight before sending, and renews its lease.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use countersign_core::locked;
use countersign_core::store::{InFlight, Ledger, LedgerLease};
use countersign_core::{Effect, Error, ErrorKind, Mark, Outcome, Retry};
use tokio::time::Instant;

/// How long after a mark was requested its call may send. A process that was suspended for longer may have lost the
/// key to another one, or to a person's decision.
const FRESH: Duration = Duration::from_secs(5);

/// The lease is longer than the call by this much, so that a late ending is recorded before it ends.
const MARGIN: Duration = Duration::from_secs(30);

/// The longest lease. A process that dies while it sends blocks its key for this long.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// The lease of a call that may take longer than that. It is renewed at this interval.
const RENEWED: (Duration, Duration) = (Duration::from_secs(150), Duration::from_secs(60));

/// The length of the lease of a call that has this much time left.
pub(super) fn lease_for(left: Option<Duration>) -> Duration {
    match left.and_then(|left| left.checked_add(MARGIN)) {
        Some(lease) if lease <= LONGEST => lease,
        _ => RENEWED.0,
    }
}

/// A call's claim.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) lease: LedgerLease,
    /// The strongest effect that was marked, and when the last accepted mark was requested.
    marked: Mutex<Option<(Effect, Instant)>>,
    /// Why the last mark was not accepted.
    refused: Mutex<Option<Refused>>,
}

/// Why a mark was not accepted.
#[derive(Debug, Clone, Copy)]
enum Refused {
    Overtaken,
    Unrecorded,
}

impl Hold {
    pub(super) fn new(lease: LedgerLease) -> Self {
        Self { lease, marked: Mutex::default(), refused: Mutex::default() }
    }

    /// Whether a request that a repetition must know of may have been sent, by this call or an earlier one.
    pub(super) fn is_marked(&self) -> bool {
        self.lease.earlier_effect.is_some() || locked(&self.marked).is_some()
    }

    /// The error of a call of which only a first part was sent, because the ledger rejected a later mark.
    ///
    /// An adapter may report success all the same, because the first part has changed something. But the call is not
    /// done: another call under the key does the rest, or has done it.
    pub(super) fn unsent(&self) -> Option<Error> {
        let refused = (*locked(&self.refused))?;
        if !self.is_marked() {
            return None;
        }
        let error = match refused {
            Refused::Overtaken => overtaken(),
            Refused::Unrecorded => Error::new(
                ErrorKind::Unavailable,
                "the ledger could not record that the rest of the call is sent, so it was not",
            )
            .with_hint("repeat the call under the same key"),
        };
        Some(error.with_outcome(Outcome::Unknown, Retry::After(None)))
    }

    /// Marks the key unless it has just been marked with an effect as strong.
    ///
    /// A mark is repeated when it is no longer fresh: between two requests of one call, a process may be suspended
    /// as well.
    pub(super) fn mark<'a>(&'a self, ledger: &'a dyn Ledger, effect: Effect) -> Option<Mark<'a>> {
        let strongest = *locked(&self.marked);
        if strongest.is_some_and(|(strongest, at)| strongest >= effect && at.elapsed() <= FRESH) {
            return None;
        }
        Some(Box::pin(async move {
            // The time before the request counts: the store may have accepted the mark long before its answer arrives.
            let asked_at = Instant::now();
            let (refused, result) = match ledger.mark_in_flight(&self.lease, effect).await {
                Ok(InFlight::Accepted) => {
                    let effect = strongest.map_or(effect, |(strongest, _)| strongest.max(effect));
                    *locked(&self.marked) = Some((effect, asked_at));
                    (None, Ok(()))
                }
                Ok(InFlight::Overtaken) => (Some(Refused::Overtaken), Err(overtaken())),
                Err(error) => (Some(Refused::Unrecorded), Err(unrecorded(error))),
            };
            *locked(&self.refused) = refused;
            result
        }))
    }

    /// Makes a call and meanwhile renews the lease, if it is one that has to be renewed.
    pub(super) async fn renewed<T>(&self, ledger: &dyn Ledger, call: impl Future<Output = T>) -> T {
        if self.lease.length != RENEWED.0 {
            return call.await;
        }
        let renewals = async {
            loop {
                tokio::time::sleep(RENEWED.1).await;
                // If it fails, the next mark finds out whether the key is still held.
                if let Err(error) = ledger.renew(&self.lease, RENEWED.0).await {
                    tracing::warn!(kind = error.kind().as_str(), "the ledger could not renew a lease");
                }
            }
        };
        let (mut call, mut renewals) = (pin!(call), pin!(renewals));
        std::future::poll_fn(move |cx| {
            if let Poll::Ready(result) = call.as_mut().poll(cx) {
                return Poll::Ready(result);
            }
            let _: Poll<()> = renewals.as_mut().poll(cx);
            Poll::Pending
        })
        .await
    }
}

fn overtaken() -> Error {
    Error::new(ErrorKind::Timeout, "this call took so long that another one took over its key")
        .with_outcome(Outcome::NoEffect, Retry::Never)
        .with_hint("repeat the call under the same key to learn how the other one ended")
}

fn unrecorded(error: Error) -> Error {
    let retry = match error.retry() {
        Retry::Never => Retry::After(None),
        after @ Retry::After(_) => after,
    };
    let message =
        format!("the ledger could not record that the call is sent, so it was not: {}", error.message());
    let kind = error.kind();
    error.reworded(kind, message).with_outcome(Outcome::NoEffect, retry)
}
