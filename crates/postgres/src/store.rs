//! The store, as applications see it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::Result;
use countersign_core::store::{Check, Migrated};
use countersign_vault::{DataKey, Sealer, Vault};

use crate::database::Database;
use crate::migrate;
use crate::options::PostgresOptions;
use crate::seal::Keys;
use crate::tidy::{self, Tidy};

/// Countersign's durable state in one PostgreSQL database, which several processes may share.
///
/// It implements every store trait of `countersign_core::store`. Cloning is cheap: all clones share one pool.
#[derive(Debug, Clone)]
pub struct Postgres(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) database: Database,
    pub(crate) keys: Keys,
    pub(crate) keep: Duration,
    pub(crate) keep_seen: Duration,
    pub(crate) tidy: Tidy,
}

impl Inner {
    /// What seals and opens one row of a scope.
    pub(crate) async fn sealer<'a>(
        &self,
        table: &'static str,
        scope: &'a str,
        row: &'a str,
    ) -> Result<Sealer<'a>> {
        Ok(Sealer::new(self.seal_key(scope).await?, table, scope, row))
    }

    /// The key that seals the entries of a scope.
    pub(crate) async fn seal_key(&self, scope: &str) -> Result<Arc<DataKey>> {
        self.keys.seal(&self.database, scope).await
    }
}

impl Postgres {
    /// Connects, and checks that the tables are there and that the server keeps what it has committed.
    ///
    /// # Errors
    /// `Config` if the URL is wrong, the server refuses the user, the tables are missing (run
    /// [`Postgres::migrate`]), or the server may lose committed data. `Unavailable` if it cannot be reached.
    pub async fn connect(options: &PostgresOptions, vault: Vault) -> Result<Self> {
        let database = Database::new(options)?;
        let store = Self(Arc::new(Inner {
            database,
            keys: Keys::new(vault),
            keep: options.keep,
            keep_seen: options.keep_seen,
            tidy: Tidy::default(),
        }));
        store.check().await?;
        Ok(store)
    }

    /// Makes the tables, or changes them to those of this version. Several processes may do this at once, while others
    /// of this or the previous version use the tables.
    ///
    /// # Errors
    /// `Config` if the tables belong to another build or the user may not change them, `Unavailable` if the server
    /// cannot be reached. Nothing is changed then.
    pub async fn migrate(options: &PostgresOptions) -> Result<Migrated> {
        migrate::migrate(&Database::new(options)?, migrate::STEPS).await
    }

    /// Checks that the database can be reached, that its tables are those of this version, and that the server keeps
    /// what it has committed.
    ///
    /// # Errors
    /// As [`Postgres::connect`].
    pub async fn check(&self) -> Result<()> {
        let database = &self.0.database;
        migrate::check(database, migrate::STEPS).await?;
        migrate::durable(database).await
    }

    /// Checks a database without changing it: its schema, whether the server keeps what it has committed, and that
    /// the vault opens the keys of all scopes.
    ///
    /// # Errors
    /// `Config` if the URL is wrong, the server refuses the user, or there are no tables; `Unavailable` if it cannot
    /// be reached.
    pub async fn inspect(options: &PostgresOptions, vault: &Vault) -> Result<Check> {
        migrate::inspect(&Database::new(options)?, vault).await
    }

    /// Wraps all keys of scopes under the first key of the vault, so that the other keys can be removed. Returns how
    /// many were wrapped under another one. What they seal stays as it is.
    ///
    /// # Errors
    /// `Config` if a key of the vault is missing, `Unavailable` if the server cannot be reached. Then repeat it.
    pub async fn rewrap_keys(&self) -> Result<usize> {
        self.0.keys.rewrap(&self.0.database).await
    }

    /// Removes expired rows now, at most a thousand of each table. Returns whether there may be more. Calls do so by
    /// themselves every few minutes.
    ///
    /// # Errors
    /// `Unavailable` if the server cannot be reached.
    pub async fn remove_expired(&self) -> Result<bool> {
        tidy::remove_expired(&self.0.database).await
    }

    /// Starts removing expired rows if it is time.
    pub(crate) fn tidy(&self) {
        if self.0.tidy.is_due() {
            self.later(|store| async move {
                if tidy::remove_expired(&store.database).await? {
                    store.tidy.go_on();
                }
                Ok(())
            });
        }
    }

    /// Runs in a task of its own what a destructor cannot wait for. Its failure is not an error: leases end by
    /// themselves.
    pub(crate) fn later<F>(&self, work: impl FnOnce(Arc<Inner>) -> F)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let work = work(Arc::clone(&self.0));
        runtime.spawn(async move {
            if let Err(error) = work.await {
                tracing::warn!(%error, "an entry of the database was not changed; its lease will end");
            }
        });
    }
}
