//! The requests that each job takes at a vendor: `fixtures/<vendor>/effects.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use countersign::provider::Effect;
use countersign::vendors;
use serde::{Deserialize, Deserializer};

use super::job::Job;

/// One request of a job, as a fault finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// For the table.
    #[serde(skip)]
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// A part of the path that no other step with this method has.
    pub path: &'static str,
    /// What it does to the world.
    #[serde(deserialize_with = "effect")]
    pub effect: Effect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(borrow)]
    steps: BTreeMap<&'static str, Step>,
    #[serde(borrow)]
    jobs: BTreeMap<&'static str, Vec<&'static str>>,
}

/// The steps of each job at each vendor, read once.
static FILES: LazyLock<BTreeMap<&'static str, Result<File, String>>> = LazyLock::new(|| {
    let read = |vendor: &str| {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let text = std::fs::read_to_string(fixtures.join(vendor).join("effects.toml"));
        let text = text.map_err(|error| error.to_string())?;
        let file: File = toml::from_str(text.leak()).map_err(|error| error.to_string())?;
        let rows: BTreeSet<_> = file.jobs.keys().copied().collect();
        match rows.symmetric_difference(&Job::ALL.map(Job::name).into()).next() {
            // A forgotten job would only mean that no fault is played.
            Some(job) => Err(format!("`[jobs]` has one row for each job, and no other: `{job}`")),
            None => Ok(file),
        }
    };
    vendors().iter().map(|vendor| (vendor.name, read(vendor.name))).collect()
});

/// The steps of a job.
///
/// # Panics
/// If the vendor's file is not there or not right: no test may do without it.
#[allow(clippy::panic, reason = "a helper of tests stops them")]
pub(super) fn of(vendor: &str, job: &str) -> Vec<Step> {
    let wrong = |why: &str| -> ! { panic!("fixtures/{vendor}/effects.toml: {why}") };
    let file = match FILES.get(vendor) {
        Some(Ok(file)) => file,
        Some(Err(error)) => wrong(error),
        None => wrong("no such vendor"),
    };
    let step = |name: &&'static str| match file.steps.get(name) {
        Some(step) => Step { name, ..*step },
        None => wrong(&format!("there is no step `{name}`")),
    };
    file.jobs.get(job).into_iter().flatten().map(step).collect()
}

fn effect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Effect, D::Error> {
    let word = <&str>::deserialize(deserializer)?;
    let all = [Effect::Read, Effect::MintsLink, Effect::SetsState, Effect::Notifies];
    all.into_iter()
        .find(|effect| effect.as_str() == word)
        .ok_or_else(|| serde::de::Error::custom(format!("`{word}` is no effect")))
}
