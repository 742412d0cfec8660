//! Two statements about one thing beside each other.

use countersign_core::vendor::{Capability, Coverage, FactRow, Mapping};
use countersign_core::{Evidence, Support};

use super::report::{Change, Topic, Verdict};

/// What one vendor's tables say of one thing.
pub(super) struct Said {
    text: String,
    /// It is there and means just our word: then the vendor's own word makes no difference.
    pub(super) is_exact: bool,
    /// How an application fares that cannot do without; `None` where it has what it needs.
    pub(super) lack: Option<Verdict>,
    /// The nearest way, or how to live with it. May be empty.
    pub(super) way: &'static str,
    evidence: Evidence,
    source: &'static str,
}

impl Said {
    pub(super) fn new(text: impl Into<String>, evidence: Evidence, source: &'static str) -> Self {
        Self { text: text.into(), is_exact: false, lack: None, way: "", evidence, source }
    }

    /// It is not there.
    pub(super) fn lacking(self, is_unneeded: bool, way: &'static str) -> Self {
        let lack = if is_unneeded { Verdict::LeaveOut } else { Verdict::Impossible };
        Self { lack: Some(lack), way, ..self }
    }

    pub(super) fn fact(row: Option<&FactRow<'static>>) -> Self {
        let Some(row) = row else { return Self::new("not known", Evidence::Recorded, "") };
        Self { way: row.note, ..Self::new(row.value.as_str(), row.evidence, row.source) }
    }

    pub(super) fn feature(row: Option<&'static Capability>) -> Self {
        let Some(row) = row else { return Self::new("not known", Evidence::Guessed, "").lacking(false, "") };
        let said = |text: String| Self::new(text, row.evidence, &row.source);
        let word = match row.support {
            Support::Native => "yes",
            Support::Emulated => "yes, in several calls",
            Support::Impossible => return said("no".to_owned()).lacking(row.unneeded, &row.conditions),
        };
        said(if row.conditions.is_empty() { word.to_owned() } else { format!("{word}: {}", row.conditions) })
    }

    pub(super) fn mapping<W>(row: Option<&'static Mapping<W>>) -> Self {
        let Some(row) = row else { return Self::new("none", Evidence::Documented, "").lacking(false, "") };
        let said = |text: &str| Self { way: &row.note, ..Self::new(text, row.evidence, &row.source) };
        match &row.coverage {
            Coverage::As(word) => Self { is_exact: true, ..said(word) },
            Coverage::Otherwise(word, but) => said(&format!("{word}: {but}")),
            Coverage::No(way) => said("none").lacking(false, way),
            Coverage::Unneeded(why) => said("none").lacking(true, why),
        }
    }
}

/// What changes; `None` where neither vendor has it and the application does not rely on it.
pub(super) fn compare(topic: Topic, what: &str, from: Said, to: Said, relied: bool) -> Option<Change> {
    let verdict = match (to.lack, from.lack) {
        (Some(lack), _) if relied => lack,
        (Some(_), Some(_)) => return None,
        (Some(lack), None) => lack.min(Verdict::Differs),
        (None, _) if from.text == to.text || (from.is_exact && to.is_exact) => Verdict::Same,
        (None, _) => Verdict::Differs,
    };
    let mut sources = vec![from.source, to.source];
    sources.dedup();
    sources.retain(|source| !source.is_empty());
    Some(Change {
        topic,
        what: what.to_owned(),
        from: from.text,
        to: to.text,
        verdict,
        nearest: Some(to.way.to_owned()).filter(|way| !way.is_empty() && verdict != Verdict::Same),
        evidence: from.evidence.max(to.evidence),
        sources,
    })
}
