//! The census: the state of every scenario at every vendor on every backend. Missing entries are failures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One scenario at one vendor on one backend.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Planned {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// `operation/name`.
    pub scenario: String,
    /// The scenario in one sentence.
    pub about: String,
    /// The backend's name.
    pub backend: String,
    /// Whether the backend must be able to run everything.
    pub complete: bool,
    /// Its state.
    pub fate: Fate,
}

/// The state of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It runs, with the scenario's own expectation.
    Runs,
    /// It runs with the vendor's expectation, for this reason.
    Patched(String),
    /// The vendor's capabilities exclude it, for this reason: the trial checks that the adapter rejects it.
    Refuses(String),
    /// It cannot run, for this written reason.
    Cannot(String),
    /// Something is missing, without a written reason.
    Missing(String),
}

impl Planned {
    /// `vendor::operation::scenario::backend`.
    pub fn name(&self) -> String {
        format!("{}::{}::{}", self.vendor, self.scenario.replace('/', "::"), self.backend)
    }

    /// Whether there is something to run.
    pub fn runs(&self) -> bool {
        matches!(self.fate, Fate::Runs | Fate::Patched(_) | Fate::Refuses(_))
    }

    /// Whether it is a gap in the census.
    pub fn fails(&self) -> bool {
        self.complete && matches!(self.fate, Fate::Missing(_))
    }
}

/// The plan as a Markdown table: a row for each scenario, a column for each vendor. Only backends that must be
/// complete are included.
pub fn matrix(plan: &[Planned]) -> String {
    let told: Vec<&Planned> = plan.iter().filter(|planned| planned.complete).collect();
    let mut vendors: Vec<&str> = Vec::new();
    let mut rows: BTreeMap<(&str, &str), BTreeMap<&str, Vec<&Planned>>> = BTreeMap::new();
    for planned in &told {
        if !vendors.contains(&planned.vendor) {
            vendors.push(planned.vendor);
        }
        let row = rows.entry((&planned.scenario, &planned.about)).or_default();
        row.entry(planned.vendor).or_default().push(planned);
    }
    let mut text = format!("| scenario | {} |\n| --- |", vendors.join(" | "));
    text.push_str(&" --- |".repeat(vendors.len()));
    text.push('\n');
    for ((scenario, about), cells) in rows {
        let _ = write!(text, "| `{scenario}`: {about} |");
        for vendor in &vendors {
            let cell = cells.get(vendor).map_or_else(String::new, |planned| cell(planned));
            let _ = write!(text, " {} |", cell.replace('|', "\\|"));
        }
        text.push('\n');
    }
    let count = |fits: fn(&Fate) -> bool| told.iter().filter(|planned| fits(&planned.fate)).count();
    let _ = writeln!(
        text,
        "\n{} trials as every vendor must ({} of them with the vendor's own expectation), {} that the adapter refuses \
         what the vendor cannot do, {} left out for a written reason, {} missing.",
        count(|fate| matches!(fate, Fate::Runs | Fate::Patched(_))),
        count(|fate| matches!(fate, Fate::Patched(_))),
        count(|fate| matches!(fate, Fate::Refuses(_))),
        count(|fate| matches!(fate, Fate::Cannot(_))),
        count(|fate| matches!(fate, Fate::Missing(_))),
    );
    text
}

/// Groups backends with the same state.
fn cell(planned: &[&Planned]) -> String {
    let mut parts: Vec<(String, Vec<&str>)> = Vec::new();
    for one in planned {
        let word = match &one.fate {
            Fate::Runs => "✓".to_owned(),
            Fate::Patched(reason) => format!("✓ otherwise: {}", reason.trim()),
            Fate::Refuses(reason) => format!("refused: {}", reason.trim()),
            Fate::Cannot(reason) => format!("– {}", reason.trim()),
            Fate::Missing(why) => format!("**missing**: {}", why.trim()),
        };
        match parts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, backends)) => backends.push(&one.backend),
            None => parts.push((word, vec![&one.backend])),
        }
    }
    match parts.as_slice() {
        [(word, _)] => word.clone(),
        several => {
            let named = several.iter().map(|(word, backends)| format!("{}: {word}", backends.join(", ")));
            named.collect::<Vec<_>>().join("; ")
        }
    }
}
