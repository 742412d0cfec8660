//! Why a return is not believed.

use std::fmt;

use countersign_core::Error;

use super::state::ReturnState;

/// Why a return is not accepted. `Display` is one sentence, without anything of the URL.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ReturnRefused {
    /// The last part of the path is no return of ours: cut, altered, or made up.
    Malformed,
    /// Signed with a key that this application does not have, or no longer.
    UnknownKey,
    /// The signature is wrong: forged or altered.
    Forged,
    /// Good once, and too old now.
    Expired {
        /// Whose return it was. Its signature is good.
        state: Box<ReturnState>,
    },
    /// It has come before: a second click, a reload, the vendor's link used again, or somebody who got hold of it.
    Replayed {
        /// Whose return it was. Its signature is good.
        state: Box<ReturnState>,
    },
    /// Signed by us for a vendor that this program was built without.
    UnknownVendor,
    /// The store of returns that have come cannot be asked at present.
    Unavailable(Error),
}

impl ReturnRefused {
    /// Whose return it was, where the signature is good: enough to lead a person to their contract, not to believe an
    /// outcome.
    #[must_use]
    pub fn state(&self) -> Option<&ReturnState> {
        match self {
            ReturnRefused::Expired { state } | ReturnRefused::Replayed { state } => Some(state),
            _ => None,
        }
    }

    /// The HTTP status that fits: 400, 403, 409, 410, 500 or 503.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            ReturnRefused::Malformed => 400,
            ReturnRefused::UnknownKey | ReturnRefused::Forged => 403,
            ReturnRefused::Replayed { .. } => 409,
            ReturnRefused::Expired { .. } => 410,
            ReturnRefused::UnknownVendor => 500,
            ReturnRefused::Unavailable(_) => 503,
        }
    }
}

impl fmt::Display for ReturnRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReturnRefused::Malformed => "this is no return from signing",
            ReturnRefused::UnknownKey => "this return is signed with a key that is not known here",
            ReturnRefused::Forged => "this return was forged or altered",
            ReturnRefused::Expired { .. } => "this return is too old",
            ReturnRefused::Replayed { .. } => "this return has been used before",
            ReturnRefused::UnknownVendor => "this return is from a vendor that is not known here",
            ReturnRefused::Unavailable(_) => "returns cannot be checked at present",
        })
    }
}

impl std::error::Error for ReturnRefused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReturnRefused::Unavailable(error) => Some(error),
            _ => None,
        }
    }
}
