//! Errors and ids of the tables.

use countersign::{Error, ErrorKind};
use serde::Serialize;
use zeroize::Zeroizing;

/// An envelope, under any spelling of its id: vendors write ids that are GUIDs in small letters, and callers as they
/// like.
pub(super) const AT_ENVELOPE: &str = "tenant = $1 and account = $2 and lower(envelope) = lower($3)";

pub(super) fn sealing(error: countersign_vault::Error) -> Error {
    // Not the tenant's fault.
    Error::new(ErrorKind::Unexpected, "the tenant's key cannot be used")
        .with_hint("start with the key files that sealed the database")
        .with_source(error)
}

/// What is sealed, as bytes. The types of this crate can always be written.
pub(super) fn json(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(serde_json::to_vec(value).unwrap_or_default())
}

pub(super) fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::Unexpected, format!("{what} of the database is damaged"))
}

/// A new id with this prefix; later ones sort behind earlier ones.
pub(super) fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
}
