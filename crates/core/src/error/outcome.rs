//! Whether a failed request took effect, and whether the call may be repeated: one table for every step, vendor and
//! layer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Effect;

/// Whether the operation took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It had no effect: nothing was sent, or the requests only read.
    NoEffect,
    /// The vendor refused; it had no effect.
    Refused,
    /// It may or may not have taken effect. Check before repeating.
    Unknown,
}

impl Outcome {
    /// The stable word in stores, logs and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoEffect => "no_effect",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether the same call may be repeated. This accounts for what the call does: a mail that may have been sent is
/// never suggested for repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// No; the same call would fail or repeat an effect.
    Never,
    /// Yes, after the time that the vendor named or, if it named none, after a pause of the caller's choice.
    After(Option<Duration>),
}

/// What happened to a failed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing was sent.
    NotSent,
    /// The vendor refused; the same request may succeed later.
    RefusedForNow,
    /// The vendor refused.
    Refused,
    /// The vendor may have acted: no answer, a vendor failure, or an unreadable answer.
    Unknown,
}

impl Fate {
    /// The table.
    pub(crate) fn weigh(self, effect: Effect, wait: Option<Duration>) -> (Outcome, Retry) {
        let again = Retry::After(wait);
        match (self, effect) {
            (Self::NotSent, _) | (Self::RefusedForNow | Self::Unknown, Effect::Read) => {
                (Outcome::NoEffect, again)
            }
            (Self::RefusedForNow, _) => (Outcome::Refused, again),
            (Self::Refused, Effect::Read) => (Outcome::NoEffect, Retry::Never),
            (Self::Refused, _) => (Outcome::Refused, Retry::Never),
            (Self::Unknown, Effect::MintsLink | Effect::SetsState) => (Outcome::Unknown, again),
            // A message that may have been sent is never sent again.
            (Self::Unknown, Effect::Notifies) => (Outcome::Unknown, Retry::Never),
        }
    }
}

/// Whether a server that answers with this status may have done what was asked, unless a row of its vendor says so: it
/// failed or was too slow, or it points to the answer to a change that was made (303).
pub(crate) fn may_have_acted(status: u16, effect: Effect) -> bool {
    status >= 500 || status == 408 || (status == 303 && effect > Effect::MintsLink)
}
