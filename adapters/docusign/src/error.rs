//! What DocuSign's refusals mean.

use bytes::Bytes;
use countersign_core::Problem;
use http::HeaderMap;

/// Reads DocuSign's account of a refusal out of any answer; what cannot be read stays empty.
pub(crate) fn read_problem(status: u16, _headers: &HeaderMap, _body: &Bytes) -> Problem {
    Problem::new(status)
}
