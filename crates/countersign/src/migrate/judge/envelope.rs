//! What an envelope is made of, and how far it can be.

use countersign_core::{EnvelopeStage, Said};

use super::super::calls::EnvelopeUse;
use super::super::report::{Row, Topic};
use super::compare::{compared, row as find};
use super::{Judge, Vendor};

/// Each part gets its verdict, also where it stays the same: the words of both vendors are what the move needs.
pub(super) fn row(from: &Vendor, to: &Vendor, envelope: &EnvelopeUse) -> Row {
    let mut judge = Judge::new(from, to);
    for part in &envelope.uses {
        let rows = (find(from.conduct.envelope, part), find(to.conduct.envelope, part));
        judge.changes.extend(compared(Topic::Envelope, part.title(), rows.0, rows.1, true));
    }
    if !envelope.stages.is_empty() {
        for stage in EnvelopeStage::ALL {
            let rows = (find(from.conduct.envelope_stages, stage), find(to.conduct.envelope_stages, stage));
            let said = |row: Option<&countersign_core::Saying<EnvelopeStage>>| row.map(|row| row.said);
            let exact = |row| matches!(said(row), Some(Said::As(_)));
            let newly = exact(rows.1) && !exact(rows.0);
            if !envelope.stages.contains(stage) && !newly {
                continue;
            }
            // A state that is not there is a branch that is not reached, and no reason to stay.
            judge.changes.extend(compared(Topic::Status, stage.title(), rows.0, rows.1, false));
        }
    }
    let (verdict, changes) = judge.end();
    Row { operation: None, name: envelope.name.clone(), verdict, changes, http_calls: None }
}
