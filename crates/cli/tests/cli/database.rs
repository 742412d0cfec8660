//! A configuration with a `[state]` in each kind of database.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use countersign::ledger::Ledger;
use countersign_core::SecretString;
use countersign_postgres::{Postgres, PostgresOptions};
use countersign_sqlite::Sqlite;
use countersign_testkit::servers::PgServer;
use countersign_vault::{KeyEncryptionKey, Vault};

use crate::support::{Run, command, folder};

/// A folder with a configuration; the database is in the folder or at a server.
pub(crate) struct Database {
    pub(crate) folder: PathBuf,
    /// Of PostgreSQL.
    url: Option<String>,
}

impl Database {
    /// SQLite, and PostgreSQL where it is installed, each with its tables.
    pub(crate) fn all(name: &str) -> impl Iterator<Item = Self> {
        let postgres = PgServer::shared().map(|server| Self::postgres(name, server.database()));
        [Self::sqlite(name)].into_iter().chain(postgres).inspect(|database| {
            database.at(command(&["state", "migrate"])).ran("").ends(0);
        })
    }

    /// SQLite, whose file the first command makes.
    pub(crate) fn sqlite(name: &str) -> Self {
        Self::new(name, "url = \"sqlite:state.db\"", None)
    }

    /// PostgreSQL at this URL, without tables.
    pub(crate) fn postgres(name: &str, url: String) -> Self {
        let state = format!("url = \"{url}\"\nkeys = [\"state.db.key\"]");
        let database = Self::new(&format!("{name}-postgres"), &state, Some(url));
        KeyEncryptionKey::read_or_create(&database.key()).expect("a key");
        database
    }

    fn new(name: &str, state: &str, url: Option<String>) -> Self {
        let folder = folder(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let database = Self { folder, url };
        std::fs::write(database.config(), format!("[state]\n{state}\n")).expect("a file");
        // A URL may contain a password.
        let own = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(database.config(), own).expect("its mode");
        database
    }

    /// The configuration.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("countersign.toml")
    }

    fn key(&self) -> PathBuf {
        self.folder.join("state.db.key")
    }

    /// A command with this configuration.
    pub(crate) fn at(&self, mut command: std::process::Command) -> std::process::Command {
        command.env("COUNTERSIGN_CONFIG", self.config());
        command
    }

    /// A text without what differs from run to run.
    pub(crate) fn hidden(&self, text: &str) -> String {
        let name = self.url.as_deref().and_then(|url| url.rsplit_once('/'));
        let text = text.replace(&*self.folder.to_string_lossy(), "DIR");
        name.map(|(_, name)| text.replace(name, "NAME")).unwrap_or(text)
    }

    /// As another process opens it.
    pub(crate) async fn ledger(&self) -> Box<dyn Ledger> {
        let vault = Vault::new([KeyEncryptionKey::read(&self.key()).expect("the key")]).expect("a vault");
        match &self.url {
            None => Box::new(Sqlite::open(&self.folder.join("state.db"), vault).expect("the store")),
            Some(url) => {
                let options = PostgresOptions::new(SecretString::from(url.as_str()));
                Box::new(Postgres::connect(&options, vault).await.expect("the store"))
            }
        }
    }

    /// The SQLite files, or what a dump of the PostgreSQL database contains.
    pub(crate) fn contents(&self) -> Vec<Vec<u8>> {
        match &self.url {
            None => {
                let files = ["state.db", "state.db-wal"].map(|file| self.folder.join(file));
                files.iter().filter_map(|file: &PathBuf| std::fs::read(file as &Path).ok()).collect()
            }
            Some(url) => vec![PgServer::shared().expect("the server").dump(url).into_bytes()],
        }
    }
}
