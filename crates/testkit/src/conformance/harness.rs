//! The suite as a test binary of its own, with a name for each trial.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use super::census::{Fate, Planned, matrix};
use super::suite::Suite;

/// The variable that makes a run write the matrix instead of comparing it, when its value is `write`.
const WRITE: &str = "COUNTERSIGN_README";

/// Runs suites as a test binary: `main` of a test with `harness = false`. Each trial has a name,
/// `vendor::operation::scenario::backend`, and can be filtered as tests can. What a backend that need not be complete has
/// nothing for is listed as ignored, with the reason.
///
/// A further trial, `census`, fails when anything neither runs nor has a written reason.
#[must_use]
pub fn main(suites: impl IntoIterator<Item = Suite>) -> ExitCode {
    run(suites, None)
}

/// As [`main`], and compares the matrix with the file, between the lines `<!-- conformance -->` and
/// `<!-- /conformance -->`. `COUNTERSIGN_README=write` brings the file up to date.
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
        trials.push(Trial::test("census::matrix", move || compare(&file, &text).map_err(Failed::from)));
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

fn compare(file: &Path, text: &str) -> Result<(), String> {
    const START: &str = "<!-- conformance -->\n";
    const END: &str = "<!-- /conformance -->";
    let page = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let parts = page.split_once(START).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) = parts.ok_or_else(|| format!("{} has no lines {START}{END}", file.display()))?;
    let wanted = format!("{head}{START}\n{text}\n{END}{tail}");
    if page == wanted {
        return Ok(());
    }
    if std::env::var_os(WRITE).is_some_and(|word| word == "write") {
        return std::fs::write(file, wanted).map_err(|error| format!("{}: {error}", file.display()));
    }
    Err(format!("the matrix in {} is out of date; {WRITE}=write brings it up to date", file.display()))
}
