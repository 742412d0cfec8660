//! The status of a document as a whole.

use countersign_core::EnvelopeStatus;

use crate::row::filled;
use crate::wire::Properties;

/// The status that the properties tell.
pub(crate) fn of(document: &Properties) -> Option<EnvelopeStatus> {
    if document.is_deleted == Some(true) {
        return Some(EnvelopeStatus::Deleted);
    }
    filled(&document.status).map(status)
}

/// The words of the properties and of the list's filter.
pub(crate) fn status(word: &str) -> EnvelopeStatus {
    match word.to_ascii_lowercase().as_str() {
        "draft" | "scheduled" => EnvelopeStatus::Draft,
        "inprogress" | "waitingforme" | "waitingforothers" | "needattention" => EnvelopeStatus::Sent,
        "completed" => EnvelopeStatus::Completed,
        "declined" => EnvelopeStatus::Declined,
        "revoked" => EnvelopeStatus::Voided,
        "expired" => EnvelopeStatus::Expired,
        _ => EnvelopeStatus::Other(word.to_owned()),
    }
}
