//! What the suite needs to know about one vendor: its requests, its own answers, its differences.

use std::collections::BTreeMap;
use std::path::Path;

use countersign_core::Operation;
use serde::Deserialize;

use super::expect::Expect;
use super::scenario::{OPERATIONS, Scenario};
use super::step::Step;
use super::story::At;
use crate::fixture::Fixture;

const SIGN_IN: &str = "sign_in";
const READ: &str = "read";

/// A vendor's file: `conformance.toml` next to its other fixtures. Unknown keys are rejected.
///
/// ```toml
/// # Which request is which: method, and a part of the path.
/// [requests]
/// sign_in = "POST /oauth/token"            # left out where there is none
/// read = "GET /recipients"
/// create_view = "POST /views/recipient"
/// resend_recipient = "PUT /recipients"
/// change_access_code = "PUT /recipients"
///
/// # Members of the read answer that hold states; some scenarios put unknown words there.
/// words = ["status"]
///
/// # The vendor's own answers to conditions of the scenarios, from files of the form of `Fixture`.
/// [answers]
/// busy = "refusals/edit_lock.json"
///
/// # Another expectation than the scenario's, with the reason.
/// [patch."create_view/locked"]
/// reason = "…"
/// expect = { error = { kind = "recipient_done", outcome = "no_effect" } }
///
/// # What cannot run, with the reason; `backends` limits it to some.
/// [cannot."resend_recipient/busy"]
/// reason = "…"
/// backends = ["replay"]
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct VendorFile {
    /// A method and a part of the path for each kind of request.
    requests: BTreeMap<String, String>,
    /// Members of the read answer with an open set of words.
    pub words: Vec<String>,
    answers: BTreeMap<String, String>,
    patch: BTreeMap<String, Patch>,
    cannot: BTreeMap<String, Cannot>,
    /// The answers, read from their files.
    #[serde(skip)]
    read: BTreeMap<String, Fixture>,
}

/// An expectation other than the scenario's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Patch {
    /// Why this vendor differs.
    pub reason: String,
    /// The expectation that replaces the scenario's.
    pub expect: Option<Expect>,
    /// The events after the call, instead of the scenario's steps.
    pub after: Option<Vec<Step>>,
}

/// Why a scenario cannot run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Cannot {
    /// The reason.
    pub reason: String,
    /// On which backends; all if empty.
    #[serde(default)]
    pub backends: Vec<String>,
}

impl VendorFile {
    /// Reads a vendor's file; `folder` contains its answers.
    ///
    /// # Errors
    /// The problem, with the wrong key and the allowed values; an unknown scenario; an empty reason.
    pub fn parse(text: &str, folder: &Path, scenarios: &[Scenario]) -> Result<Self, String> {
        let mut file: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        // The list is a read.
        let acts = OPERATIONS.iter().filter(|one| **one != Operation::ListRecipients);
        let keys: Vec<&str> = [SIGN_IN, READ].into_iter().chain(acts.map(|one| one.as_str())).collect();
        if let Some(key) = file.requests.keys().find(|key| !keys.contains(&key.as_str())) {
            return Err(format!("requests: unknown key `{key}`; the keys are: {}", keys.join(", ")));
        }
        let known = |id: &str| scenarios.iter().find(|scenario| scenario.id() == id);
        for (id, patch) in &file.patch {
            let scenario = known(id).ok_or_else(|| format!("patch: there is no scenario `{id}`"))?;
            check_reason("patch", id, &patch.reason)?;
            patch.check(scenario).map_err(|problem| format!("patch.\"{id}\": {problem}"))?;
        }
        for (id, cannot) in &file.cannot {
            known(id).ok_or_else(|| format!("cannot: there is no scenario `{id}`"))?;
            check_reason("cannot", id, &cannot.reason)?;
        }
        for (name, path) in &file.answers {
            file.read.insert(name.clone(), Fixture::load(&folder.join(path)));
        }
        Ok(file)
    }

    /// Method and part of the path.
    pub(crate) fn request(&self, at: At, call: Operation) -> Option<(&str, &str)> {
        let key = match at {
            At::SignIn => SIGN_IN,
            At::Act if call != Operation::ListRecipients => call.as_str(),
            At::Read | At::Act => READ,
        };
        self.requests.get(key)?.split_once(' ')
    }

    pub(crate) fn answer(&self, name: &str) -> Option<&Fixture> {
        self.read.get(name)
    }

    pub(crate) fn cannot(&self, scenario: &Scenario, backend: &str) -> Option<&str> {
        let cannot = self.cannot.get(&scenario.id())?;
        let here = cannot.backends.is_empty() || cannot.backends.iter().any(|name| name == backend);
        here.then_some(cannot.reason.as_str())
    }

    pub(crate) fn patch(&self, scenario: &Scenario) -> Option<&Patch> {
        self.patch.get(&scenario.id())
    }

    /// The scenario with this vendor's expectation.
    pub(crate) fn patched(&self, scenario: &Scenario) -> Scenario {
        self.patch(scenario).map_or_else(|| scenario.clone(), |patch| patch.apply(scenario))
    }
}

impl Patch {
    fn apply(&self, scenario: &Scenario) -> Scenario {
        let mut scenario = scenario.clone();
        let story = &mut scenario.story;
        story.expect = self.expect.as_ref().unwrap_or(&story.expect).clone();
        story.after = self.after.as_ref().unwrap_or(&story.after).clone();
        scenario
    }

    fn check(&self, scenario: &Scenario) -> Result<(), String> {
        let patched = self.apply(scenario);
        if patched.story.expect == scenario.story.expect && patched.story.after == scenario.story.after {
            return Err("it is the same as the scenario's; remove it".to_owned());
        }
        patched.story.expect.check(scenario.call)?;
        match patched.story.expect.people().find(|key| patched.person(key).is_none()) {
            Some(key) => Err(format!("no recipient has the key `{key}`")),
            None => Ok(()),
        }
    }
}

fn check_reason(table: &str, id: &str, reason: &str) -> Result<(), String> {
    match reason.trim().len() {
        0..10 => Err(format!("{table}.\"{id}\": the reason must be a sentence")),
        _ => Ok(()),
    }
}
