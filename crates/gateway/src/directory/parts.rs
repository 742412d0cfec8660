//! Errors and ids of the tables.

use countersign::{Error, ErrorKind};

pub(super) fn sealing(error: countersign_vault::Error) -> Error {
    // Not the tenant's fault.
    Error::new(ErrorKind::Unexpected, "the tenant's key cannot be used")
        .with_hint("start with the key files that sealed the database")
        .with_source(error)
}

/// A new id with this prefix; later ones sort behind earlier ones.
pub(super) fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
}
