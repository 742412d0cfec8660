//! What a test and its workers say to each other: one JSON document per line.

use std::path::PathBuf;
use std::time::Duration;

use countersign_tests::effects::{Job, Step};
use serde::{Deserialize, Serialize};

use crate::round::LEASE;

/// The variable with the worker's setup.
pub(crate) const SETUP: &str = "STORES_WORKER";
/// Stands before each answer, because the test harness of the worker writes to its output as well.
pub(crate) const ANSWER: &str = "answer: ";

/// Stands before the port of a gateway that serves.
pub(crate) const SERVING: &str = "serving: ";

/// What a worker needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// The URL of a PostgreSQL database, or the file of an SQLite one.
    pub(crate) store: String,
    /// The key file of the vault.
    pub(crate) key: PathBuf,
    /// The accounts at the sandbox.
    pub(crate) variables: Vec<(String, String)>,
    /// The lease of each call.
    pub(crate) lease: Duration,
    /// Whether marks reach the store. Without them, the ledger has only leases.
    pub(crate) marks: bool,
    /// Where the worker dies, in a call of this kind.
    pub(crate) dies: Option<(Moment, Kind)>,
    /// For a worker that is a gateway.
    pub(crate) gateway: Option<Caller>,
    /// The library that puts the clock of the first worker an hour ahead.
    pub(crate) faketime: Option<PathBuf>,
    /// The size that no file of a worker may exceed, in blocks of 512 bytes: as if its disk were full.
    pub(crate) disk: Option<u32>,
}

impl Setup {
    /// With the leases of a round, and nothing that goes wrong.
    pub(crate) fn new(store: String, key: PathBuf) -> Self {
        Self {
            store,
            key,
            variables: Vec::new(),
            lease: LEASE,
            marks: true,
            dies: None,
            gateway: None,
            faketime: None,
            disk: None,
        }
    }

    /// The setup of this process, if it was started as a worker.
    pub(crate) fn from_environment() -> Option<Self> {
        let text = std::env::var(SETUP).ok()?;
        Some(serde_json::from_str(&text).expect("a setup"))
    }
}

/// What a gateway and its caller need to know.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Caller {
    /// The value of the header that a tenant's calls carry.
    pub(crate) authorization: String,
    /// Where the simulated vendors are.
    pub(crate) host: String,
}

/// An operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    List,
    View,
    Code,
    Resend,
    CodeAndResend,
}

impl Kind {
    /// The same as a job of the suite of effects.
    pub(crate) fn job(self) -> Job {
        match self {
            Kind::List => Job::List,
            Kind::View => Job::View,
            Kind::Code => Job::Code,
            Kind::Resend => Job::Resend,
            Kind::CodeAndResend => Job::CodeNotify,
        }
    }

    /// The last request of the call, which has its strongest effect; none at a vendor that does not offer the call.
    pub(crate) fn last_step(self, vendor: &str) -> Option<Step> {
        self.job().steps(vendor).pop()
    }
}

/// A moment of a call under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Moment {
    BeforeClaim,
    Claimed,
    /// Before the first mark; in calls without marks, before the last request.
    BeforeMark,
    /// After the mark of the strongest effect, before its request.
    Marked,
    /// Before a second mark.
    BetweenSteps,
    /// The vendor has done everything, but the call has no answer.
    Sent,
    Answered,
    Completed,
}

/// A call to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) call: u64,
    pub(crate) vendor: String,
    pub(crate) envelope: String,
    pub(crate) key: String,
    pub(crate) kind: Kind,
}

/// The result of a call.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) call: u64,
    pub(crate) end: End,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// With this reply.
    Reply(String),
    /// With an unknown outcome.
    Unknown(String),
    /// Without effect, and it may be repeated under its key.
    Again(String),
    /// Otherwise, which no test expects.
    Failed(String),
}
