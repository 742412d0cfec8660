//! The result of a whole run.

use std::fmt;

use super::census::Planned;

/// The result of a whole run.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct Report {
    /// What was planned.
    pub plan: Vec<Planned>,
    /// How many trials ran.
    pub played: usize,
    /// The names of the failed trials, with the reasons.
    pub failures: Vec<(String, String)>,
}

impl Report {
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
