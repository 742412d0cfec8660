//! Opens the file, and who writes next. SQLite keeps no queue: without one, a connection that writes again and again
//! keeps the others out.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_core::{Result, hidden};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use crate::error::{config, from_sqlite};

/// Identifies the file as one of Countersign, in its header: `cSgn`.
const APPLICATION: i32 = 0x6353_676e;
const STATEMENTS: usize = 64;

/// Opens the file; creates it if there is none, readable for its owner alone.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    create(path)?;
    let connection = existing(path)?;
    let of_application = identify(&connection)?;
    if !of_application {
        connection.pragma_update(None, "application_id", APPLICATION).map_err(|error| from_sqlite(&error))?;
    }
    // Two processes that create the file at once cannot wait for each other here, only try again.
    let until = Instant::now() + BUSY;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error) if is_busy(&error) && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            set => break set.map_err(|error| from_sqlite(&error))?,
        }
    }
    Ok(connection)
}

/// Opens the file as it is.
pub(crate) fn existing(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let configured = |path| -> rusqlite::Result<Connection> {
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_handler(Some(wait_for_writer))?;
        // A lost mark could send a mail twice, so every commit is synced to disk.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        // What is deleted is overwritten.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    };
    configured(path).map_err(|error| from_sqlite(&error))
}

/// Whether the file is one of Countersign; false if it is empty.
pub(crate) fn identify(connection: &Connection) -> Result<bool> {
    let read = || -> rusqlite::Result<(i32, i64)> {
        let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables = connection.query_row("select count(*) from sqlite_master", [], |row| row.get(0))?;
        Ok((application, tables))
    };
    match read().map_err(|error| from_sqlite(&error))? {
        (APPLICATION, _) => Ok(true),
        (0, 0) => Ok(false),
        _ => Err(config("the file is a database of another application", "choose another file")),
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn create(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // SQLite gives the files beside it the same mode.
        options.mode(0o600);
    }
    match options.open(path) {
        Err(problem) if problem.kind() != io::ErrorKind::AlreadyExists => Err(config(
            format!("the database cannot be created: {problem}"),
            "create the folder, and check that this user may write to it",
        )),
        _ => Ok(()),
    }
}

/// How long to wait for another process to finish writing.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// SQLite's own pauses grow to 100 ms. A process that writes in one transaction after the other would be found
/// writing each time.
const PAUSE: Duration = Duration::from_millis(1);

/// The order in which the connections of this process write: that in which they asked. A store has its own; further
/// connections of an application to the same file share it ([`Sqlite::turns`](crate::Sqlite::turns)). Clones are the
/// same one.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<()>>);

/// The turn of one connection, until it is dropped.
#[must_use = "it ends when it is dropped"]
pub struct Turn {
    _held: OwnedMutexGuard<()>,
}

hidden!(Turns {});

hidden!(Turn {});

impl Turns {
    /// Waits for a turn. Keep it for one transaction.
    pub async fn take(&self) -> Turn {
        Turn { _held: Arc::clone(&self.0).lock_owned().await }
    }

    /// On a thread of its own.
    pub(crate) fn wait(&self) -> MutexGuard<'_, ()> {
        self.0.blocking_lock()
    }
}

/// What a connection does while another process writes, for up to five seconds: a busy handler of SQLite, which is
/// given how often it was called before.
#[must_use]
pub fn wait_for_writer(calls: i32) -> bool {
    std::thread::sleep(PAUSE);
    PAUSE * calls.unsigned_abs() < BUSY
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test can cut the power, so this one reads what SQLite promises then.
    #[test]
    fn every_commit_is_synced_to_disk() {
        let path = std::env::temp_dir().join(format!("countersign-sqlite-sync-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let connection = open(&path).unwrap();
        let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
        let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        assert_eq!((read("journal_mode").as_str(), synchronous), ("wal", 2));
        drop(connection);
        std::fs::remove_file(&path).unwrap();
    }
}
