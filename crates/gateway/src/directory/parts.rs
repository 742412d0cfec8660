//! Errors, times and ids of the tables.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign::{Error, ErrorKind, Outcome, Retry};
use rusqlite::ErrorCode;

pub(super) fn unavailable(message: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, message).with_outcome(Outcome::NoEffect, Retry::After(None))
}

/// Errors of the database. Their texts contain no values.
pub(super) fn failed(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            unavailable("another process has locked the database")
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::new(ErrorKind::Config, "the database is damaged").with_hint("restore it from a backup")
        }
        _ => unavailable("the database does not work"),
    }
}

pub(super) fn sealing(error: countersign_vault::Error) -> Error {
    // Not the tenant's fault.
    Error::new(ErrorKind::Unexpected, "the tenant's key cannot be used")
        .with_hint("start with the key files that sealed the database")
        .with_source(error)
}

/// Microseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A new id with this prefix; later ones sort behind earlier ones.
pub(super) fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::now_v7().simple())
}
