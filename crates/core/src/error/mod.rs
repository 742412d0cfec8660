//! The error type: the kind of failure, whether the operation took effect, what to do next; and the rules of a
//! vendor that determine it.

#[allow(clippy::module_inception, reason = "the type that gives the folder its name")]
mod error;
mod hint;
mod kind;
mod outcome;
mod parts;
mod problem;
mod rules;

pub use error::{Detail, Error, Result};
pub use kind::ErrorKind;
pub use outcome::{Outcome, Retry};
pub use problem::{Excerpt, Problem, redact_body};
pub use rules::{Vocabulary, default_kind};

pub(crate) use outcome::{Fate, may_have_acted};
pub(crate) use parts::ErrorParts;
pub(crate) use problem::tidy;
