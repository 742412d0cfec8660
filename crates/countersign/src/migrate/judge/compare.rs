//! Comparing single facts.

use countersign_core::{Capability, Evidence, Fact, Feature, Said, Saying, Support};

use super::super::report::{Change, Topic, Verdict};
use super::{Judge, Vendor};

/// What the application expects of a fact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// It says nothing.
    Nothing,
    /// It relies on it, and it is so.
    Met,
    /// It relies on it, and it is not known whether it is so.
    Unknown,
    /// It relies on it, and it is not so.
    Unmet,
}

impl Expected {
    /// Whether something that is relied on is so.
    pub(super) fn of(relied: bool, so: impl Into<Option<bool>>) -> Self {
        match (relied, so.into()) {
            (false, _) => Expected::Nothing,
            (true, Some(true)) => Expected::Met,
            (true, Some(false)) => Expected::Unmet,
            (true, None) => Expected::Unknown,
        }
    }
}

/// The remark as a next step, where there is one.
pub(super) fn step(note: &str) -> Option<String> {
    (!note.is_empty()).then(|| note.to_owned())
}

pub(super) fn sources(of: &[&'static str]) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    for source in of.iter().filter(|source| !source.is_empty()) {
        if !found.contains(source) {
            found.push(source);
        }
    }
    found
}

/// A vendor's row for a feature.
pub(super) fn capability(vendor: &Vendor, feature: Feature) -> Option<&'static Capability> {
    vendor.descriptor.capabilities.iter().find(|row| row.feature == feature)
}

fn is_possible(row: Option<&Capability>) -> bool {
    row.is_some_and(|row| row.support != Support::Impossible)
}

fn said_of(row: Option<&Capability>) -> String {
    let word = match row.map(|row| row.support) {
        Some(Support::Native) => "yes",
        Some(Support::Emulated) => "yes, in several calls",
        Some(Support::Impossible) => "no",
        None => "not known",
    };
    match row.map(|row| row.conditions).filter(|conditions| !conditions.is_empty()) {
        Some(conditions) if is_possible(row) => format!("{word}: {conditions}"),
        _ => word.to_owned(),
    }
}

/// How a vocabulary's row is shown.
pub(super) fn shown(said: Option<Said>) -> String {
    match said {
        Some(Said::As(word)) => word.to_owned(),
        Some(Said::Otherwise(word, condition)) => format!("{word}: {condition}"),
        Some(Said::No(_)) => "none".to_owned(),
        None => "not known".to_owned(),
    }
}

impl Judge<'_> {
    /// Two facts. Equal ones are no change, unless the application relies on what is not so.
    pub(super) fn fact<T: PartialEq>(
        &mut self,
        (topic, what): (Topic, &str),
        from: &Fact<T>,
        to: &Fact<T>,
        show: impl Fn(&T) -> String,
        expected: Expected,
    ) {
        let unmet = matches!(expected, Expected::Unmet | Expected::Unknown);
        if from.value == to.value && !unmet {
            return;
        }
        let verdict = if expected == Expected::Unmet { Verdict::Impossible } else { Verdict::Differs };
        self.changes.push(Change {
            topic,
            what: what.to_owned(),
            from: show(&from.value),
            to: show(&to.value),
            verdict,
            nearest: step(to.note),
            evidence: from.evidence.max(to.evidence),
            sources: sources(&[from.source, to.source]),
        });
    }

    /// A feature that the application uses.
    pub(super) fn feature(&mut self, topic: Topic, feature: Feature, relied: bool) {
        let (from, to) = (capability(self.from, feature), capability(self.to, feature));
        let (was, is) = (is_possible(from), is_possible(to));
        let same =
            from.map(|row| (row.support, row.conditions)) == to.map(|row| (row.support, row.conditions));
        if same && (is || !relied) {
            return;
        }
        let evidence = |row: Option<&Capability>| row.map_or(Evidence::Guessed, |row| row.evidence);
        self.changes.push(Change {
            topic,
            what: feature.title().to_owned(),
            from: said_of(from),
            to: said_of(to),
            verdict: if !is && relied { Verdict::Impossible } else { Verdict::Differs },
            nearest: to.filter(|_| !is && (was || relied)).and_then(|row| step(row.conditions)),
            evidence: evidence(from).max(evidence(to)),
            sources: Vec::new(),
        });
    }

    /// A row of a vocabulary. `relied`: the application cannot do without.
    pub(super) fn saying<W: PartialEq>(
        &mut self,
        (topic, title): (Topic, &str),
        what: &W,
        (from, to): (&[Saying<W>], &[Saying<W>]),
        relied: bool,
    ) {
        if let Some(change) = compared(topic, title, row(from, what), row(to, what), relied)
            && change.verdict != Verdict::Same
        {
            self.changes.push(change);
        }
    }
}

pub(super) fn row<'r, W: PartialEq>(rows: &'r [Saying<W>], what: &W) -> Option<&'r Saying<W>> {
    rows.iter().find(|row| row.what == *what)
}

/// Two rows of a vocabulary; `None` where neither vendor has such a thing and nobody relies on it.
pub(super) fn compared<W>(
    topic: Topic,
    title: &str,
    from: Option<&Saying<W>>,
    to: Option<&Saying<W>>,
    relied: bool,
) -> Option<Change> {
    let said = |row: Option<&Saying<W>>| row.map(|row| row.said);
    let missing = |row| matches!(said(row), Some(Said::No(_)) | None);
    let verdict = match (said(from), said(to)) {
        (Some(Said::As(_)), Some(Said::As(_))) => Verdict::Same,
        (was, is) if was == is && !missing(to) => Verdict::Same,
        _ if missing(to) && relied => Verdict::Impossible,
        _ if missing(to) && missing(from) => return None,
        _ => Verdict::Differs,
    };
    let nearest = match said(to) {
        Some(Said::No(way)) => step(way),
        _ => None,
    };
    let evidence = |row: Option<&Saying<W>>| row.map_or(Evidence::Guessed, |row| row.evidence);
    let source = |row: Option<&Saying<W>>| row.map_or("", |row| row.source);
    Some(Change {
        topic,
        what: title.to_owned(),
        from: shown(said(from)),
        to: shown(said(to)),
        verdict,
        nearest,
        evidence: evidence(from).max(evidence(to)),
        sources: sources(&[source(from), source(to)]),
    })
}
