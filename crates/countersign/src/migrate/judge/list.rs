//! What a list tells.

use countersign_core::{Feature, RecipientField, RecipientStatus, Said};

use super::super::calls::CallUse;
use super::super::lives::say;
use super::super::report::{Change, Topic, Verdict};
use super::Judge;
use super::compare::{row, shown, sources, step};

impl Judge<'_> {
    pub(super) fn list_recipients(&mut self, call: &CallUse) {
        self.offered(Feature::ListRecipients);
        let named = !call.reads.is_empty();
        let fields = if named { call.reads.as_slice() } else { RecipientField::ALL };
        let rows = (self.from.conduct.fields, self.to.conduct.fields);
        for field in fields {
            self.saying((Topic::Field, field.title()), field, rows, named);
        }
        self.polling();
    }

    fn polling(&mut self) {
        let (from, to) = (self.from.descriptor.returns.polling, self.to.descriptor.returns.polling);
        if from == to {
            return;
        }
        let show = |pause: Option<std::time::Duration>| match pause {
            Some(pause) => format!("at most once in {}", say(pause)),
            None => "no rule".to_owned(),
        };
        self.changes.push(Change {
            topic: Topic::Cost,
            what: "reads of one envelope".to_owned(),
            from: show(from),
            to: show(to),
            verdict: Verdict::Differs,
            nearest: to.map(|_| "learn of changes from webhooks instead of asking".to_owned()),
            evidence: countersign_core::Evidence::Documented,
            sources: Vec::new(),
        });
    }

    /// Statuses that come or go. None is ever impossible: an application's branch for it is only not reached.
    pub(super) fn statuses(&mut self, call: &CallUse) {
        for status in &RecipientStatus::NAMED {
            let was = row(self.from.conduct.statuses, status);
            let is = row(self.to.conduct.statuses, status);
            let there = |said: Option<Said>| !matches!(said, Some(Said::No(_)) | None);
            let (was_said, is_said) = (was.map(|row| row.said), is.map(|row| row.said));
            let told_apart = call.statuses.is_empty() || call.statuses.contains(status);
            let (from, to) = match (there(was_said), there(is_said)) {
                (false, true) => ("cannot occur".to_owned(), format!("can newly occur ({})", shown(is_said))),
                (true, false) if told_apart => ("can occur".to_owned(), "no longer occurs".to_owned()),
                (true, true) if told_apart && was_said != is_said => {
                    let exact = |said| matches!(said, Some(Said::As(_)));
                    if exact(was_said) && exact(is_said) {
                        continue;
                    }
                    (shown(was_said), shown(is_said))
                }
                _ => continue,
            };
            let nearest = match is_said {
                Some(Said::No(way)) => step(way),
                _ => None,
            };
            let evidence = was.into_iter().chain(is).map(|row| row.evidence).max();
            self.changes.push(Change {
                topic: Topic::Status,
                what: status.as_str().to_owned(),
                from,
                to,
                verdict: Verdict::Differs,
                nearest,
                evidence: evidence.unwrap_or(countersign_core::Evidence::Guessed),
                sources: sources(&was.into_iter().chain(is).map(|row| row.source).collect::<Vec<_>>()),
            });
        }
    }
}
