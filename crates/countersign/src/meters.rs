//! Metrics for any installed recorder of the `metrics` facade. Their names are listed at the crate's root.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use countersign_core::hidden;
use countersign_core::{Error, Operation};
use metrics::{Counter, Gauge, Histogram, SharedString, counter, gauge, histogram};

use crate::budget::Remaining;

/// The meters of one client. Those that every call uses are looked up once and kept; install a recorder before the
/// first call.
pub(crate) struct Meters {
    vendor: &'static str,
    account: SharedString,
    operations: [OnceLock<PerOperation>; Operation::ALL.len()],
    remaining: OnceLock<Gauge>,
    burst_remaining: OnceLock<Gauge>,
}

struct PerOperation {
    done: Counter,
    duration: Histogram,
    attempts: Histogram,
}

hidden!(Meters { vendor });

/// The outcome of a call that has succeeded.
pub(crate) const DONE: &str = "done";

impl Meters {
    pub(crate) fn new(vendor: &'static str, account: Option<&Arc<str>>) -> Self {
        Self {
            vendor,
            account: account.map_or_else(|| SharedString::const_str(""), |name| Arc::clone(name).into()),
            operations: Default::default(),
            remaining: OnceLock::new(),
            burst_remaining: OnceLock::new(),
        }
    }

    /// A call has ended. A dropped one has no error.
    pub(crate) fn call(
        &self,
        operation: Operation,
        outcome: &'static str,
        error: Option<&Error>,
        took: Duration,
        attempts: u32,
    ) {
        let (vendor, name) = (self.vendor, operation.as_str());
        let account = || self.account.clone();
        let calls = |outcome: &'static str| {
            counter!("countersign_calls_total", "vendor" => vendor, "account" => account(),
                "operation" => name, "outcome" => outcome)
        };
        let at = Operation::ALL.iter().position(|known| *known == operation);
        let Some(slot) = at.and_then(|at| self.operations.get(at)) else { return };
        let meters = slot.get_or_init(|| PerOperation {
            done: calls(DONE),
            duration: histogram!("countersign_call_duration_seconds", "vendor" => vendor,
                "account" => account(), "operation" => name),
            attempts: histogram!("countersign_call_attempts", "vendor" => vendor,
                "account" => account(), "operation" => name),
        });
        meters.duration.record(took.as_secs_f64());
        meters.attempts.record(f64::from(attempts));
        if outcome == DONE {
            meters.done.increment(1);
        } else {
            calls(outcome).increment(1);
        }
        if let Some(error) = error {
            counter!("countersign_errors_total", "vendor" => vendor, "account" => account(),
                "operation" => name, "kind" => error.kind().as_str())
            .increment(1);
        }
    }

    pub(crate) fn budget(&self, (limit, burst): Remaining) {
        let set = |slot: &OnceLock<Gauge>, window: &'static str, remaining: Option<u64>| {
            let Some(remaining) = remaining else { return };
            let gauge = slot.get_or_init(|| {
                gauge!("countersign_rate_remaining", "vendor" => self.vendor,
                    "account" => self.account.clone(), "window" => window)
            });
            gauge.set(f64::from(u32::try_from(remaining).unwrap_or(u32::MAX)));
        };
        set(&self.remaining, "limit", limit);
        set(&self.burst_remaining, "burst", burst);
    }

    pub(crate) fn unmapped_code(&self, operation: Operation) {
        counter!("countersign_unmapped_codes_total", "vendor" => self.vendor, "operation" => operation.as_str())
            .increment(1);
    }

    pub(crate) fn renewal(&self, success: bool) {
        let result = if success { "renewed" } else { "failed" };
        counter!("countersign_token_renewals_total", "vendor" => self.vendor,
            "account" => self.account.clone(), "result" => result)
        .increment(1);
    }
}
