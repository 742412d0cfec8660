//! Turns results into text: tables, sentences, errors, JSON. Nothing here calls a vendor or decides anything.

pub(crate) mod error;
pub(crate) mod explained;
pub(crate) mod json;
pub(crate) mod matrix;
pub(crate) mod migration;
pub(crate) mod outcomes;
pub(crate) mod people;
pub(crate) mod table;
pub(crate) mod wrap;
