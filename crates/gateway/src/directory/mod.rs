//! Tenants, their keys and accounts, and the ids of calls: the gateway's own tables in the file of the store.

mod accounts;
mod calls;
mod events;
mod parts;
mod schema;
mod tenants;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign::Result;
use countersign_vault::Vault;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use parts::{failed, unavailable};

pub use accounts::AccountRow;
pub use tenants::{Caller, Tenant};

/// How long to wait for another process to finish writing.
const BUSY: Duration = Duration::from_secs(5);

/// The gateway's tables. Clones share a connection.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    connection: Mutex<Connection>,
    vault: Vault,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

impl Directory {
    /// Opens the tables in the file of a store, which is there already, and brings them up to date. Blocks for some
    /// milliseconds.
    ///
    /// # Errors
    /// `Config` if the file cannot be opened, or was migrated by another version.
    pub fn open(path: &Path, vault: Vault) -> Result<Self> {
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            Ok(connection)
        };
        let mut connection = open().map_err(|error| failed(&error))?;
        schema::migrate(&mut connection)?;
        Ok(Self(Arc::new(Inner { connection: Mutex::new(connection), vault })))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `Unavailable` if it does not.
    pub async fn ping(&self) -> Result<()> {
        self.run(|work, _| work.query_row("select 1", [], |_| Ok(())).map_err(|error| failed(&error))).await
    }

    /// Runs a job in a transaction, off the threads that serve. Its changes are on disk when this returns `Ok`.
    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>, &Vault) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with(TransactionBehavior::Immediate, job).await
    }

    /// As [`Directory::run`], for a job that only reads: it does not wait for others that write.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>, &Vault) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.with(TransactionBehavior::Deferred, job).await
    }

    async fn with<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        job: impl FnOnce(&Transaction<'_>, &Vault) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        let run = move || {
            let mut connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction =
                connection.transaction_with_behavior(behavior).map_err(|error| failed(&error))?;
            let done = job(&transaction, &inner.vault)?;
            transaction.commit().map_err(|error| failed(&error))?;
            Ok(done)
        };
        tokio::task::spawn_blocking(run)
            .await
            .unwrap_or_else(|_| Err(unavailable("a job of the database failed")))
    }
}
