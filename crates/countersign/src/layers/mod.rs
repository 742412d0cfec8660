//! The layers between a caller and an adapter, in a fixed order.

mod call_context;
mod hold;
mod late;
mod ledger;
mod observe;
pub(crate) mod retry;

use std::sync::Arc;

use countersign_core::vendor::{Checked, check};
use countersign_core::{Context, DryRun, Result};
use tokio::time::timeout_at;

use crate::calls::Call;
use crate::ledger::CallOptions;
use call_context::CallContext;
pub(crate) use call_context::Shared;
pub(crate) use late::LateEndings;
use retry::RetryPolicy;

/// Makes a call with options: once, if they have a key.
pub(crate) async fn run<C: Call>(
    account: &Arc<Shared>,
    request: &C,
    options: &CallOptions,
) -> Result<C::Reply> {
    let (call_context, cx) = CallContext::begin(account, request, options.deadline);
    // observe: outermost, so that it sees every call as the caller does, with all that the others refuse or repeat.
    observe::seen(account, &cx, async {
        // validate: before anything that costs or waits; an invalid request takes no key and no time.
        let checked = check(account.provider.descriptor(), request)?;
        let rest = || rest(account, &checked, &cx, &call_context);
        match options.key.as_ref().filter(|_| C::KEYED) {
            None => rest().await,
            // ledger: outside deadline and retry, so that one entry represents the call with all its repetitions, and
            // a call that was cut off at its deadline is recorded with that outcome.
            Some(key) => ledger::once(account, request, (key, options), &cx, &call_context, rest).await,
        }
    })
    .await
}

/// Simulates a call. No call is made, so none is reported and no key is claimed.
pub(crate) async fn dry_run<C: Call>(
    account: &Arc<Shared>,
    request: &C,
    dry_run: &Arc<DryRun>,
) -> Result<C::Reply> {
    let (call_context, cx) = CallContext::begin(account, request, None);
    let cx = cx.with_dry_run(Arc::clone(dry_run));
    let checked = check(account.provider.descriptor(), request)?;
    let result = rest(account, &checked, &cx, &call_context).await;
    result.map_err(|error| error.in_operation(account.provider.descriptor().name, C::OPERATION))
}

/// deadline, retry, adapter.
///
/// The future of a call that is cut off is dropped at an await; the context knows whether a request was being sent
/// then.
async fn rest<C: Call>(
    account: &Shared,
    request: &Checked<'_, C>,
    cx: &Context,
    call_context: &CallContext,
) -> Result<C::Reply> {
    let policy = if C::ONCE { RetryPolicy::never() } else { account.retry };
    // retry: next to the adapter, whose errors state whether a call may be repeated.
    let round = || request.perform(account.provider.as_ref(), cx);
    let call = retry::repeat(policy, cx, call_context.deadline, round);
    // deadline: around retry, so that pauses count as well.
    let Some(deadline) = call_context.deadline else { return call.await };
    timeout_at(deadline, call).await.unwrap_or_else(|_| {
        let seconds = call_context.longest.as_secs_f32();
        Err(cx.timed_out(format!("the call did not finish within {seconds} s")))
    })
}
