//! Makes a call under a key once.

use std::future::Future;

use countersign_core::{Context, Error, ErrorKind, Outcome, Result, Retry};

use super::call_context::{CallContext, Shared};
use crate::calls::Keyed;
use crate::ledger::{Claim, Ending, Fingerprint, IdempotencyKey, Ledger};

/// Makes the call if the key is free; else says what became of it.
pub(super) async fn once<C: Keyed, R: Future<Output = Result<C::Reply>>>(
    account: &Shared,
    request: &C,
    key: &IdempotencyKey,
    cx: &Context,
    call_context: &CallContext,
    call: impl FnOnce() -> R,
) -> Result<C::Reply> {
    let whose = (account.provider.descriptor().name, account.name.as_deref(), C::OPERATION);
    let fingerprint = Fingerprint::of(key, (whose, request));
    let ledger = account.ledger.as_ref();
    match claim(ledger, key, fingerprint, cx, call_context).await? {
        Claim::Taken => {}
        found => return found_taken::<C>(found),
    }
    let held = Held { ledger, key, cx, settled: false };
    let result = call().await;
    let now = cx.now();
    let ending = match &result {
        Ok(reply) => C::ending(reply, now),
        Err(error) if error.outcome() == Outcome::Unknown => Ending::Unknown(error.clone()),
        Err(_) => Ending::Nothing,
    };
    if let Err(error) = ledger.settle(key, ending, now).await {
        // The call has been made; its reply is worth more than the record.
        tracing::warn!(kind = error.kind().as_str(), "the ledger could not write down how a call ended");
    } else {
        held.settled();
    }
    result
}

/// Takes the key, within the call's time.
async fn claim(
    ledger: &dyn Ledger,
    key: &IdempotencyKey,
    request: Fingerprint,
    cx: &Context,
    call_context: &CallContext,
) -> Result<Claim> {
    let claim = ledger.claim(key, request, cx.now());
    let Some(deadline) = call_context.deadline() else { return claim.await };
    tokio::time::timeout_at(deadline, claim).await.unwrap_or_else(|_| {
        let message = "another call under this key is still under way";
        Err(Error::new(ErrorKind::Timeout, message)
            .with_outcome(Outcome::NoEffect, Retry::After(None))
            .with_hint("this call has sent nothing; repeat it under the same key"))
    })
}

fn found_taken<C: Keyed>(claim: Claim) -> Result<C::Reply> {
    let other = || {
        Error::new(ErrorKind::InvalidRequest, "the idempotency key was used for another request")
            .with_hint("use a new key for each request; repeat a request with its own")
    };
    Err(match claim {
        Claim::Recorded(reply) => return C::recall(reply).ok_or_else(other),
        Claim::Unknown(error) => {
            let error = error.unwrap_or_else(|| {
                Error::new(ErrorKind::Timeout, "the call under this key was given up on the way")
            });
            error
                .with_outcome(Outcome::Unknown, Retry::Never)
                .with_hint("look at the vendor whether it happened, then resolve the key")
        }
        Claim::Done => Error::new(
            ErrorKind::InvalidRequest,
            "the call under this key was resolved as done; there is no reply on record",
        )
        .with_hint("nothing is to be done; use a new key to do it once more"),
        Claim::Full => Error::new(
            ErrorKind::Unavailable,
            "the ledger has no room: it is full of calls under way or with unknown outcome",
        )
        .with_outcome(Outcome::NoEffect, Retry::After(None))
        .with_hint("resolve the keys with unknown outcome, or let the ledger keep more"),
        Claim::OtherRequest | Claim::Taken => other(),
    })
}

/// Gives the key back if the call's future is dropped on the way.
struct Held<'a> {
    ledger: &'a dyn Ledger,
    key: &'a IdempotencyKey,
    cx: &'a Context,
    settled: bool,
}

impl Held<'_> {
    fn settled(mut self) {
        self.settled = true;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.ledger.abandon(self.key, self.cx.possible_effect().is_some());
        }
    }
}
