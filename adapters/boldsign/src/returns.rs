//! The way back from BoldSign: the document's id in the return URL, and messages to a page that frames it.

use countersign_core::{ReturnOutcome, ReturnWord, Returns};

const FRAME: &str = "https://developers.boldsign.com/embedded-signing/embed-in-an-iframe/";

/// BoldSign appends `?documentId=…` literally, also behind a query that is there already, and no outcome: seen in the
/// code of three of its users. A browser comes back only after signing and declining, as far as those show.
pub(crate) const RETURNS: Returns = Returns::silent().envelope_in("documentId").posts(MESSAGES);

/// `event.data.action` of the messages. There is none for a failed authentication, an ended session or a closed page.
const MESSAGES: &[ReturnWord] = &[
    ReturnWord::new("onDocumentSigned", Some(ReturnOutcome::Signed), "the signer finished signing", FRAME),
    ReturnWord::new(
        "onDocumentSigningFailed",
        Some(ReturnOutcome::Failed),
        "signing failed at BoldSign",
        FRAME,
    ),
    ReturnWord::new("onDocumentDeclined", Some(ReturnOutcome::Declined), "the signer declined", FRAME),
    ReturnWord::new(
        "onDocumentDecliningFailed",
        Some(ReturnOutcome::Failed),
        "declining failed at BoldSign",
        FRAME,
    ),
    ReturnWord::new(
        "onDocumentReassigned",
        None,
        "the signer handed the document over to somebody else",
        FRAME,
    ),
    ReturnWord::new(
        "onDocumentReassigningFailed",
        Some(ReturnOutcome::Failed),
        "handing over failed at BoldSign",
        FRAME,
    ),
];
