//! The backends that simulate the vendor in the suite's trials.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use countersign_cassette::{Recorder, Replayer};
use countersign_core::{Clock, Provider, SecretString, SigningLink, Transport};

use super::scenario::Scenario;
use super::step::{Opening, Step};
use crate::replayed::told;

/// Simulates a vendor: a sandbox, recorded traffic, or the vendor itself.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// One word: the last part of each trial's name.
    fn name(&self) -> &str;

    /// Whether every scenario must run on it or have a written reason. A backend that needs credentials, and skips
    /// what was not prepared, returns `false`.
    fn complete(&self) -> bool {
        true
    }

    /// Whether requests and replies are the same each time, so that they can be compared with snapshots.
    fn repeatable(&self) -> bool {
        true
    }

    /// Why this backend can run a scenario for no vendor: a reason for the census.
    fn excludes(&self, scenario: &Scenario) -> Option<String> {
        let _ = scenario;
        None
    }

    /// Whether this backend has what it needs to run a scenario, without running it.
    ///
    /// # Errors
    /// What is missing, as a sentence: a file, a prepared envelope.
    fn ready(&self, scenario: &Scenario) -> Result<(), String> {
        let _ = scenario;
        Ok(())
    }

    /// Replaces a scenario's recipients with real ones, if its envelope was prepared manually.
    fn recast(&self, scenario: &mut Scenario) {
        let _ = scenario;
    }

    /// Sets up the recipients and the envelope of a scenario. Its steps follow one by one, in [`Events::happen`].
    ///
    /// # Errors
    /// Why it could not be set up, as a sentence; the trial fails with it.
    async fn stage(&self, scenario: &Scenario) -> Result<Stage, String>;
}

/// One scenario, set up.
#[derive(Debug)]
#[non_exhaustive]
pub struct Stage {
    /// The account that makes the calls.
    pub provider: Arc<dyn Provider>,
    /// The transport to the vendor.
    pub transport: Arc<dyn Transport>,
    /// The time of the simulated vendor.
    pub clock: Arc<dyn Clock>,
    /// The envelope's id.
    pub envelope: String,
    /// What happens at the vendor beside the calls.
    pub events: Box<dyn Events>,
    /// The credentials, and all other values that must not be visible anywhere.
    pub secrets: Vec<SecretString>,
    /// Texts that differ from run to run (a port, an id) and their replacements in snapshots.
    pub places: Vec<(String, String)>,
    pub(super) tape: Option<Tape>,
}

impl Stage {
    /// Without secrets and places.
    pub fn new(
        provider: Arc<dyn Provider>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        envelope: impl Into<String>,
        events: impl Events,
    ) -> Self {
        let (envelope, events) = (envelope.into(), Box::new(events));
        let (secrets, places) = (Vec::new(), Vec::new());
        Self { provider, transport, clock, envelope, events, secrets, places, tape: None }
    }
}

/// The cassette of a trial.
#[derive(Debug)]
pub(super) enum Tape {
    Played(Arc<Replayer>),
    Recorded(Arc<Recorder>, PathBuf),
}

impl Tape {
    /// At the end of the trial, the whole recording must have been used, or is written.
    pub(super) fn finish(&self) -> Result<(), String> {
        match self {
            Self::Played(replayer) => replayer.finish().map_err(|error| error.to_string()),
            Self::Recorded(recorder, file) => recorder.write(file).map(drop).map_err(|error| told(&error)),
        }
    }
}

/// What happens at a simulated vendor beside the calls, and what can be seen of it.
#[async_trait]
pub trait Events: Debug + Send + 'static {
    /// Performs an event that is not a call of the application; by default none is. `link` is the link that the call
    /// returned; how it opened is checked if the backend knows.
    ///
    /// # Errors
    /// Why it could not be performed.
    async fn happen(&mut self, step: &Step, link: Option<&SigningLink>) -> Result<Option<Opening>, String> {
        let _ = (step, link);
        Ok(None)
    }

    /// Who was mailed so far: the recipient's key for each mail, in any order. `None` if the backend cannot know. If
    /// mails take their time, it waits for `at_least` so many.
    ///
    /// # Errors
    /// Why they could not be read.
    async fn mails(&mut self, at_least: usize) -> Result<Option<Vec<String>>, String> {
        let _ = at_least;
        Ok(None)
    }

    /// Removes what the trial has made, also after one that failed.
    ///
    /// # Errors
    /// What is left.
    async fn clean_up(&mut self) -> Result<(), String> {
        Ok(())
    }
}
