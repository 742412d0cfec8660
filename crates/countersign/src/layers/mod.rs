//! The layers between a caller and an adapter, in a fixed order.

mod call_context;
mod hold;
mod late;
mod ledger;
mod observe;
pub(crate) mod retry;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::vendor::{Checked, check};
use countersign_core::{Context, DryRun, Result};
use tokio::time::timeout_at;

use crate::calls::{Call, Keyed};
use crate::options::CallOptions;
use call_context::CallContext;
pub(crate) use call_context::Shared;
pub(crate) use late::LateEndings;
use retry::RetryPolicy;

/// Makes a call, with this deadline or the client's.
pub(crate) async fn run<C: Call>(
    account: &Arc<Shared>,
    request: &C,
    deadline: Option<Duration>,
) -> Result<C::Reply> {
    let (call_context, cx) = CallContext::begin(account, request, deadline);
    // observe: outermost, so that it sees every call as the caller does, with all that the others refuse or repeat.
    observe::seen(account, &cx, async {
        // validate: before anything that costs or waits; an invalid request takes no key and no time.
        let checked = check(account.provider.descriptor(), request)?;
        rest(account, &checked, &cx, &call_context).await
    })
    .await
}

/// Makes a call with options: once, if they have a key.
pub(crate) async fn run_keyed<C: Keyed>(
    account: &Arc<Shared>,
    request: &C,
    options: &CallOptions,
) -> Result<C::Reply> {
    let Some(key) = &options.key else { return run(account, request, options.deadline).await };
    let (call_context, cx) = CallContext::begin(account, request, options.deadline);
    observe::seen(account, &cx, async {
        let checked = check(account.provider.descriptor(), request)?;
        // ledger: outside deadline and retry, so that one entry represents the call with all its repetitions, and a
        // call that was cut off at its deadline is recorded with that outcome.
        let rest = || rest(account, &checked, &cx, &call_context);
        ledger::once(account, request, (key, options), &cx, &call_context, rest).await
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
fn rest<'a, C: Call>(
    account: &'a Shared,
    request: &'a Checked<'a, C>,
    cx: &'a Context,
    call_context: &'a CallContext,
) -> impl Future<Output = Result<C::Reply>> + Send + 'a {
    let policy = if C::ONCE { RetryPolicy::never() } else { account.retry };
    // deadline: around retry, so that pauses count as well.
    within(
        cx,
        call_context,
        // retry: next to the adapter, whose errors state whether a call may be repeated.
        retry::repeat(policy, cx, call_context.deadline(), move || {
            request.perform(account.provider.as_ref(), cx)
        }),
    )
}

/// Waits for the call until the deadline.
///
/// The future of a call that is cut off is dropped at an await; the context knows whether a request was being sent
/// then.
async fn within<T>(
    cx: &Context,
    call_context: &CallContext,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(deadline) = call_context.deadline() else { return call.await };
    match timeout_at(deadline, call).await {
        Ok(result) => result,
        Err(_) => {
            let seconds = call_context.longest().as_secs_f32();
            Err(cx.timed_out(format!("the call did not finish within {seconds} s")))
        }
    }
}
