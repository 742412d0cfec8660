//! HTTP calls, and whether they fit an account's limit.

use countersign_core::RefKind;
use countersign_core::vendor::{CallCount, Facts};

use super::calls::{CallUse, Calls};
use super::report::{Budget, HttpCalls, RouteBudget};

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
    let (needed_from, needed, mut limits) = (need(from), need(to), to.behavior.rows());
    limits.retain(|row| ["calls_per_hour", "trial_calls_per_hour", "burst"].contains(&row.name));
    let routes = routes(to, calls);
    let fits = match &to.behavior.calls_per_hour {
        Some(limit) => needed <= u64::from(limit.value),
        None => needed == 0 || !routes.is_empty(),
    };
    let fits = fits && routes.iter().all(|route| route.needed <= route.allowed);
    Some(Budget { needed_from, needed, fits, limits, routes })
}

/// What the calls need of each group of routes.
fn routes(to: &'static Facts, calls: &Calls) -> Vec<RouteBudget> {
    let of_call = |call: &CallUse, name: &str| {
        let (row, _) = count(to, call)?;
        let times = row.limits.iter().filter(|limit| *limit == name).count();
        Some(u64::from(call.calls_per_hour?) * u64::try_from(times).ok()?)
    };
    let needed = |name: &str| calls.calls.iter().filter_map(|call| of_call(call, name)).sum();
    let all = to.limits.iter().map(|limit| RouteBudget {
        name: &limit.name,
        needed: needed(&limit.name),
        allowed: limit.per_hour(),
        limit: limit.shown(),
        evidence: limit.evidence,
        source: &limit.source,
    });
    all.filter(|route| route.needed > 0).collect()
}
