//! The store as a whole.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::Result;
use countersign_core::store::{Check, Migrated};
use countersign_vault::{KeyCache, Vault, WrappedKey};
use rusqlite::Connection;

use crate::connection::{self, Turns, existing, identify};
use crate::error::{config, from_sqlite, opening};
use crate::migrate::{applied, migrate, newest};
use crate::seal::rewrap;
use crate::time;
use crate::writer::{Keys, Writer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The state of Countersign in one SQLite file. Clones share the file's connection; the last one closes it.
#[derive(Debug, Clone)]
pub struct Sqlite {
    pub(crate) writer: Writer,
    /// The keys of scopes' fingerprints that are surely in the file.
    pub(crate) fingerprint_keys: Arc<KeyCache>,
    pub(crate) keep: Duration,
    pub(crate) keep_seen: Duration,
}

impl Sqlite {
    /// The order in which this process writes, for further connections to the file.
    #[must_use]
    pub fn turns(&self) -> Turns {
        self.writer.turns()
    }

    /// Opens a file, creates it if there is none, and applies the schema steps that it lacks. Blocks for some
    /// milliseconds.
    ///
    /// # Errors
    /// `Config` if the file cannot be opened, is not a database of Countersign, or was migrated by another version;
    /// `Unavailable` if another process has locked it for more than five seconds.
    pub fn open(path: &Path, vault: Vault) -> Result<Self> {
        let open = || {
            let mut connection = connection::open(path)?;
            migrate(&mut connection)?;
            Writer::start(connection, Keys::new(vault))
        };
        Ok(Self {
            writer: open().map_err(|error| opening(path, &error))?,
            fingerprint_keys: Arc::default(),
            keep: DAY,
            keep_seen: 30 * DAY,
        })
    }

    /// Keeps replies and resolved calls for this time in place of a day, signing links no longer than they work.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// Remembers webhooks for this time in place of 30 days.
    #[must_use]
    pub fn keep_seen(mut self, keep: Duration) -> Self {
        self.keep_seen = keep;
        self
    }

    /// Applies the schema steps that a file lacks; creates the file if there is none.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn migrate(path: &Path) -> Result<Migrated> {
        connection::open(path)
            .and_then(|mut connection| migrate(&mut connection))
            .map_err(|error| opening(path, &error))
    }

    /// Checks a file without changing it: its schema, its pages, and that the vault opens its keys.
    ///
    /// # Errors
    /// `Config` if there is no such file, or it is not a database of Countersign.
    pub fn check(path: &Path, vault: &Vault) -> Result<Check> {
        check(path, vault).map_err(|error| opening(path, &error))
    }

    /// Wraps the keys of all scopes under the first key of the vault; returns how many were wrapped under another
    /// one. Afterwards the other keys are no longer needed.
    ///
    /// # Errors
    /// `Config` if one of the keys that wrap them is not configured.
    pub async fn rewrap_keys(&self) -> Result<usize> {
        self.writer.run(rewrap).await
    }
}

fn check(path: &Path, vault: &Vault) -> Result<Check> {
    let connection = existing(path)?;
    if !identify(&connection)? {
        return Err(config("the file is empty", "run `countersign state migrate`"));
    }
    let mut check = Check::default();
    check.schema = applied(&connection)?;
    check.newest = newest();
    if check.schema > 0 {
        read(&connection, vault, &mut check).map_err(|error| from_sqlite(&error))?;
    }
    Ok(check)
}

fn read(connection: &Connection, vault: &Vault, check: &mut Check) -> rusqlite::Result<()> {
    let mut pages = connection.prepare("pragma integrity_check(10)")?;
    for line in pages.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            check.problems.push(format!("the file is damaged: {line}"));
        }
    }
    let mut keys = connection
        .prepare("select purpose, scope, key_id, sealed from sealing_key order by scope, purpose")?;
    let mut rows = keys.query([])?;
    while let Some(row) = rows.next()? {
        let (purpose, scope): (String, String) = (row.get(0)?, row.get(1)?);
        let wrapped = WrappedKey { key_id: row.get(2)?, sealed: row.get(3)? };
        vault.check_key(check, &purpose, &scope, &wrapped);
    }
    let calls = "select count(*), count(*) filter (where state = 'in_flight' and lease_until <= ?1) from call \
                 where expires_at is null or expires_at > ?1";
    (check.calls, check.unresolved) = connection.query_row(calls, [time::now()], |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    Ok(())
}
