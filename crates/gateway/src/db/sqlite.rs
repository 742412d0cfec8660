//! The tables in an SQLite file: one connection that writes, one that reads. Reading waits for no one's writing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::{Error, ErrorKind, Outcome, Result, Retry};
use countersign_sqlite::{Turn, Turns, wait_for_writer};
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, ToSql, params_from_iter};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::value::{Cell, Row, Value};

#[derive(Clone)]
pub(super) struct Sqlite {
    writer: Arc<Mutex<Timed>>,
    reader: Arc<Mutex<Timed>>,
    /// Shared with the store of the library, which writes to the same file.
    turns: Turns,
}

/// A connection, and what `now_us()` is in its present statement: one time for the whole, as in PostgreSQL.
struct Timed {
    connection: Connection,
    now: Arc<AtomicI64>,
}

/// A connection in use. Whatever happens to its user, it goes back without a transaction.
struct Held {
    timed: OwnedMutexGuard<Timed>,
    /// If it writes.
    _turn: Option<Turn>,
}

impl Held {
    /// The connection for the next statement.
    fn connection(&self) -> &Connection {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.timed.now.store(i64::try_from(since.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
        &self.timed.connection
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let connection = &self.timed.connection;
        if !connection.is_autocommit() {
            // A connection that cannot even do this is broken, and the next statement says so.
            let _ = connection.execute_batch("rollback");
        }
    }
}

/// A write transaction. After an error it is over.
pub(super) struct Work(Option<Held>);

impl Sqlite {
    /// Opens a file, which is there already. Blocks for some milliseconds.
    pub(super) fn open(path: &Path, turns: Turns) -> Result<Self> {
        let (writer, reader) = (connect(path)?, connect(path)?);
        reader.connection.pragma_update(None, "query_only", true).map_err(|error| failed(&error))?;
        Ok(Self { writer: Arc::new(Mutex::new(writer)), reader: Arc::new(Mutex::new(reader)), turns })
    }

    pub(super) async fn read(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let held = Held { timed: Arc::clone(&self.reader).lock_owned().await, _turn: None };
        run(held, sql, values).await.map(|(_, _, rows)| rows)
    }

    pub(super) async fn write(&self, sql: &str, values: &[Value]) -> Result<(u64, Vec<Row>)> {
        run(self.writer().await, sql, values).await.map(|(_, changed, rows)| (changed, rows))
    }

    async fn writer(&self) -> Held {
        let timed = Arc::clone(&self.writer).lock_owned().await;
        Held { timed, _turn: Some(self.turns.take().await) }
    }

    pub(super) async fn begin(&self) -> Result<Work> {
        Ok(Work(Some(batch(self.writer().await, "begin immediate".to_owned()).await?)))
    }
}

impl Work {
    pub(super) async fn run(&mut self, sql: &str, values: &[Value]) -> Result<(u64, Vec<Row>)> {
        let (held, changed, rows) = run(self.take()?, sql, values).await?;
        self.0 = Some(held);
        Ok((changed, rows))
    }

    /// Several statements without parameters.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        self.0 = Some(batch(self.take()?, sql.to_owned()).await?);
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        batch(self.take()?, "commit".to_owned()).await.map(drop)
    }

    fn take(&mut self) -> Result<Held> {
        self.0.take().ok_or_else(|| unavailable("the transaction is over"))
    }
}

fn connect(path: &Path) -> Result<Timed> {
    let connect = || -> rusqlite::Result<Timed> {
        let mut connection = Connection::open(path)?;
        connection.busy_handler(Some(wait_for_writer))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is deleted is overwritten.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        let now = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&now);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("now_us", 0, flags, move |_| Ok(clock.load(Ordering::Relaxed)))?;
        Ok(Timed { connection, now })
    };
    connect().map_err(|error| failed(&error))
}

/// Runs a statement off the threads that serve. The connection comes back unless there is an error.
async fn run(held: Held, sql: &str, values: &[Value]) -> Result<(Held, u64, Vec<Row>)> {
    // `$1` would be a name, and names are numbered in the order of their appearance.
    let (sql, values) = (sql.replace('$', "?").replace("{skip_locked}", ""), values.to_vec());
    let job = move || {
        let run = || -> rusqlite::Result<(u64, Vec<Row>)> {
            let connection = held.connection();
            let mut statement = connection.prepare_cached(&sql)?;
            let columns = statement.column_count();
            let mut answer = statement.query(params_from_iter(values.iter().map(parameter)))?;
            let mut rows = Vec::new();
            while let Some(row) = answer.next()? {
                let cells = (0..columns).map(|column| row.get_ref(column).map(cell));
                rows.push(Row(cells.collect::<rusqlite::Result<_>>()?));
            }
            Ok((connection.changes(), rows))
        };
        let (changed, rows) = run().map_err(|error| failed(&error))?;
        Ok((held, changed, rows))
    };
    tokio::task::spawn_blocking(job).await.unwrap_or_else(|_| Err(broken()))
}

async fn batch(held: Held, sql: String) -> Result<Held> {
    let job = move || held.connection().execute_batch(&sql).map(|()| held).map_err(|error| failed(&error));
    tokio::task::spawn_blocking(job).await.unwrap_or_else(|_| Err(broken()))
}

fn parameter(value: &Value) -> &dyn ToSql {
    match value {
        Value::Text(text) => text,
        Value::Int(int) => int,
        Value::Bytes(bytes) => bytes,
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(int) => Cell::Int(int),
        // The tables have no such columns.
        ValueRef::Real(_) => Cell::Null,
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    }
}

fn broken() -> Error {
    unavailable("a job of the database failed")
}

fn unavailable(message: &'static str) -> Error {
    Error::new(ErrorKind::Unavailable, message).with_outcome(Outcome::NoEffect, Retry::After(None))
}

/// Errors of the database. Their texts contain no values.
fn failed(error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            unavailable("another process has locked the database")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => unavailable("the database is read-only"),
        Some(ErrorCode::DiskFull) => unavailable("the disk of the database is full"),
        Some(ErrorCode::SystemIoFailure) => unavailable("the disk of the database does not work"),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Error::new(ErrorKind::Config, "the database is damaged").with_hint("restore it from a backup")
        }
        _ => unavailable("the database does not work"),
    }
}
