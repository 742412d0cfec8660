//! `countersign webhook`.

pub(super) mod listen;
mod serve;
mod shown;
pub(super) mod verify;
