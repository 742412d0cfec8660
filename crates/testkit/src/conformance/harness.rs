//! The suite as its own test binary, with a name for each trial.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use super::census::{Fate, Planned, matrix};
use super::suite::Suite;
use crate::keep_block;

/// Runs suites as a test binary: `main` of a test with `harness = false`. Each trial has a name,
/// `vendor::operation::scenario::backend`, and can be filtered like other tests. Scenarios that an optional backend
/// cannot run are listed as ignored, with the reason.
///
/// An additional trial, `census`, fails if a scenario neither runs nor has a written reason.
#[must_use]
pub fn main(suites: impl IntoIterator<Item = Suite>) -> ExitCode {
    run(suites, None)
}

/// As [`main`], and compares the matrix with the file, between the lines `<!-- conformance -->` and `<!--
/// /conformance -->`. `COUNTERSIGN_README=write` updates the file.
#[must_use]
pub fn main_with_matrix(suites: impl IntoIterator<Item = Suite>, file: &Path) -> ExitCode {
    run(suites, Some(file.to_owned()))
}

fn run(suites: impl IntoIterator<Item = Suite>, file: Option<PathBuf>) -> ExitCode {
    let mut trials = Vec::new();
    let mut all: Vec<Planned> = Vec::new();
    for suite in suites {
        let suite = Arc::new(suite);
        let plan = suite.plan();
        trials.extend(plan.iter().filter_map(|planned| trial(&suite, planned)));
        all.extend(plan);
    }
    trials.push(census(&all));
    if let Some(file) = file {
        let text = matrix(&all);
        trials.push(Trial::test("census::matrix", move || {
            keep_block(&file, "conformance", &text).map_err(Failed::from)
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(suite: &Arc<Suite>, planned: &Planned) -> Option<Trial> {
    let (suite, to_play) = (Arc::clone(suite), planned.clone());
    let trial = Trial::test(planned.name(), move || suite.play(&to_play).map_err(Failed::from));
    match &planned.fate {
        Fate::Cannot(why) | Fate::Missing(why) if !planned.complete => {
            Some(trial.with_ignored_flag(true).with_kind(why.clone()))
        }
        Fate::Cannot(_) => None,
        _ => Some(trial),
    }
}

fn census(plan: &[Planned]) -> Trial {
    let holes: Vec<String> = plan
        .iter()
        .filter(|planned| planned.fails())
        .map(|planned| format!("{}: {:?}", planned.name(), planned.fate))
        .collect();
    let played = plan.iter().filter(|planned| planned.runs()).count();
    Trial::test("census", move || match (holes.is_empty(), played) {
        (true, 1..) => Ok(()),
        (true, 0) => Err(Failed::from("nothing runs at all")),
        (false, _) => {
            Err(Failed::from(format!("these neither run nor have a written reason:\n{}", holes.join("\n"))))
        }
    })
}
