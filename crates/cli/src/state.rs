//! The database of `[state]`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::{Config, Error, ErrorKind, Result};
use countersign_sqlite::Sqlite;
use countersign_vault::{KeyEncryptionKey, Vault};

use crate::args::Global;

/// A database and the keys that seal it.
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    keys: Vec<PathBuf>,
}

impl Place {
    /// The place that the configuration names, if it names one.
    ///
    /// # Errors
    /// Fails if the address is that of another kind of database.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>> {
        let Some(state) = config.state() else { return Ok(None) };
        let file = state.sqlite_file().ok_or_else(|| {
            Error::new(ErrorKind::Config, "the address of `[state]` is not one that this command can use")
                .with_hint("set `url` to \"sqlite:\" and a file, such as \"sqlite:state.db\"")
        })?;
        Ok(Some(Self { file, keys: state.keys().to_vec() }))
    }

    /// As [`Place::of`], for commands that are of no use without a database.
    ///
    /// # Errors
    /// Fails also if there is none.
    pub(crate) fn required(config: &Config) -> Result<Self> {
        Self::of(config)?.ok_or_else(missing)
    }

    /// The keys. Without configured ones, a file beside the database, which is created with the database.
    ///
    /// # Errors
    /// Fails if one cannot be read, or is weak or open to others.
    pub(crate) fn vault(&self) -> Result<Vault> {
        let vault = if self.keys.is_empty() { self.own_key() } else { Vault::read(&self.keys) };
        vault.map_err(|error| match &error {
            countersign_vault::Error::File { problem, .. } if problem.kind() == io::ErrorKind::NotFound => {
                config(&error).with_hint("restore the key; without it, the database cannot be read")
            }
            _ => config(&error),
        })
    }

    fn own_key(&self) -> std::result::Result<Vault, countersign_vault::Error> {
        let mut file = self.file.clone().into_os_string();
        file.push(".key");
        let file = Path::new(&file);
        // A new key beside an existing database would hide that the right one is lost.
        let key = if self.file.exists() {
            KeyEncryptionKey::read(file)
        } else {
            KeyEncryptionKey::read_or_create(file)
        };
        Vault::new([key?])
    }

    /// Opens the database, and creates it if there is none.
    ///
    /// # Errors
    /// As [`Place::vault`] and [`Sqlite::open`].
    pub(crate) fn open(&self) -> Result<Sqlite> {
        Sqlite::open(&self.file, self.vault()?)
    }
}

fn config(error: &countersign_vault::Error) -> Error {
    Error::new(ErrorKind::Config, error.to_string())
}

/// The error of whatever is of no use without a database.
pub(crate) fn missing() -> Error {
    Error::new(ErrorKind::Config, "no database is configured for what outlives a command").with_hint(
        "add to the configuration: [state] and, on the next line, url = \"sqlite:state.db\" (relative to its folder)",
    )
}

/// The configuration, with the tokens in the database if there is one.
///
/// # Errors
/// As [`Config::load`] and [`Place::open`].
pub(crate) fn configuration(global: &Global) -> Result<Config> {
    let config = Config::load(global.config())?;
    let Some(place) = Place::of(&config)? else { return Ok(config) };
    let store = match global.store.get() {
        Some(store) => Arc::clone(store),
        None => {
            let store = Arc::new(place.open()?);
            Arc::clone(global.store.get_or_init(|| store))
        }
    };
    Ok(config.with_token_store(&(store as Arc<dyn countersign::auth::TokenStore>)))
}
