//! How far a document is, by its status.

use crate::wire::Properties;

/// What a document's status means for its recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nobody was asked yet: `Draft`, `Scheduled`.
    NotSent,
    /// People can sign: `InProgress`, and every word that we do not know.
    Open,
    /// Nothing can be done any more: `Completed`, `Declined`, `Expired`, `Revoked`, or deleted.
    Closed,
}

pub(crate) fn stage(document: &Properties) -> Stage {
    of(document.status.as_deref(), document.is_deleted == Some(true))
}

/// The stage of a document that has this status.
pub(crate) fn of(status: Option<&str>, deleted: bool) -> Stage {
    let word = status.unwrap_or_default().trim();
    let one_of = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if deleted || one_of(&["Completed", "Declined", "Expired", "Revoked"]) {
        Stage::Closed
    } else if one_of(&["Draft", "Scheduled"]) {
        Stage::NotSent
    } else {
        Stage::Open
    }
}
