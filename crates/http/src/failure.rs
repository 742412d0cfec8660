//! How far a request got, read from reqwest's errors.

use countersign_core::{Phase, TransportError, TransportFault};

/// Only a connection that never stood proves that nothing was sent.
pub(crate) fn failure(error: reqwest::Error) -> TransportError {
    let (fault, phase) = if error.is_builder() {
        (TransportFault::Setup, Phase::BeforeSending)
    } else if error.is_connect() && error.is_timeout() {
        (TransportFault::Timeout, Phase::BeforeSending)
    } else if error.is_connect() {
        (TransportFault::Connect, Phase::BeforeSending)
    } else if error.is_timeout() {
        (TransportFault::Timeout, Phase::AfterSending)
    } else {
        (TransportFault::Broken, Phase::AfterSending)
    };
    // reqwest prints the whole URL with its query.
    TransportError::new(fault, phase).with_source(error.without_url())
}
