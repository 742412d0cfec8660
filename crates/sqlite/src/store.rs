//! The store as a whole.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::Result;
use countersign_core::store::{Check, Migrated};
use countersign_vault::{KeyCache, Vault};

use crate::check::check;
use crate::connection;
use crate::error::opening;
use crate::keys::Keys;
use crate::migrate::migrate;
use crate::seal::rewrap;
use crate::writer::Writer;

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
