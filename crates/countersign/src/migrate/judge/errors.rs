//! Kinds of errors that come or go.

use countersign_core::{ErrorKind, Operation, Refusal};

use super::super::calls::CallUse;
use super::super::report::{Change, Topic, Verdict};
use super::{Judge, Vendor};

fn refusal(vendor: &Vendor, operation: Operation, kind: ErrorKind) -> Option<&'static Refusal> {
    vendor.conduct.refusals.iter().find(|row| row.operation == operation && row.kind == kind)
}

impl Judge<'_> {
    /// A kind that newly occurs has to be handled; one that no longer occurs leaves a branch that is not reached.
    pub(super) fn errors(&mut self, call: &CallUse) {
        for kind in ErrorKind::ALL.iter().copied().filter(|kind| !Refusal::EVERYWHERE.contains(kind)) {
            let (was, is) =
                (refusal(self.from, call.operation, kind), refusal(self.to, call.operation, kind));
            let nearest = match (was, is) {
                (Some(_), None) if call.errors.contains(&kind) => {
                    Some("a branch for it is not reached any more".to_owned())
                }
                (Some(_), None) | (None, Some(_)) => None,
                // The same kind for another reason needs another answer.
                (Some(was), Some(is)) if was.when != is.when => None,
                _ => continue,
            };
            let shown = |row: Option<&Refusal>| match row {
                Some(row) => format!("occurs: {}", row.when),
                None => "does not occur".to_owned(),
            };
            let evidence = was.into_iter().chain(is).map(|row| row.evidence).max();
            self.changes.push(Change {
                topic: Topic::Error,
                what: kind.as_str().to_owned(),
                from: shown(was),
                to: shown(is),
                verdict: Verdict::Differs,
                nearest,
                evidence: evidence.unwrap_or(countersign_core::Evidence::Guessed),
                sources: Vec::new(),
            });
        }
    }
}
