//! What a check found.

use countersign_core::{Burst, Descriptor, Evidence, Operation};
use serde::Serialize;

/// How a call fares at the other vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing that is known of changes.
    Same,
    /// It works, with differences.
    Differs,
    /// Something that it says or relies on cannot be had.
    Impossible,
}

impl Verdict {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Differs => "differs",
            Verdict::Impossible => "impossible",
        }
    }
}

/// A whole check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The vendor that the application uses.
    pub from: Side,
    /// The vendor that it is to use.
    pub to: Side,
    /// The worst verdict of all.
    pub verdict: Verdict,
    /// One row for each call and each envelope, in the order in which they were given.
    pub rows: Vec<Row>,
    /// What all calls together need, where the calls say how often they are made.
    pub budget: Option<Budget>,
}

impl Report {
    /// How many rows have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }
}

/// A vendor, as far as a reader of the report wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Side {
    /// The short name.
    pub name: &'static str,
    /// The full name.
    pub title: &'static str,
    /// When the adapter was last tried against the live service; `None` if never.
    pub verified_live: Option<&'static str>,
}

impl Side {
    pub(super) fn of(vendor: &Descriptor) -> Self {
        Self { name: vendor.name, title: vendor.title, verified_live: vendor.verified_live }
    }
}

/// One call, or the envelopes of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The operation; `None` for envelopes.
    pub operation: Option<Operation>,
    /// The application's name.
    pub name: Option<String>,
    /// The worst verdict of its changes.
    pub verdict: Verdict,
    /// What changes. For envelopes also what stays the same, with the words of both vendors.
    pub changes: Vec<Change>,
    /// How many HTTP calls it takes; `None` for envelopes.
    pub http_calls: Option<HttpCalls>,
}

/// How many HTTP calls one call takes when all goes well, signing in not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HttpCalls {
    /// At the vendor that the application uses.
    pub from: u32,
    /// At the vendor that it is to use.
    pub to: u32,
    /// There, at most, repetitions after faults not counted.
    pub to_at_most: u32,
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// The operation as a whole.
    Operation,
    /// How the recipient is named.
    Recipient,
    /// An argument.
    Argument,
    /// What a link is good for.
    Link,
    /// Who gets a mail, and how often.
    Mail,
    /// What unlocks a signer, and which codes can be set.
    AccessCode,
    /// What a list tells.
    Field,
    /// Statuses of recipients, or states of envelopes.
    Status,
    /// Kinds of errors.
    Error,
    /// HTTP calls and limits.
    Cost,
    /// What an envelope is made of.
    Envelope,
}

impl Topic {
    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Topic::Operation => "operation",
            Topic::Recipient => "recipient",
            Topic::Argument => "argument",
            Topic::Link => "link",
            Topic::Mail => "mail",
            Topic::AccessCode => "access code",
            Topic::Field => "field",
            Topic::Status => "status",
            Topic::Error => "error",
            Topic::Cost => "cost",
            Topic::Envelope => "envelope",
        }
    }
}

/// One thing that is different, or impossible, or for envelopes the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// What it is about.
    pub topic: Topic,
    /// Which thing.
    pub what: String,
    /// How it is at the vendor that the application uses.
    pub from: String,
    /// How it is at the vendor that it is to use.
    pub to: String,
    /// How bad it is.
    pub verdict: Verdict,
    /// What to do: the nearest way, or how to live with it.
    pub nearest: Option<String>,
    /// The weaker evidence of the two facts.
    pub evidence: Evidence,
    /// Where the facts are from.
    pub sources: Vec<&'static str>,
}

/// What all calls together need in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Budget {
    /// HTTP calls in an hour at the vendor that the application uses.
    pub needed_from: u64,
    /// HTTP calls in an hour at the vendor that it is to use.
    pub needed: u64,
    /// What an account has there in an hour.
    pub limit: u32,
    /// Whether they fit.
    pub fits: bool,
    /// What the service for trying out has there in an hour, where that is another number.
    pub trial_limit: Option<u32>,
    /// What it has there in a short time, where there is such a limit.
    pub burst: Option<Burst>,
    /// A remark on the limit.
    pub note: &'static str,
    /// How sure the limit is.
    pub evidence: Evidence,
    /// Where it is from.
    pub source: &'static str,
}
