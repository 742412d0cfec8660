//! What plays the vendor in the suite's trials.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{Clock, Provider, SecretString, SigningLink, Transport};

use super::scenario::Scenario;
use super::step::{Opening, Step};

/// Plays a vendor: a sandbox, recorded traffic, or the vendor itself.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// One word: the last part of each trial's name.
    fn name(&self) -> &str;

    /// Whether everything has to run on it or have a written reason. A backend that needs credentials, and leaves out
    /// what nobody prepared, says `false`.
    fn complete(&self) -> bool {
        true
    }

    /// Whether requests and replies look the same each time, so that they can be compared with snapshots.
    fn repeatable(&self) -> bool {
        true
    }

    /// Why this backend can play a scenario for no vendor: a reason that stands in the census.
    fn excludes(&self, scenario: &Scenario) -> Option<String> {
        let _ = scenario;
        None
    }

    /// Whether this backend has what it needs to play a scenario, found out without playing it.
    ///
    /// # Errors
    /// What is missing, in a sentence: a file, a prepared envelope.
    fn ready(&self, scenario: &Scenario) -> Result<(), String> {
        let _ = scenario;
        Ok(())
    }

    /// Puts real people in the place of a scenario's, where its envelope was prepared by somebody.
    fn recast(&self, scenario: &mut Scenario) {
        let _ = scenario;
    }

    /// Sets the people and the envelope of a scenario up. Its steps come one by one, to [`Stage::happen`].
    ///
    /// # Errors
    /// Why it could not be done, in a sentence; the trial fails with it.
    async fn stage(&self, scenario: &Scenario) -> Result<Box<dyn Stage>, String>;
}

/// One scenario, set up.
#[async_trait]
pub trait Stage: Debug + Send + 'static {
    /// The account with which the calls are made.
    fn provider(&self) -> Arc<dyn Provider>;

    /// The way to the vendor.
    fn transport(&self) -> Arc<dyn Transport>;

    /// The time of the vendor that is played.
    fn clock(&self) -> Arc<dyn Clock>;

    /// The envelope's id.
    fn envelope(&self) -> String;

    /// The credentials, and whatever else must be seen nowhere.
    fn secrets(&self) -> Vec<SecretString>;

    /// Texts that differ from run to run (a port, an id) and what stands in their place in snapshots.
    fn places(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// Lets something happen that is not a call of the application's. `link` is the one that the call returned.
    ///
    /// # Errors
    /// Why it could not be done.
    async fn happen(&mut self, step: &Step, link: Option<&SigningLink>) -> Result<Happened, String>;

    /// Who was mailed so far: the key of a person for each mail, oldest first. `None` where nobody can look.
    fn mails(&self) -> Option<Vec<String>> {
        None
    }

    /// Ends the trial: a recording is written, a replay checks that everything was used.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    async fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It happened, or there is nothing to tell.
    Done,
    /// A link was followed, with this result.
    Opened(Opening),
    /// This backend has nobody who could do it; what would have come of it is not checked.
    NotPlayed,
}
