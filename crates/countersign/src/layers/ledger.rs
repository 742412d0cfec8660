//! Performs a call under a key only once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::store::{Ask, CallAbout, CanonicalRequest, Claim, Ending, IdempotencyKey, StoredError};
use countersign_core::{Context, Effect, Error, ErrorKind, Outcome, RequestObserver as _, Result, Retry};
use tokio::time::Instant;

use super::call_context::{CallContext, Shared};
use super::hold::{Hold, lease_for};
use super::late::Record;
use crate::calls::{Call, ending};
use crate::ledger::{CallOptions, KeyConflict};

/// The first pause before a running call is looked at again, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(200));

/// Performs the call if the key is free; otherwise returns the earlier result.
pub(super) async fn once<C: Call, R: Future<Output = Result<C::Reply>>>(
    account: &Arc<Shared>,
    request: &C,
    (key, options): (&IdempotencyKey, &CallOptions),
    cx: &Context,
    call_context: &CallContext,
    call: impl FnOnce() -> R,
) -> Result<C::Reply> {
    let wait = options.wait_for_running.unwrap_or(CallOptions::WAIT_FOR_RUNNING);
    let lease = match claim(account, request, key, wait, call_context).await? {
        Claim::Acquired(lease) => lease,
        found => return found_taken::<C>(found),
    };
    let hold = call_context.hold(Hold::new(lease));
    let mut held = Held { account, hold, cx, record: None, is_recorded: false };
    let result = hold.renewed(account.ledger.as_ref(), call()).await;
    let result = hold.unsent().map_or(result, Err);
    let result = result.map_err(|error| match hold.lease.earlier_effect {
        // An earlier call under the key may have had an effect, whatever the result of this one.
        Some(_) => {
            let retry = error.retry();
            error.with_outcome(Outcome::Unknown, retry)
        }
        None => error,
    });
    let record = match &result {
        Ok(reply) => C::stored(reply).map_or(Record::Release, |reply| Record::Ended(ending(reply, cx.now()))),
        Err(error) if error.outcome() == Outcome::Unknown && hold.is_marked() => {
            Record::Ended(Ending::Unknown(StoredError::from(error)))
        }
        Err(_) => Record::Release,
    };
    // Kept by `held`, so that a future that is dropped while the ledger writes loses nothing.
    let record = held.record.insert(record);
    held.is_recorded = record.write(account.ledger.as_ref(), &hold.lease).await;
    result
}

/// Claims the key. Waits for a running call, within the call's own time.
async fn claim<C: Call>(
    account: &Shared,
    request: &C,
    key: &IdempotencyKey,
    wait: Duration,
    call_context: &CallContext,
) -> Result<Claim> {
    let (vendor, name) = (account.provider.descriptor().name, account.name.as_deref());
    let call = request.said();
    let canonical = CanonicalRequest::of(vendor, name, &call);
    let about = CallAbout::of(vendor, name, &call);
    let began = Instant::now();
    let mut pause = PAUSES.0;
    let mut running = None;
    loop {
        let left = call_context.time_left();
        let ask = Ask::new(&account.scope, key, &canonical, lease_for(left), &about);
        let claim = account.ledger.claim(&ask);
        let claim = match left {
            Some(left) => match tokio::time::timeout(left, claim).await {
                Ok(claim) => claim?,
                // The last look may begin just before the deadline, and what the one before saw is true still.
                Err(_) => return Err(running.map_or_else(ledger_is_slow, still_running)),
            },
            None => claim.await?,
        };
        let Claim::Running { retry_in, .. } = claim else { return Ok(claim) };
        running = Some(retry_in);
        let patience = wait.saturating_sub(began.elapsed()).min(left.unwrap_or(Duration::MAX));
        if patience.is_zero() {
            return Err(still_running(retry_in));
        }
        tokio::time::sleep(pause.min(patience)).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

fn still_running(retry_in: Duration) -> Error {
    let message = "another call under this key is still in progress";
    Error::new(ErrorKind::Timeout, message)
        .with_outcome(Outcome::NoEffect, Retry::After(None))
        .with_hint(format!(
            "this call has sent nothing; repeat it under the same key, at the latest in {} s",
            retry_in.as_secs().saturating_add(1)
        ))
        .with_source(KeyConflict::Running)
}

fn ledger_is_slow() -> Error {
    Error::new(ErrorKind::Timeout, "the ledger did not answer in time")
        .with_outcome(Outcome::NoEffect, Retry::After(None))
        .with_hint("this call has sent nothing; repeat it under the same key")
}

fn found_taken<C: Call>(claim: Claim) -> Result<C::Reply> {
    let other = || {
        Error::new(ErrorKind::InvalidRequest, "the idempotency key was used for another request")
            .with_hint("use a new key for each request; repeat a request with its own key")
            .with_source(KeyConflict::OtherRequest)
    };
    Err(match claim {
        Claim::Recorded(reply) => return C::recall(reply).ok_or_else(other),
        Claim::Unknown(error) => {
            let error = error.map(StoredError::into_error).unwrap_or_else(|| {
                Error::new(ErrorKind::Timeout, "the call under this key was abandoned while in progress")
            });
            error
                .with_outcome(Outcome::Unknown, Retry::Never)
                .with_hint("check at the vendor whether it took effect, then resolve the key")
                .with_source(KeyConflict::Unknown)
        }
        Claim::Done => Error::new(
            ErrorKind::InvalidRequest,
            "the call under this key was resolved as done; there is no recorded reply",
        )
        .with_hint("nothing needs to be done; use a new key to repeat the operation")
        .with_source(KeyConflict::Done),
        Claim::Full => Error::new(
            ErrorKind::Unavailable,
            "the ledger is full of calls that are in progress or have an unknown outcome",
        )
        .with_outcome(Outcome::NoEffect, Retry::After(None))
        .with_hint("resolve the keys with an unknown outcome, or raise the ledger's limit")
        .with_source(KeyConflict::Full),
        _ => other(),
    })
}

/// Tells the ledger if the call's future is dropped, or if the ledger could not be told how the call ended.
struct Held<'a> {
    account: &'a Arc<Shared>,
    hold: &'a Hold,
    cx: &'a Context,
    /// How the call ended.
    record: Option<Record>,
    is_recorded: bool,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.is_recorded {
            return;
        }
        let (ledger, lease) = (&self.account.ledger, self.hold.lease.clone());
        match self.record.take() {
            Some(record) => self.account.late.add(ledger, lease, record),
            None => {
                let effect = self.cx.possible_effect().max(lease.earlier_effect);
                ledger.abandon(lease, effect >= Some(Effect::SetsState));
            }
        }
    }
}
