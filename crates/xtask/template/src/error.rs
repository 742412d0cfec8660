//! Acme's refusals: what each means, and reading a problem out of any answer.

use bytes::Bytes;
use countersign_core::{Problem, Rule};
use http::HeaderMap;

/// The rows of Acme's codes, each with its source; a status without a row has the default meaning.
pub(crate) static RULES: &[Rule] = &[];

/// Reads what Acme says about a refusal. Cannot fail: what cannot be read stays empty.
pub(crate) fn read_problem(status: u16, _headers: &HeaderMap, _body: &Bytes) -> Problem {
    Problem::new(status)
}
