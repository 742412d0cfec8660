//! One interface to both databases.

use std::path::Path;
use std::time::Instant;

use countersign::{Error, ErrorKind, Result};
use countersign_sqlite::Turns;
use metrics::histogram;

#[cfg(feature = "postgres")]
use super::postgres;
use super::sqlite;
use super::value::{Row, Value};

/// The database. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Db(Engine);

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Postgres),
}

/// The database for statements about one tenant, or about all.
pub(crate) struct Scoped<'d> {
    db: &'d Db,
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has no rows that are hidden"))]
    tenant: Option<&'d str>,
}

/// A transaction that writes. Dropped before [`Work::commit`], it changes nothing; after an error it is over.
pub(crate) struct Work(EngineWork);

enum EngineWork {
    Sqlite(sqlite::Work),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Work>),
}

/// Records how long the database took, also if it failed.
struct Timing(&'static str, Instant);

impl Timing {
    fn of(what: &'static str) -> Self {
        Self(what, Instant::now())
    }
}

impl Drop for Timing {
    fn drop(&mut self) {
        let seconds = self.1.elapsed().as_secs_f64();
        histogram!("countersign_gateway_store_duration_seconds", "operation" => self.0).record(seconds);
    }
}

impl Db {
    /// Opens the file of a store, which is there already. Blocks for some milliseconds.
    ///
    /// # Errors
    /// `Config` if the file cannot be used.
    pub(crate) fn sqlite(path: &Path, turns: Turns) -> Result<Self> {
        Ok(Self(Engine::Sqlite(sqlite::Sqlite::open(path, turns)?)))
    }

    /// Uses the connections of a store.
    #[cfg(feature = "postgres")]
    pub(crate) fn postgres(sql: countersign_postgres::sql::Sql) -> Self {
        Self(Engine::Postgres(postgres::Postgres::new(sql)))
    }

    /// Removes what was deleted from SQLite's log of changes, beside its file. PostgreSQL has no such command.
    pub(crate) async fn forget_changes(&self) {
        if let Engine::Sqlite(sqlite) = &self.0
            && let Err(error) = sqlite.write("pragma wal_checkpoint(truncate)", &[]).await
        {
            tracing::warn!(%error, "the log of the database still has what was erased");
        }
    }

    /// For statements about the rows of one tenant, each of which names it.
    pub(crate) fn of<'d>(&'d self, tenant: &'d str) -> Scoped<'d> {
        Scoped { db: self, tenant: Some(tenant) }
    }

    /// For statements about the rows of several tenants, or of a tenant that is not known yet: the operator's, finding
    /// a key or a webhook's account, sweeping, taking work.
    pub(crate) fn across_tenants(&self) -> Scoped<'_> {
        Scoped { db: self, tenant: None }
    }
}

impl Scoped<'_> {
    /// The rows of a `select`.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn read(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let _timing = Timing::of("read");
        match &self.db.0 {
            Engine::Sqlite(sqlite) => sqlite.read(sql, values).await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => Ok(postgres.run(self.tenant, sql, values).await?.1),
        }
    }

    /// The first row of a `select`.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn read_one(&self, sql: &str, values: &[Value]) -> Result<Option<Row>> {
        Ok(self.read(sql, values).await?.into_iter().next())
    }

    /// Runs one statement that writes, as a transaction of its own; how many rows it changed, and those that it
    /// returns.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer. The statement may have taken effect.
    pub(crate) async fn write(&self, sql: &str, values: &[Value]) -> Result<(u64, Vec<Row>)> {
        let _timing = Timing::of("write");
        match &self.db.0 {
            Engine::Sqlite(sqlite) => sqlite.write(sql, values).await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => postgres.run(self.tenant, sql, values).await,
        }
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn begin(&self) -> Result<Work> {
        let _timing = Timing::of("begin");
        match &self.db.0 {
            Engine::Sqlite(sqlite) => Ok(Work(EngineWork::Sqlite(sqlite.begin().await?))),
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => {
                Ok(Work(EngineWork::Postgres(Box::new(postgres.begin(self.tenant).await?))))
            }
        }
    }
}

impl Work {
    /// The rows that a statement finds or returns.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        Ok(self.run(sql, values).await?.1)
    }

    /// The row that a statement always returns.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn query_one(&mut self, sql: &str, values: &[Value]) -> Result<Row> {
        let row = self.query(sql, values).await?.into_iter().next();
        row.ok_or_else(|| Error::new(ErrorKind::Unexpected, "the database returned no row"))
    }

    /// How many rows a statement changes.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64> {
        Ok(self.run(sql, values).await?.0)
    }

    async fn run(&mut self, sql: &str, values: &[Value]) -> Result<(u64, Vec<Row>)> {
        match &mut self.0 {
            EngineWork::Sqlite(work) => work.run(sql, values).await,
            #[cfg(feature = "postgres")]
            EngineWork::Postgres(work) => work.run(sql, values).await,
        }
    }

    /// Makes the first table if there is none, and prepares for changing the tables: then no other process can do so
    /// until this transaction ends.
    pub(super) async fn prepare_change(&mut self, first_table: &str) -> Result<()> {
        match &mut self.0 {
            // No one else writes anyway.
            EngineWork::Sqlite(work) => work.batch(first_table).await,
            #[cfg(feature = "postgres")]
            EngineWork::Postgres(work) => work.prepare_change(first_table).await,
        }
    }

    /// Hides the rows of tenants from each other in tables that are new, where the database can.
    pub(super) async fn secure_rows(&mut self) -> Result<()> {
        match &mut self.0 {
            EngineWork::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            EngineWork::Postgres(work) => work.secure_rows().await,
        }
    }

    /// Several statements without parameters, in the words of SQLite.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        match &mut self.0 {
            EngineWork::Sqlite(work) => work.batch(sql).await,
            #[cfg(feature = "postgres")]
            EngineWork::Postgres(work) => work.batch(sql).await,
        }
    }

    /// Keeps the changes: they are on disk when this returns `Ok`.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer. The changes may have been kept.
    pub(crate) async fn commit(self) -> Result<()> {
        let _timing = Timing::of("commit");
        match self.0 {
            EngineWork::Sqlite(work) => work.commit().await,
            #[cfg(feature = "postgres")]
            EngineWork::Postgres(work) => work.commit().await,
        }
    }
}
