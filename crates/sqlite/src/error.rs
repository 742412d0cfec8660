//! Errors of the database as errors of the library. Their texts contain no values.

use std::path::Path;

use countersign_core::{Error, ErrorKind, Outcome, Retry};
use rusqlite::ErrorCode;

/// The database cannot be used now.
pub(crate) fn unavailable(message: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, message).with_outcome(Outcome::NoEffect, Retry::After(None))
}

/// A stored value is not what this version writes.
pub(crate) fn damaged() -> Error {
    Error::new(ErrorKind::Unexpected, "a row of the database was written by another version, or is damaged")
        .with_hint("run `countersign state check`")
}

/// From an error of SQLite. Its own message may repeat values, so only its code is used.
pub(crate) fn from_sqlite(error: &rusqlite::Error) -> Error {
    let Some(code) = error.sqlite_error() else { return damaged() };
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            unavailable("another process has locked the database for too long")
        }
        ErrorCode::DiskFull => {
            unavailable("there is no room to write the database").with_hint("free some disk space")
        }
        ErrorCode::ReadOnly => {
            unavailable("the database is read-only").with_outcome(Outcome::NoEffect, Retry::Never).with_hint(
                "check that this user may write the file and its folder, and that the disk is in order",
            )
        }
        ErrorCode::PermissionDenied | ErrorCode::CannotOpen => config(
            "the database cannot be opened or written",
            "check that this user may write the file and its folder",
        ),
        ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => {
            config("the file is not a database, or it is damaged", "restore it from a backup")
        }
        _ => {
            let message = format!("SQLite failed with code {}", code.extended_code);
            Error::new(ErrorKind::Unavailable, message).with_outcome(Outcome::NoEffect, Retry::Never)
        }
    }
}

/// With the file's name, where a user opens it.
pub(crate) fn opening(path: &Path, error: &Error) -> Error {
    error.clone().reworded(error.kind(), format!("{}: {}", path.display(), error.message()))
}

pub(crate) fn config(message: impl Into<String>, hint: &'static str) -> Error {
    Error::new(ErrorKind::Config, message.into()).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that fills up, or that the system makes read-only, is no mistake in anyone's settings.
    #[test]
    fn a_disk_that_takes_nothing_is_not_a_wrong_configuration() {
        for code in [rusqlite::ffi::SQLITE_FULL, rusqlite::ffi::SQLITE_READONLY, rusqlite::ffi::SQLITE_IOERR]
        {
            let error = from_sqlite(&rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
            assert_eq!(
                (error.kind(), error.outcome()),
                (ErrorKind::Unavailable, Outcome::NoEffect),
                "{code}"
            );
        }
    }
}
