//! HTTP calls, and whether they fit an account's limit.

use countersign_core::{CallCount, RefKind};

use super::super::calls::{CallUse, Calls};
use super::super::report::{Budget, Change, HttpCalls, Topic, Verdict};
use super::{Judge, Vendor};

/// The row for a call: the one of an option that it uses, else the plain one.
fn count(vendor: &Vendor, call: &CallUse) -> Option<&'static CallCount> {
    let rows = || vendor.conduct.calls.iter().filter(|row| row.operation == call.operation);
    let used = |row: &&CallCount| {
        row.option
            .is_some_and(|option| call.arguments.iter().any(|argument| argument.feature() == Some(option)))
    };
    rows().find(used).or_else(|| rows().find(|row| row.option.is_none()))
}

fn usual(row: &CallCount, call: &CallUse) -> u32 {
    if call.recipient == Some(RefKind::Known) { row.known } else { row.usual }
}

impl Judge<'_> {
    pub(super) fn http_calls(&mut self, call: &CallUse) -> Option<HttpCalls> {
        let (from, to) = (count(self.from, call)?, count(self.to, call)?);
        let calls = HttpCalls { from: usual(from, call), to: usual(to, call), to_at_most: to.most };
        if calls.from != calls.to {
            self.changes.push(Change {
                topic: Topic::Cost,
                what: "HTTP calls".to_owned(),
                from: calls.from.to_string(),
                to: calls.to.to_string(),
                verdict: Verdict::Differs,
                nearest: None,
                evidence: countersign_core::Evidence::Documented,
                sources: Vec::new(),
            });
        }
        Some(calls)
    }
}

/// What all calls together need; `None` where no call says how often it is made.
pub(super) fn budget(from: &Vendor, to: &Vendor, calls: &Calls) -> Option<Budget> {
    let need = |vendor: &Vendor| -> u64 {
        let each = calls.calls.iter().filter_map(|call| {
            Some(u64::from(call.calls_per_hour?) * u64::from(usual(count(vendor, call)?, call)))
        });
        each.sum()
    };
    if calls.calls.iter().all(|call| call.calls_per_hour.is_none()) {
        return None;
    }
    let (needed, rate) = (need(to), &to.conduct.rate);
    let limit = rate.per_hour;
    Some(Budget {
        needed_from: need(from),
        needed,
        limit: limit.value,
        fits: needed <= u64::from(limit.value),
        trial_limit: rate.trial_per_hour.map(|fact| fact.value),
        burst: rate.burst.map(|fact| fact.value),
        note: limit.note,
        evidence: limit.evidence,
        source: limit.source,
    })
}
