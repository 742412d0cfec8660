//! HTTP calls, and whether they fit an account's limit.

use countersign_core::RefKind;
use countersign_core::vendor::{CallCount, Facts};

use super::calls::{CallUse, Calls};
use super::report::{Budget, HttpCalls};

/// The row for a call (the one of an option that it uses, else the plain one), and its usual number.
fn count(facts: &'static Facts, call: &CallUse) -> Option<(&'static CallCount, u32)> {
    let rows = || facts.calls.iter().filter(|row| row.operation == call.operation);
    let is_used = |row: &&CallCount| {
        row.option.is_some() && call.arguments.iter().any(|argument| argument.feature() == row.option)
    };
    let row = rows().find(is_used).or_else(|| rows().find(|row| row.option.is_none()))?;
    Some((row, if call.recipient == Some(RefKind::Known) { row.known } else { row.usual }))
}

pub(super) fn http_calls(from: &'static Facts, to: &'static Facts, call: &CallUse) -> Option<HttpCalls> {
    let ((_, from), (row, to)) = (count(from, call)?, count(to, call)?);
    Some(HttpCalls { from, to, to_at_most: row.most })
}

/// What all calls together need; `None` where no call says how often it is made.
pub(super) fn budget(from: &'static Facts, to: &'static Facts, calls: &Calls) -> Option<Budget> {
    let need = |facts: &'static Facts| -> u64 {
        let each = calls
            .calls
            .iter()
            .filter_map(|call| Some(u64::from(call.calls_per_hour?) * u64::from(count(facts, call)?.1)));
        each.sum()
    };
    calls.calls.iter().find_map(|call| call.calls_per_hour)?;
    let limit = to.behavior.calls_per_hour.as_ref()?.value;
    let (needed_from, needed, mut limits) = (need(from), need(to), to.behavior.rows());
    limits.retain(|row| ["calls_per_hour", "trial_calls_per_hour", "burst"].contains(&row.name));
    Some(Budget { needed_from, needed, fits: needed <= u64::from(limit), limits })
}
