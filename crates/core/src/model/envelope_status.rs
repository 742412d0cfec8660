//! The status of an envelope, in words of ours.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::redact::escape_control;

/// The status of an envelope. Open: an unknown word of a vendor survives as [`EnvelopeStatus::Other`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvelopeStatus {
    /// Made, not sent. DocuSign `created`; BoldSign `Draft`, `Scheduled`.
    Draft,
    /// Sent and not finished. DocuSign `sent`; BoldSign `InProgress`, which also covers what was opened.
    Sent,
    /// Sent, opened and not finished. DocuSign `delivered`; BoldSign has no such status.
    Viewed,
    /// Everybody has done their part.
    Completed,
    /// Somebody declined.
    Declined,
    /// The sender took it back. DocuSign `voided`; BoldSign `Revoked`.
    Voided,
    /// Nobody finished it in time. BoldSign `Expired`; DocuSign voids instead.
    Expired,
    /// It was accepted for sending, but will never exist. BoldSign `SendFailed`.
    Failed,
    /// It was deleted. DocuSign `deleted`; BoldSign `isDeleted`.
    Deleted,
    /// A word that this library does not know, as the vendor wrote it.
    Other(String),
}

impl EnvelopeStatus {
    /// Every status with a name of ours, in the order in which they come.
    pub const NAMED: [EnvelopeStatus; 9] = [
        EnvelopeStatus::Draft,
        EnvelopeStatus::Sent,
        EnvelopeStatus::Viewed,
        EnvelopeStatus::Completed,
        EnvelopeStatus::Declined,
        EnvelopeStatus::Voided,
        EnvelopeStatus::Expired,
        EnvelopeStatus::Failed,
        EnvelopeStatus::Deleted,
    ];

    /// The stable word, or the vendor's for [`EnvelopeStatus::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            EnvelopeStatus::Draft => "draft",
            EnvelopeStatus::Sent => "sent",
            EnvelopeStatus::Viewed => "viewed",
            EnvelopeStatus::Completed => "completed",
            EnvelopeStatus::Declined => "declined",
            EnvelopeStatus::Voided => "voided",
            EnvelopeStatus::Expired => "expired",
            EnvelopeStatus::Failed => "failed",
            EnvelopeStatus::Deleted => "deleted",
            EnvelopeStatus::Other(word) => word,
        }
    }

    /// Whether nothing follows. An unknown word counts as not final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            EnvelopeStatus::Completed
                | EnvelopeStatus::Declined
                | EnvelopeStatus::Voided
                | EnvelopeStatus::Expired
                | EnvelopeStatus::Failed
                | EnvelopeStatus::Deleted
        )
    }
}

/// A vendor's own word stands with its control characters escaped.
impl fmt::Display for EnvelopeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape_control(self.as_str()))
    }
}

impl Serialize for EnvelopeStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EnvelopeStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let named = Self::NAMED.into_iter().find(|named| named.as_str() == word);
        Ok(named.unwrap_or(Self::Other(word)))
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
