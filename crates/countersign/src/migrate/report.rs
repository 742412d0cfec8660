//! What a check found.

use countersign_core::vendor::FactRow;
use countersign_core::{Descriptor, Evidence, Operation, words};
use serde::Serialize;

words! {
    /// How a call fares at the other vendor.
    Verdict {
        /// Nothing that is known of changes.
        Same = "same";
        /// An argument or a part is not there, and nothing is needed in its place.
        LeaveOut = "leave_out";
        /// It works, with differences.
        Differs = "differs";
        /// Something that it says or relies on cannot be had.
        Impossible = "impossible";
    }
}

words! {
    /// What a change is about.
    Topic {
        /// The operation as a whole.
        Operation = "operation";
        /// How the recipient is named.
        Recipient = "recipient";
        /// An argument.
        Argument = "argument";
        /// What a link is valid for.
        Link = "link";
        /// Who gets a mail, and how often.
        Mail = "mail";
        /// What unlocks a signer, and which codes can be set.
        AccessCode = "access_code";
        /// What a list tells.
        Field = "field";
        /// Statuses of recipients, or states of envelopes.
        Status = "status";
        /// What a webhook tells.
        Webhook = "webhook";
        /// Kinds of errors.
        Error = "error";
        /// HTTP calls and limits.
        Cost = "cost";
        /// What an envelope is made of.
        Envelope = "envelope";
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
    /// The kinds of errors that change, each once for all operations of the calls.
    pub errors: Vec<ErrorChange>,
    /// What all calls together need, where the calls say how often they are made.
    pub budget: Option<Budget>,
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
    pub(super) fn of(vendor: &'static Descriptor) -> Self {
        Self {
            name: vendor.name,
            title: &vendor.facts.title,
            verified_live: vendor.facts.verified_live.as_deref(),
        }
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
    /// The worst verdict of its changes, those of errors included.
    pub verdict: Verdict,
    /// What changes, the worst first. For envelopes also what stays the same, with the words of both vendors.
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

/// A kind of error that newly comes, comes no more, or has another reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorChange {
    /// In which operations.
    pub operations: Vec<Operation>,
    /// What changes.
    #[serde(flatten)]
    pub change: Change,
}

/// What all calls together need in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Budget {
    /// HTTP calls in an hour at the vendor that the application uses.
    pub needed_from: u64,
    /// HTTP calls in an hour at the vendor that it is to use.
    pub needed: u64,
    /// Whether they fit.
    pub fits: bool,
    /// What an account has there: in an hour, while trying out, and in a short time, as far as it is known.
    pub limits: Vec<FactRow<'static>>,
    /// What the calls need of each group of routes, at a vendor that limits those.
    pub routes: Vec<RouteBudget>,
}

/// What the calls need of a group of routes in an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RouteBudget {
    /// The group.
    pub name: &'static str,
    /// HTTP calls in an hour.
    pub needed: u64,
    /// How many an account has in an hour, if they are spread over it.
    pub allowed: u64,
    /// The limit in words.
    pub limit: String,
    /// The evidence for the limit.
    pub evidence: Evidence,
    /// The source.
    pub source: &'static str,
}
