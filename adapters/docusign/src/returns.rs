//! The way back from DocuSign: `event=…` in the return URL.

use std::time::Duration;

use countersign_core::{ReturnOutcome, ReturnWord, Returns};

const REFERENCE: &str =
    "https://developers.docusign.com/docs/esign-rest-api/reference/envelopes/envelopeviews/createrecipient/";
/// Lists two words which today's REST reference does not; whether they are still sent is unverified.
const SOAP: &str = "https://developers.docusign.com/docs/esign-soap-api/reference/administrative-group/embedded-callback-event-codes/";

/// Appended to the return URL, and given by DocuSign JS as `sessionEndType` where its browser library shows the page.
pub(crate) const RETURNS: Returns = Returns::silent()
    .outcome_in("event", WORDS)
    .posts(WORDS)
    // At most one read of an envelope in 15 minutes:
    // https://developers.docusign.com/docs/esign-rest-api/esign101/rules-and-limits/
    .polled_every(Duration::from_secs(15 * 60));

const WORDS: &[ReturnWord] = &[
    ReturnWord::new(
        "signing_complete",
        Some(ReturnOutcome::Signed),
        "the recipient finished signing",
        REFERENCE,
    ),
    ReturnWord::new(
        "viewing_complete",
        Some(ReturnOutcome::Viewed),
        "the recipient had nothing to sign and finished reading",
        REFERENCE,
    ),
    ReturnWord::new(
        "cancel",
        Some(ReturnOutcome::Cancelled),
        "the recipient chose to finish later, or closed the page",
        REFERENCE,
    ),
    ReturnWord::new(
        "decline",
        Some(ReturnOutcome::Declined),
        "the recipient declined; the envelope becomes `declined`",
        REFERENCE,
    ),
    ReturnWord::new(
        "exception",
        Some(ReturnOutcome::Failed),
        "an error at DocuSign ended the session",
        REFERENCE,
    ),
    ReturnWord::new("fax_pending", None, "the recipient chose to send the documents by fax", REFERENCE),
    ReturnWord::new(
        "session_timeout",
        Some(ReturnOutcome::SessionTimedOut),
        "nothing happened for 20 minutes, or for as long as the account allows",
        REFERENCE,
    ),
    ReturnWord::new(
        "ttl_expired",
        Some(ReturnOutcome::LinkExpired),
        "the link was not opened within five minutes, or was opened before",
        REFERENCE,
    ),
    ReturnWord::new(
        "access_code_failed",
        Some(ReturnOutcome::AccessCodeFailed),
        "wrong access codes, or the recipient said that they got none; the recipient is locked out",
        SOAP,
    ),
    ReturnWord::new(
        "id_check_failed",
        Some(ReturnOutcome::IdentityCheckFailed),
        "an identity check failed",
        SOAP,
    ),
];
