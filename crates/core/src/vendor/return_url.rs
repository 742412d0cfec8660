//! The outcome that a browser reports when it returns from a signing page. A hint, never proof.

use serde::{Serialize, Serializer};

use crate::model::word::open_words;

open_words! {
    /// The outcome of a visit to the signing page, as the returning browser reports it. Open: an unknown word is
    /// kept as [`ReturnOutcome::Other`].
    ReturnOutcome {
        /// The signer finished signing.
        Signed = "signed";
        /// The recipient had nothing to sign and finished reading.
        Viewed = "viewed";
        /// The signer left without finishing ("finish later") and can return.
        Cancelled = "cancelled";
        /// The signer declined.
        Declined = "declined";
        /// The signer entered wrong access codes, or has none, and is locked.
        AccessCodeFailed = "access_code_failed";
        /// The signer failed another identity check.
        IdentityCheckFailed = "identity_check_failed";
        /// The session timed out. A new link helps.
        SessionTimedOut = "session_timed_out";
        /// The link had expired or was already used. A new link helps.
        LinkExpired = "link_expired";
        /// An error at the vendor.
        Failed = "failed";
    }
    /// A word without a neutral meaning, unchanged, of at most 64 characters.
    Other
}

impl Serialize for ReturnOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
