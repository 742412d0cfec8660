//! What stands between a caller and an adapter, in a fixed order.

mod call_context;
mod deadline;
mod ledger;
mod observe;
pub(crate) mod retry;
mod validate;

use std::future::Future;
use std::sync::Arc;

use countersign_core::{Context, DryRun, Result};

use crate::calls::{Call, Keyed};
use crate::ledger::IdempotencyKey;
use call_context::CallContext;
pub(crate) use call_context::Shared;
use retry::RetryPolicy;

/// Makes a call.
pub(crate) async fn run<C: Call>(account: &Arc<Shared>, request: &C) -> Result<C::Reply> {
    let (call_context, cx) = CallContext::begin(account, request);
    // observe: outermost, so that it sees every call as the caller does, with all that the others refuse or repeat.
    observe::seen(account, &cx, async {
        // validate: before anything that costs or waits; what cannot be said to a vendor takes no key and no time.
        validate::check(account, request)?;
        rest(account, request, &cx, &call_context).await
    })
    .await
}

/// Makes a call under a key.
pub(crate) async fn run_keyed<C: Keyed>(
    account: &Arc<Shared>,
    request: &C,
    key: &IdempotencyKey,
) -> Result<C::Reply> {
    let (call_context, cx) = CallContext::begin(account, request);
    observe::seen(account, &cx, async {
        validate::check(account, request)?;
        // ledger: outside deadline and retry, so that one entry stands for the call with all its repetitions, and
        // a call that was cut at its deadline is written down as what it is.
        let rest = || rest(account, request, &cx, &call_context);
        ledger::once(account, request, key, &cx, &call_context, rest).await
    })
    .await
}

/// Plays a call through without making it. No call was made, so nobody is told of one and no key is taken.
pub(crate) async fn dry_run<C: Call>(
    account: &Arc<Shared>,
    request: &C,
    dry_run: &Arc<DryRun>,
) -> Result<C::Reply> {
    let (call_context, cx) = CallContext::begin(account, request);
    let cx = cx.with_dry_run(Arc::clone(dry_run));
    let result = match validate::check(account, request) {
        Ok(()) => rest(account, request, &cx, &call_context).await,
        Err(error) => Err(error),
    };
    result.map_err(|error| error.in_operation(account.provider.descriptor().name, C::OPERATION))
}

/// deadline, retry, adapter.
fn rest<'a, C: Call>(
    account: &'a Shared,
    request: &'a C,
    cx: &'a Context,
    call_context: &'a CallContext,
) -> impl Future<Output = Result<C::Reply>> + Send + 'a {
    let policy = if C::ONCE { RetryPolicy::never() } else { account.retry };
    // deadline: around retry, so that pauses count as well.
    deadline::within(
        account,
        cx,
        call_context.deadline(),
        // retry: next to the adapter, whose errors say whether a call may be repeated.
        retry::repeat(policy, cx, call_context.deadline(), move || {
            request.send(account.provider.as_ref(), cx)
        }),
    )
}
