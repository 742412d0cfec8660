//! Why a return is rejected.

use countersign_core::Error;

use super::state::ReturnState;

/// Why a return is rejected. `Display` is one sentence, without any part of the URL.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnRefused {
    /// The last path segment is not one of our returns: truncated, changed, or made up.
    #[error("this is not a return from signing")]
    Malformed,
    /// Signed with a key that this application does not have, or no longer has.
    #[error("this return is signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong: forged or changed.
    #[error("this return was forged or changed")]
    Forged,
    /// It was valid, but is too old now.
    #[error("this return is too old")]
    Expired {
        /// The state of the return. Its signature is valid.
        state: Box<ReturnState>,
    },
    /// It was used before: a second click, a reload, the vendor's link used again, or a stolen URL.
    #[error("this return has been used before")]
    Replayed {
        /// The state of the return. Its signature is valid.
        state: Box<ReturnState>,
    },
    /// Signed by this application for a vendor that this program was built without.
    #[error("this return belongs to an unknown vendor")]
    UnknownVendor,
    /// The store of used returns is currently not available.
    #[error("returns cannot be checked at the moment")]
    Unavailable(#[source] Error),
}

impl ReturnRefused {
    /// The state of the return, if the signature is valid: enough to redirect a user to their contract, not to
    /// trust an outcome.
    pub fn state(&self) -> Option<&ReturnState> {
        match self {
            ReturnRefused::Expired { state } | ReturnRefused::Replayed { state } => Some(state),
            _ => None,
        }
    }

    /// The matching HTTP status: 400, 403, 409, 410, 500 or 503.
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
