//! Where the state is kept that outlives a process.

use std::path::{Path, PathBuf};

use countersign_core::{ExposeSecret, Result, SecretString, Settings};

const SQLITE: &str = "sqlite:";

/// The table `[state]`: a database for idempotency keys, tokens and webhooks seen, and the files of the keys that
/// seal it. This crate only reads the table; the crate of the database opens it.
#[derive(Debug, Clone)]
pub struct StateConfig {
    url: SecretString,
    transaction_pooler: bool,
    keys: Vec<PathBuf>,
    folder: PathBuf,
}

impl StateConfig {
    pub(super) fn understand(root: &Settings, folder: Option<&Path>) -> Result<Self> {
        let expected = "a table with `url`, such as url = \"sqlite:state.db\"";
        let table = root.table("state", expected)?;
        // Other addresses may contain a password.
        let url = match table.text("url")?.filter(|url| url.starts_with(SQLITE)) {
            Some(url) => SecretString::from(url),
            None => table.required_secret("url", "the database, such as url = \"sqlite:state.db\"")?,
        };
        let transaction_pooler = table.choice("pooler", &["none", "transaction"])? == Some("transaction");
        let folder = folder.unwrap_or(Path::new("")).to_path_buf();
        let keys = table.texts("keys")?.into_iter().map(|file| folder.join(file)).collect();
        table.finish()?;
        Ok(Self { url, transaction_pooler, keys, folder })
    }

    /// The address of the database. It may contain a password.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// Whether a pooler in transaction mode, such as PgBouncer, is between this process and the server.
    pub fn has_transaction_pooler(&self) -> bool {
        self.transaction_pooler
    }

    /// The file of an address `sqlite:FILE`, relative to the configuration's folder; `None` for other addresses.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let file = self.url.expose_secret().strip_prefix(SQLITE).filter(|file| !file.is_empty())?;
        Some(self.folder.join(file))
    }

    /// The files of the keys: the first one wraps, all of them unwrap.
    pub fn keys(&self) -> &[PathBuf] {
        &self.keys
    }
}
