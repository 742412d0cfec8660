//! What the tests of this workspace share: a vendor in the sandbox, ready to be called through the client.

mod stage;

pub use stage::{Stage, stages};
