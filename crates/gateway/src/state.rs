//! Where the state is: a file for one machine, or a PostgreSQL database for several replicas.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use countersign::auth::{PendingSignIns, TokenStore};
use countersign::ledger::Ledger;
use countersign::{Error, Result};
#[cfg(feature = "postgres")]
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_sqlite::Sqlite;
use countersign_vault::Vault;

use crate::db::Db;

/// Where the state is. As a text: the path of a file, or a URL that begins with `postgres://`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum State {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(PostgresOptions),
}

impl From<PathBuf> for State {
    fn from(file: PathBuf) -> Self {
        Self::File(file)
    }
}

#[cfg(feature = "postgres")]
impl From<PostgresOptions> for State {
    fn from(options: PostgresOptions) -> Self {
        Self::Postgres(options)
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Ok(Self::File(text.into()));
        }
        #[cfg(feature = "postgres")]
        {
            let options = PostgresOptions::new(text.into());
            options.location()?;
            Ok(Self::Postgres(options))
        }
        #[cfg(not(feature = "postgres"))]
        Err(Error::new(countersign::ErrorKind::Config, "this gateway was built without PostgreSQL")
            .with_hint("give the path of a file, or build it with the feature `postgres`"))
    }
}

impl State {
    /// Whether it is a file that does not exist yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(self, Self::File(path) if !path.exists())
    }

    /// As a database behind a pooler in transaction mode, such as PgBouncer. A file stays as it is.
    #[must_use]
    pub fn behind_pooler(self) -> Self {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(options) => {
                Self::Postgres(PostgresOptions { pooler: Pooler::Transaction, ..options })
            }
            Self::File(path) => Self::File(path),
        }
    }
}

/// Without the user and the password of a URL.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            #[cfg(feature = "postgres")]
            Self::Postgres(options) => f.write_str(&options.location().unwrap_or_default()),
        }
    }
}

/// The stores of the library.
pub(crate) struct Store {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) tokens: Arc<dyn TokenStore>,
    pub(crate) sign_ins: Arc<dyn PendingSignIns>,
    engine: Engine,
}

enum Engine {
    Sqlite(Arc<Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Arc<Postgres>),
}

impl State {
    /// Opens the stores and the database, and brings the stores' tables up to date.
    ///
    /// # Errors
    /// `Config` if the file or the database cannot be used; `Unavailable` if it cannot be reached.
    pub(crate) async fn open(&self, vault: Vault) -> Result<(Store, Db)> {
        match self {
            Self::File(path) => {
                let store = Arc::new(Sqlite::open(path, vault)?);
                let db = Db::sqlite(path, store.turns())?;
                Ok((Store::new(Arc::clone(&store), Engine::Sqlite(store)), db))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(options) => {
                Postgres::migrate(options).await?;
                let store = Arc::new(Postgres::connect(options, vault).await?);
                let db = Db::postgres(store.sql());
                Ok((Store::new(Arc::clone(&store), Engine::Postgres(store)), db))
            }
        }
    }
}

impl Store {
    fn new<S: Ledger + TokenStore + PendingSignIns>(store: Arc<S>, engine: Engine) -> Self {
        Self { ledger: Arc::clone(&store) as _, tokens: Arc::clone(&store) as _, sign_ins: store, engine }
    }

    /// Wraps the stores' keys under the first key of the operator.
    pub(crate) async fn rewrap_keys(&self) -> Result<usize> {
        match &self.engine {
            Engine::Sqlite(store) => store.rewrap_keys().await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(store) => store.rewrap_keys().await,
        }
    }
}
