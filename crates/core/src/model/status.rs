//! The status of an envelope, and the outcome of a visit to its signing page, in vendor-neutral words.

use serde::{Serialize, Serializer};

use crate::model::word::{open_words, open_words_in_json};

open_words! {
    /// The status of an envelope. Open: an unknown vendor status is kept as [`EnvelopeStatus::Other`].
    EnvelopeStatus {
        /// Created, not sent.
        Draft = "draft";
        /// Sent and not finished; at some vendors also when it was opened.
        Sent = "sent";
        /// Sent, opened and not finished. Some vendors have no such status.
        Viewed = "viewed";
        /// Finished by all recipients.
        Completed = "completed";
        /// Declined by a recipient.
        Declined = "declined";
        /// Voided by the sender.
        Voided = "voided";
        /// Not finished in time. Some vendors void instead.
        Expired = "expired";
        /// Accepted for sending, but never created.
        Failed = "failed";
        /// Deleted.
        Deleted = "deleted";
    }
    /// A status that this library does not know, as the vendor wrote it.
    Other
}
open_words_in_json!(EnvelopeStatus);

impl EnvelopeStatus {
    /// Whether the status is final. An unknown status counts as not final.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Declined | Self::Voided | Self::Expired | Self::Failed | Self::Deleted
        )
    }
}

open_words! {
    /// The outcome of a visit to the signing page, as the returning browser reports it: a hint, never proof. Open: an
    /// unknown word is kept as [`ReturnOutcome::Other`].
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        let other = EnvelopeStatus::Other("a\u{1b}b".into());
        assert_eq!((other.to_string().as_str(), other.is_final()), ("a\\u{1b}b", false));
        for status in EnvelopeStatus::NAMED.into_iter().chain([other]) {
            let text = serde_json::to_string(&status).unwrap();
            assert_eq!(serde_json::from_str::<EnvelopeStatus>(&text).unwrap(), status);
        }
    }
}
