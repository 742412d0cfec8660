//! What the tests of this workspace share: a vendor in the sandbox, ready to be called through the client, and the
//! suite of effects, which a test checks and an example prints.

#[cfg(doctest)]
mod book;
pub mod effects;
mod stage;

pub use stage::{Stage, Stub, config, stages, stages_with, table};
