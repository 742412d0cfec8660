//! Two tables beside each other. Nothing here knows a vendor: names and facts come from the descriptors.

mod budget;
mod compare;
mod envelope;
mod errors;
mod list;
mod operations;

use countersign_core::{Conduct, Descriptor, Operation};

use super::calls::{CallUse, Calls};
use super::report::{Change, Report, Row, Side, Verdict};

/// A vendor with its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vendor {
    pub(super) descriptor: &'static Descriptor,
    pub(super) conduct: &'static Conduct,
}

/// What is found while one row is judged.
pub(super) struct Judge<'v> {
    from: &'v Vendor,
    to: &'v Vendor,
    changes: Vec<Change>,
}

impl<'v> Judge<'v> {
    fn new(from: &'v Vendor, to: &'v Vendor) -> Self {
        Self { from, to, changes: Vec::new() }
    }

    /// The worst verdict, and the changes with the worst in front.
    fn end(mut self) -> (Verdict, Vec<Change>) {
        self.changes.sort_by_key(|change| std::cmp::Reverse(change.verdict));
        (self.changes.first().map_or(Verdict::Same, |change| change.verdict), self.changes)
    }
}

pub(super) fn judge(from: &Vendor, to: &Vendor, calls: &Calls) -> Report {
    let mut rows: Vec<Row> = calls.calls.iter().map(|call| row(from, to, call)).collect();
    rows.extend(calls.envelopes.iter().map(|envelope| envelope::row(from, to, envelope)));
    let budget = budget::budget(from, to, calls);
    let short = budget.as_ref().is_some_and(|budget| !budget.fits);
    let worst = rows.iter().map(|row| row.verdict).max().unwrap_or(Verdict::Same);
    Report {
        from: Side::of(from.descriptor),
        to: Side::of(to.descriptor),
        verdict: if short { Verdict::Impossible } else { worst },
        rows,
        budget,
    }
}

fn row(from: &Vendor, to: &Vendor, call: &CallUse) -> Row {
    let mut judge = Judge::new(from, to);
    judge.recipient(call);
    judge.arguments(call);
    match call.operation {
        Operation::CreateView => judge.create_view(call),
        Operation::ResendRecipient => judge.resend(call),
        Operation::ChangeAccessCode => judge.change_access_code(call),
        Operation::ListRecipients => judge.list_recipients(call),
        _ => {}
    }
    if call.operation == Operation::ListRecipients || !call.statuses.is_empty() {
        judge.statuses(call);
    }
    judge.errors(call);
    let http_calls = judge.http_calls(call);
    let (verdict, changes) = judge.end();
    Row { operation: Some(call.operation), name: call.name.clone(), verdict, changes, http_calls }
}
