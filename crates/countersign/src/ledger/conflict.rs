//! Why the ledger did not let a call run.

use std::error::Error as StdError;
use std::fmt;

use countersign_core::Error;

/// Why a call under a key was not made: what the ledger found under the key. Services that answer over HTTP map it
/// to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyConflict {
    /// Another call under the key is still in progress.
    Running,
    /// The call was made earlier, with an unknown outcome.
    Unknown,
    /// The key was used for another request.
    OtherRequest,
    /// The call was resolved as done; there is no recorded reply.
    Done,
    /// The ledger is full.
    Full,
}

impl KeyConflict {
    /// The conflict that an error reports; `None` if the call was made, or failed for another reason.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        error.source().and_then(|source| source.downcast_ref()).copied()
    }
}

impl fmt::Display for KeyConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "another call holds the key",
            Self::Unknown => "the key has an unknown outcome",
            Self::OtherRequest => "the key belongs to another request",
            Self::Done => "the key is resolved as done",
            Self::Full => "the ledger takes no more keys",
        })
    }
}

impl StdError for KeyConflict {}
