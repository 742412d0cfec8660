//! The result of a whole run.

use std::fmt;

use super::census::{Fate, Planned};

/// The result of a whole run.
#[derive(Debug, Clone)]
#[must_use]
pub struct Report {
    pub(crate) plan: Vec<Planned>,
    played: usize,
    failures: Vec<(String, String)>,
}

impl Report {
    pub(crate) fn new(plan: Vec<Planned>) -> Self {
        let missing = |planned: &Planned| match &planned.fate {
            Fate::Missing(why) if planned.fails() => {
                Some((planned.name(), format!("it neither runs nor has a written reason: {why}")))
            }
            _ => None,
        };
        let failures = plan.iter().filter_map(missing).collect();
        Self { plan, played: 0, failures }
    }

    pub(crate) fn note(&mut self, planned: &Planned, result: Result<(), String>) {
        self.played += 1;
        self.failures.extend(result.err().map(|why| (planned.name(), why)));
    }

    /// What was planned.
    pub fn plan(&self) -> &[Planned] {
        &self.plan
    }

    /// How many trials ran.
    pub fn played(&self) -> usize {
        self.played
    }

    /// The names of the failed trials, with the reasons.
    pub fn failures(&self) -> &[(String, String)] {
        &self.failures
    }

    /// Fails the test unless every trial passed and none was skipped without a reason.
    ///
    /// # Panics
    /// Panics with the names of the failed trials, and the reasons.
    pub fn assert(&self) {
        assert!(self.failures.is_empty() && self.played > 0, "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} trials run, {} failed", self.played, self.failures.len())?;
        for (name, why) in &self.failures {
            writeln!(f, "\n---- {name} ----\n{}", why.trim_end())?;
        }
        Ok(())
    }
}
