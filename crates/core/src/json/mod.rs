//! Tolerant reading of vendors' JSON.
//!
//! Vendors write booleans and numbers as texts, omit absent values or write `null` or `""`, and add new members and
//! kinds. The types here accept all forms with the same meaning; [`members!`](crate::members) reads the objects of
//! long lists without an intermediate struct and without copying member names.

mod members;
mod scalar;
mod shape;

pub use scalar::{Flag, Frequent, Instant, Number, Parsed, Text, Word, filled, trimmed};
pub use shape::{Each, Loose, LooseInstant, LooseWord, Object, Open, OpenObject, Presence};

#[doc(hidden)]
pub use serde;
