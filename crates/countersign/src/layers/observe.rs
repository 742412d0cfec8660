//! Makes a call observable: one span, and the meters.

use std::future::Future;

use countersign_core::{Context, Error, Result};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::call_context::Shared;
use crate::meters::DONE;

/// Makes the call within a span, and records how it ended. Contains no names, envelopes or URLs.
pub(super) async fn seen<T>(
    account: &Shared,
    cx: &Context,
    call: impl Future<Output = Result<T>>,
) -> Result<T> {
    let vendor = account.provider.descriptor().name;
    let span = tracing::info_span!(
        "call",
        vendor,
        account = account.name.as_deref(),
        operation = cx.operation().as_str(),
        kind = Empty,
        outcome = Empty,
        attempts = Empty,
    );
    let mut seen = Seen { account, cx, span, began: Instant::now(), told: false };
    let result =
        call.instrument(seen.span.clone()).await.map_err(|error| error.in_operation(vendor, cx.operation()));
    match &result {
        Ok(_) => seen.tell(DONE, None, cx.attempts()),
        Err(error) => seen.tell(error.outcome().as_str(), Some(error), error.attempts()),
    }
    result
}

/// Also records calls that were dropped.
struct Seen<'a> {
    account: &'a Shared,
    cx: &'a Context,
    span: Span,
    began: Instant,
    told: bool,
}

impl Seen<'_> {
    fn tell(&mut self, outcome: &'static str, error: Option<&Error>, attempts: u32) {
        self.told = true;
        if !self.span.is_disabled() {
            if let Some(error) = error {
                self.span.record("kind", error.kind().as_str());
            }
            self.span.record("outcome", outcome);
            self.span.record("attempts", attempts);
        }
        self.account.meters.call(self.cx.operation(), outcome, error, self.began.elapsed(), attempts);
    }
}

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        if !self.told {
            let attempts = self.cx.attempts();
            self.tell("dropped", None, attempts);
        }
    }
}
