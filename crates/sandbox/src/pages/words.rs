//! How pages say what the world knows.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::world::{RecipientState, Role, What};

/// A word as it stands in the control API's JSON, so that page and API say the same.
pub(super) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word.replace('_', " "),
        _ => String::new(),
    }
}

/// The world's time, for people.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// "1 attempt", "2 attempts".
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Where a recipient stands, as people say it.
pub(super) fn state(state: RecipientState, role: Role) -> &'static str {
    match state {
        RecipientState::Waiting => "waiting for others",
        RecipientState::InTurn => "asked to act",
        RecipientState::Viewed => "has opened it",
        RecipientState::Completed if role.signs() => "signed",
        RecipientState::Completed => "done",
        RecipientState::Declined => "declined",
        RecipientState::Reassigned => "passed on to somebody else",
    }
}

/// What happened to an envelope, as people say it.
pub(super) fn happening(what: What) -> &'static str {
    match what {
        What::Created => "made",
        What::Sent => "sent",
        What::Viewed => "opened",
        What::Signed => "signed",
        What::Reviewed => "read",
        What::SignedEmbedded => "signed within the application",
        What::ReviewedEmbedded => "read within the application",
        What::Completed => "completed",
        What::Declined => "declined",
        What::Voided => "voided",
        What::Reminded => "reminded",
        What::LinkMade => "signing link made",
        What::CodeFailed => "locked out after wrong access codes",
        What::IdCheckFailed => "identity check failed",
        What::Reassigned => "passed on to somebody else",
        What::CodeChanged => "access code changed",
        What::CodeAdded => "access code set",
        What::CodeRemoved => "access code taken away",
    }
}
