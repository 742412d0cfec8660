//! How a vendor implements what vendors share; a migration is judged from two of these tables.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::words::{Check, Checked, rows, rows_of_rows};
use crate::error::ErrorKind;
use crate::model::{Operation, RecipientStatus};
use crate::vendor::conduct::{EnvelopePart, EnvelopeStage, Evidence, Feature, RecipientField, RefKind};
use crate::webhook::WebhookEvent;

/// How one vendor implements something that other vendors may have too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Supported, with exactly this meaning; the vendor's word for it.
    As(String),
    /// Supported with a condition or a loss: the vendor's word, and the difference.
    Otherwise(String, String),
    /// Not supported; the closest alternative.
    No(String),
    /// It is not there, and nothing is needed in its place; why.
    Unneeded(String),
}

impl Coverage {
    /// Whether it is there, if only with a condition.
    pub fn is_there(&self) -> bool {
        matches!(self, Self::As(_) | Self::Otherwise(..))
    }
}

/// One row: a feature, how the vendor implements it, and the evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "MappingRow<W>", bound(deserialize = "W: Check + Display + Deserialize<'de>"))]
pub struct Mapping<W> {
    /// The feature, in our words.
    pub what: W,
    /// How the vendor implements it.
    pub coverage: Coverage,
    /// What an application that moves to this vendor has to do. May be empty; [`Coverage::No`] says it itself.
    pub note: String,
    /// The evidence for the row.
    pub evidence: Evidence,
    /// The source.
    pub source: String,
}

/// A row as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "W: Check + Deserialize<'de>")]
struct MappingRow<W> {
    what: Checked<W>,
    r#as: Option<String>,
    but: Option<String>,
    no: Option<String>,
    #[serde(default)]
    unneeded: bool,
    note: Option<String>,
    evidence: Evidence,
    source: String,
}

impl<W: Display> TryFrom<MappingRow<W>> for Mapping<W> {
    type Error = String;

    /// A row with neither `as` nor `no` is about an event; its word is filled in from the vendor's words.
    fn try_from(row: MappingRow<W>) -> Result<Self, String> {
        let MappingRow { what: Checked(what), evidence, source, note, .. } = row;
        let coverage = match (row.r#as, row.but, row.no, row.unneeded) {
            (word, None, None, false) => Coverage::As(word.unwrap_or_default()),
            (Some(word), Some(but), None, false) => Coverage::Otherwise(word, but),
            (None, None, Some(way), false) if note.is_none() => Coverage::No(way),
            (None, None, Some(why), true) if note.is_none() => Coverage::Unneeded(why),
            _ => return Err(incomplete(&what)),
        };
        Ok(Self { what, coverage, note: note.unwrap_or_default(), evidence, source })
    }
}

pub(super) fn incomplete(what: &impl Display) -> String {
    format!("`{what}` needs `as`, `as` with `but`, `no`, or `no` with `unneeded`; only with `as` a `note`")
}

/// An error kind that can occur in an operation, from the vendor or from its adapter.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorMapping {
    /// The operation.
    pub operation: Operation,
    /// The kind.
    pub kind: ErrorKind,
    /// When it occurs. The sentences for what every vendor refuses are the same everywhere, so that only real
    /// differences show.
    #[serde(default)]
    pub when: String,
    /// The evidence that this vendor's refusal has this kind.
    pub evidence: Evidence,
}

impl ErrorMapping {
    /// The kinds that can occur in every operation of every vendor. They have no rows.
    pub const EVERYWHERE: [ErrorKind; 11] = [
        ErrorKind::InvalidRequest,
        ErrorKind::Unsupported,
        ErrorKind::Config,
        ErrorKind::Unauthenticated,
        ErrorKind::ConsentRequired,
        ErrorKind::PermissionDenied,
        ErrorKind::RateLimited,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::InvalidResponse,
        ErrorKind::Unexpected,
    ];

    /// When a kind occurs, if the vendor has no sentence of its own.
    pub(super) fn usual(kind: ErrorKind) -> Option<&'static str> {
        Some(match kind {
            ErrorKind::EnvelopeNotFound => "the id is unknown in this account and environment",
            ErrorKind::EnvelopeClosed => "the envelope has ended: completed, declined, voided or expired",
            ErrorKind::EnvelopeBusy => "another user is editing the envelope",
            ErrorKind::RecipientNotFound => "no recipient of the envelope matches",
            ErrorKind::RecipientAmbiguous => "several recipients of the envelope match",
            ErrorKind::RecipientNotInTurn => "others have to act first",
            ErrorKind::RecipientLocked => "wrong access codes, or another failed check",
            ErrorKind::AccessCodeRefused => "the vendor rejects the code",
            _ => return None,
        })
    }
}

/// The number of HTTP calls of an operation, without sign-in. The adapter determines it, so it needs no evidence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallCount {
    /// The operation.
    pub operation: Operation,
    /// Only with this option; the row without an option is for all other calls.
    pub option: Option<Feature>,
    /// With a recipient from an earlier list, if every call succeeds.
    pub known: u32,
    /// With any other reference to a recipient, if every call succeeds.
    pub usual: u32,
    /// The maximum, without repetitions after failures.
    pub most: u32,
    /// The limits that the calls count towards, one for each usual call, at a vendor that has [`RouteLimit`]s.
    ///
    /// [`RouteLimit`]: crate::vendor::RouteLimit
    #[serde(default)]
    pub limits: Vec<String>,
}

/// The tables for `migrate check`. Each is in the order of our words.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Mappings {
    /// How to refer to recipients; one row for each of [`RefKind::ALL`].
    #[serde(deserialize_with = "rows")]
    pub reference: Vec<Mapping<RefKind>>,
    /// What a list contains; one row for each of [`RecipientField::ALL`].
    #[serde(deserialize_with = "rows")]
    pub field: Vec<Mapping<RecipientField>>,
    /// The possible statuses of recipients; one row for each of [`RecipientStatus::NAMED`].
    #[serde(deserialize_with = "rows")]
    pub status: Vec<Mapping<RecipientStatus>>,
    /// What an envelope can contain; one row for each of [`EnvelopePart::ALL`].
    #[serde(deserialize_with = "rows")]
    pub envelope: Vec<Mapping<EnvelopePart>>,
    /// The stages of envelopes; one row for each of [`EnvelopeStage::ALL`].
    #[serde(deserialize_with = "rows")]
    pub stage: Vec<Mapping<EnvelopeStage>>,
    /// The webhook events; one row for each of [`WebhookEvent::NAMED`] if the vendor sends any. What it sends is made
    /// from its words.
    #[serde(deserialize_with = "rows")]
    pub event: Vec<Mapping<WebhookEvent>>,
    /// The errors of each operation, in addition to [`ErrorMapping::EVERYWHERE`].
    #[serde(deserialize_with = "rows_of_rows")]
    pub error: Vec<ErrorMapping>,
}

impl Mappings {
    /// The row of a way to refer to a recipient.
    pub fn reference(&self, kind: RefKind) -> Option<&Mapping<RefKind>> {
        self.reference.iter().find(|row| row.what == kind)
    }

    pub(super) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        lacks("reference", RefKind::ALL, &self.reference, &mut missing);
        lacks("field", RecipientField::ALL, &self.field, &mut missing);
        lacks("status", &RecipientStatus::NAMED, &self.status, &mut missing);
        lacks("envelope", EnvelopePart::ALL, &self.envelope, &mut missing);
        lacks("stage", EnvelopeStage::ALL, &self.stage, &mut missing);
        if !self.event.is_empty() {
            lacks("event", &WebhookEvent::NAMED, &self.event, &mut missing);
        }
        missing
    }
}

fn lacks<W: PartialEq + ToString>(table: &str, all: &[W], rows: &[Mapping<W>], missing: &mut Vec<String>) {
    let absent = all.iter().filter(|what| !rows.iter().any(|row| row.what == **what));
    missing.extend(absent.map(|what| format!("mapping.{table}.{}", what.to_string())));
}
