//! What the fuzz targets share: vendors whose answers come from the fuzzer, and what must be true of every result.

mod answers;
mod play;

use countersign::redact::is_harmful;
use countersign::{Error, Retry};

pub use answers::{Answers, block_on, case, response};
pub use play::{ACCESS_CODE, Signing, VENDORS, Vendor, play, play_problem};

/// Fails if a text could drive a terminal or forge a line of a log.
pub fn is_harmless(what: &str, text: &str) {
    assert!(!text.contains(is_harmful), "{what} holds a control character: {text:?}");
}

/// Fails if a text shows one of the secrets.
pub fn hides(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
}

/// Fails if an error shows a secret that was sent, can do harm where it is shown, or is no stable document.
pub fn error_is_fit_to_show(error: &Error, secrets: &[&str]) {
    let line = error.to_string();
    is_harmless("an error's line", &line);
    hides("an error's line", &line, secrets);
    // Names of others are shortened in it.
    assert!(line.len() < 2000, "an error's line has {} bytes", line.len());
    is_harmless("a hint", error.hint());
    hides("a hint", error.hint(), secrets);
    assert!(error.hint().len() < 4000, "a hint has {} bytes", error.hint().len());
    let debug = format!("{error:?}");
    is_harmless("an error's Debug", &debug);
    hides("an error's Debug", &debug, secrets);
    if let Some(problem) = error.problem() {
        for text in [&problem.code, &problem.message, &problem.request_id].into_iter().flatten() {
            is_harmless("a vendor's word", text);
        }
        is_harmless("an excerpt", problem.body.as_str());
        hides("an excerpt", problem.body.as_str(), secrets);
    }
    let mut document = serde_json::to_value(error).expect("an error is a JSON document");
    for member in ["kind", "message", "hint", "outcome", "retry", "vendor", "operation", "details"] {
        assert!(document.get(member).is_some(), "an error's document lacks {member}");
    }
    // Details are word for word from the envelope, for the user who asked.
    document.as_object_mut().expect("an object").remove("details");
    hides("an error's document", &document.to_string(), secrets);
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        hides("a cause", &format!("{cause} {cause:?}"), secrets);
        is_harmless("a cause", &cause.to_string());
        source = cause.source();
    }
    if let Retry::After(Some(wait)) = error.retry() {
        assert!(wait.as_secs() <= 24 * 60 * 60, "a wait of {wait:?}");
    }
}
