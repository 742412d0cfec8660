//! Errors of the database as errors of the library. Their texts contain no values.

use std::error::Error as _;

use countersign_core::{Error, ErrorKind, Outcome, Retry};
use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

/// What to do where tables are missing.
pub(crate) const MIGRATE: &str =
    "make the tables with `countersign state migrate`, `countersign-gateway migrate` or `Postgres::migrate`";

const POOLER: &str = "if there is a pooler in transaction mode, set `pooler = \"transaction\"` in `[state]`, or \
                      `Pooler::Transaction`";

/// The database did not answer in time, or there is no connection to it.
pub(crate) fn unavailable(message: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, message)
        .with_outcome(Outcome::NoEffect, Retry::After(None))
        .with_hint("check that the database is running and can be reached")
}

/// From an error of a statement.
pub(crate) fn from_statement(error: &tokio_postgres::Error) -> Error {
    let Some(code) = error.code() else { return unavailable("the connection to the database was lost") };
    // The message and the details of the database may repeat values; its code does not.
    let message = format!("the database rejected a statement (SQLSTATE {})", code.code());
    if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::UNDEFINED_COLUMN {
        return Error::new(ErrorKind::Config, message).with_hint(MIGRATE);
    }
    if is_read_only(code) {
        return unavailable("the database is read-only: it has become a standby");
    }
    if *code == SqlState::DISK_FULL {
        return unavailable("the disk of the database is full");
    }
    if is_passing(code) {
        return unavailable("the database cannot do this now").reworded(ErrorKind::Unavailable, message);
    }
    if *code == SqlState::UNDEFINED_PSTATEMENT || *code == SqlState::DUPLICATE_PSTATEMENT {
        return Error::new(ErrorKind::Config, message).with_hint(POOLER);
    }
    Error::new(ErrorKind::Config, message).with_hint("check the rights of the database's user, and its log")
}

/// Classes of errors that are over by themselves: lost connections, no resources, an operator's intervention, a
/// conflict with another transaction, and a server that has become a standby.
fn is_passing(code: &SqlState) -> bool {
    ["08", "53", "57", "58", "40"].iter().any(|class| code.code().starts_with(class)) || is_read_only(code)
}

/// The server has become a standby.
pub(crate) fn is_read_only(code: &SqlState) -> bool {
    *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

/// From an error of the pool.
pub(crate) fn from_pool(error: &PoolError) -> Error {
    match error {
        PoolError::Backend(error) => from_connecting(error),
        _ => unavailable("there is no connection to the database"),
    }
}

/// From an error of connecting.
pub(crate) fn from_connecting(error: &tokio_postgres::Error) -> Error {
    match error.code() {
        Some(code) if *code == SqlState::PROTOCOL_VIOLATION => {
            // What a pooler says to settings of a session.
            let message = "the database refuses the settings of a session (SQLSTATE 08P01)";
            Error::new(ErrorKind::Config, message).with_hint(POOLER)
        }
        Some(code) if !is_passing(code) => {
            let message = format!("the database refuses the connection (SQLSTATE {})", code.code());
            Error::new(ErrorKind::Config, message)
                .with_hint("check user, password and database in its URL")
        }
        None if is_tls(error) => Error::new(
            ErrorKind::Config,
            "the database offers no TLS, or has a certificate that is not trusted",
        )
        .with_hint(
            "name the authority's file as `sslrootcert` and the certificate's host in the URL, or turn TLS off \
                     with `sslmode=disable`",
        ),
        _ => unavailable("the database cannot be reached"),
    }
}

/// Whether TLS itself failed, and not only the connection below it.
fn is_tls(error: &tokio_postgres::Error) -> bool {
    // The kind is visible in the text only.
    if !error.to_string().starts_with("error performing TLS handshake") {
        return false;
    }
    match error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>()) {
        Some(cause) => {
            cause.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
        }
        None => true,
    }
}
