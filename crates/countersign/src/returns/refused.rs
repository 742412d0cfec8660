//! Why a return is rejected.

use std::fmt;

use countersign_core::Error;

use super::state::ReturnState;

/// Why a return is rejected. `Display` is one sentence, without any part of the URL.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ReturnRefused {
    /// The last path segment is not one of our returns: truncated, changed, or made up.
    Malformed,
    /// Signed with a key that this application does not have, or no longer has.
    UnknownKey,
    /// The signature is wrong: forged or changed.
    Forged,
    /// It was valid, but is too old now.
    Expired {
        /// The state of the return. Its signature is valid.
        state: Box<ReturnState>,
    },
    /// It was used before: a second click, a reload, the vendor's link used again, or a stolen URL.
    Replayed {
        /// The state of the return. Its signature is valid.
        state: Box<ReturnState>,
    },
    /// Signed by this application for a vendor that this program was built without.
    UnknownVendor,
    /// The store of used returns is currently not available.
    Unavailable(Error),
}

impl ReturnRefused {
    /// The state of the return, if the signature is valid: enough to redirect a user to their contract, not to
    /// trust an outcome.
    #[must_use]
    pub fn state(&self) -> Option<&ReturnState> {
        match self {
            ReturnRefused::Expired { state } | ReturnRefused::Replayed { state } => Some(state),
            _ => None,
        }
    }

    /// The matching HTTP status: 400, 403, 409, 410, 500 or 503.
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
            ReturnRefused::Malformed => "this is not a return from signing",
            ReturnRefused::UnknownKey => "this return is signed with an unknown key",
            ReturnRefused::Forged => "this return was forged or changed",
            ReturnRefused::Expired { .. } => "this return is too old",
            ReturnRefused::Replayed { .. } => "this return has been used before",
            ReturnRefused::UnknownVendor => "this return belongs to an unknown vendor",
            ReturnRefused::Unavailable(_) => "returns cannot be checked at the moment",
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
