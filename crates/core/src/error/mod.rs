//! The one error type: what kind of failure it was, whether the operation took effect, what to do next; and the words
//! and rules of a vendor that decide it.

#[allow(clippy::module_inception, reason = "the type that gives the folder its name")]
mod error;
mod kind;
mod problem;
mod rules;

pub use error::{Detail, Error, Outcome, Result, Retry};
pub use kind::ErrorKind;
pub use problem::{Excerpt, Problem, redact_body};
pub use rules::{Rule, Vocabulary, default_kind};

pub(crate) use problem::tidy;
