//! Ends a call at its deadline, and says truthfully what it may have done by then.

use std::future::Future;

use countersign_core::{Context, Effect, Error, ErrorKind, Outcome, Result, Retry};
use tokio::time::{Instant, timeout_at};

use super::call_context::Shared;

/// Waits for the call until the deadline.
///
/// A call that is cut dropped its future at an await; the context knows of a request that was on its way then.
pub(super) async fn within<T>(
    account: &Shared,
    cx: &Context,
    deadline: Option<Instant>,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    let Some(deadline) = deadline else { return call.await };
    match timeout_at(deadline, call).await {
        Ok(result) => result,
        Err(_) => Err(cut(account, cx)),
    }
}

fn cut(account: &Shared, cx: &Context) -> Error {
    let (outcome, retry) = match cx.possible_effect() {
        None => (Outcome::NoEffect, Retry::After(None)),
        Some(Effect::Notifies) => (Outcome::Unknown, Retry::Never),
        Some(_) => (Outcome::Unknown, Retry::After(None)),
    };
    let message = format!("the call was not done within {} s", account.deadline.as_secs_f32());
    Error::new(ErrorKind::Timeout, message).with_outcome(outcome, retry).with_attempts(cx.attempts())
}
