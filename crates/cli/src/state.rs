//! The database of `[state]`.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::auth::TokenStore;
use countersign::ledger::Ledger;
use countersign::secrecy::ExposeSecret;
use countersign::webhook::SeenStore;
use countersign::{Config, Error, ErrorKind, Result, StateConfig};
#[cfg(feature = "postgres")]
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_sqlite::{Check, Migrated, Sqlite};
use countersign_vault::{KeyEncryptionKey, Vault};

/// What commands keep in a database.
pub(crate) trait Store: Ledger + SeenStore + TokenStore {}

impl<S: Ledger + SeenStore + TokenStore> Store for S {}

/// A database and the keys that seal it.
pub(crate) struct Place {
    database: Database,
    keys: Vec<PathBuf>,
}

enum Database {
    Sqlite(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(PostgresOptions, String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.database {
            Database::Sqlite(file) => file.display().fmt(f),
            #[cfg(feature = "postgres")]
            Database::Postgres(_, location) => f.write_str(location),
        }
    }
}

impl Place {
    /// The place that the configuration names, if it names one.
    ///
    /// # Errors
    /// Fails if the address is that of another kind of database, or of one that needs keys without any.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>> {
        let Some(state) = config.state() else { return Ok(None) };
        let database = match state.sqlite_file() {
            Some(file) => Database::Sqlite(file),
            None => server(state)?,
        };
        Ok(Some(Self { database, keys: state.keys.clone() }))
    }

    /// As [`Place::of`], for commands that are of no use without a database.
    pub(crate) fn required(config: &Config) -> Result<Self> {
        Self::of(config)?.ok_or_else(missing)
    }

    /// The keys. Without configured ones, a file beside the SQLite database, which is created with the database.
    fn vault(&self) -> Result<Vault> {
        let vault = match &self.database {
            Database::Sqlite(file) if self.keys.is_empty() => own_key(file),
            _ => Vault::read(&self.keys),
        };
        vault.map_err(|error| match &error {
            countersign_vault::Error::File { problem, .. } if problem.kind() == io::ErrorKind::NotFound => {
                misconfigured(error.to_string(), "restore the key; without it, the database cannot be read")
            }
            _ => Error::new(ErrorKind::Config, error.to_string()),
        })
    }

    /// Opens the database. A SQLite file is created if there is none.
    ///
    /// # Errors
    /// Fails if a key cannot be read, or is weak or open to others; and as [`Sqlite::open`] or [`Postgres::connect`].
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>> {
        let vault = self.vault()?;
        Ok(match &self.database {
            Database::Sqlite(file) => Arc::new(Sqlite::open(file, vault)?),
            #[cfg(feature = "postgres")]
            Database::Postgres(options, _) => Arc::new(Postgres::connect(options, vault).await?),
        })
    }

    /// Creates the tables or brings them up to date, and wraps all keys of scopes under the first key. Returns how
    /// many were wrapped under another one.
    pub(crate) async fn migrate(&self) -> Result<(Migrated, usize)> {
        // The key first: it is created only if there is no database.
        let vault = self.vault()?;
        Ok(match &self.database {
            Database::Sqlite(file) => {
                (Sqlite::migrate(file)?, Sqlite::open(file, vault)?.rewrap_keys().await?)
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(options, _) => (
                Postgres::migrate(options).await?,
                Postgres::connect(options, vault).await?.rewrap_keys().await?,
            ),
        })
    }

    /// Checks the database without changing it.
    pub(crate) async fn check(&self) -> Result<Check> {
        match &self.database {
            // Before the keys, since one is created for a new database.
            Database::Sqlite(file) if !file.exists() => {
                let hint = "run `countersign state migrate`, which creates it";
                Err(misconfigured(format!("there is no database {self} yet"), hint))
            }
            Database::Sqlite(file) => Sqlite::check(file, &self.vault()?),
            #[cfg(feature = "postgres")]
            Database::Postgres(options, _) => Postgres::inspect(options, &self.vault()?).await,
        }
    }
}

/// The database of an address that is no file.
fn server(state: &StateConfig) -> Result<Database> {
    let url = state.url.expose_secret();
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        let hint = "set `url` to \"sqlite:\" and a file, such as \"sqlite:state.db\", or to \"postgres://…\"";
        return Err(misconfigured("the address of `[state]` is not one that this command can use", hint));
    }
    #[cfg(not(feature = "postgres"))]
    return Err(misconfigured(
        "this build of the command cannot open PostgreSQL databases",
        "build it with the cargo feature `postgres`, which is on by default",
    ));
    #[cfg(feature = "postgres")]
    {
        if state.keys.is_empty() {
            let hint = "create one with `umask 077; openssl rand -base64 32 > state.key`, and add keys = \
                        [\"state.key\"] (relative to the configuration's folder); all machines need the same one";
            return Err(misconfigured("`[state]` needs key files for a PostgreSQL database", hint));
        }
        let pooler = if state.transaction_pooler { Pooler::Transaction } else { Pooler::None };
        let options = PostgresOptions { pooler, ..PostgresOptions::new(state.url.clone()) };
        let location = options.location()?;
        Ok(Database::Postgres(options, location))
    }
}

fn own_key(database: &Path) -> std::result::Result<Vault, countersign_vault::Error> {
    let mut file = database.as_os_str().to_owned();
    file.push(".key");
    let file = Path::new(&file);
    // A new key beside an existing database would hide that the right one is lost.
    let key =
        if database.exists() { KeyEncryptionKey::read(file) } else { KeyEncryptionKey::read_or_create(file) };
    Vault::new([key?])
}

/// The error of whatever is of no use without a database.
pub(crate) fn missing() -> Error {
    let hint = "add to the configuration: [state] and, on the next line, url = \"sqlite:state.db\" (relative to its folder)";
    misconfigured("no database is configured for what outlives a command", hint)
}

/// The configuration is wrong, or lacks what a command needs.
pub(crate) fn misconfigured(
    message: impl Into<Cow<'static, str>>,
    hint: impl Into<Cow<'static, str>>,
) -> Error {
    Error::new(ErrorKind::Config, message).with_hint(hint)
}
