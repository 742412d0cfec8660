//! Seals entries under the key of their scope.

use std::fmt;
use std::sync::Arc;

use countersign_core::{Error, ErrorKind, Result};
use countersign_vault::{DataKey, KeyCache, Place, Vault, WrappedKey};
use secrecy::zeroize::Zeroizing;
use tokio_postgres::types::Type;

use crate::database::{Database, Statement, column};

/// The operator's keys, and the keys of scopes that they have unwrapped.
#[derive(Debug)]
pub(crate) struct Keys {
    vault: Vault,
    seal: KeyCache,
    fingerprint: KeyCache,
}

/// What a key of a scope is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Seal,
    Fingerprint,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Fingerprint => "fingerprint",
        }
    }
}

const FIND: Statement = Statement {
    sql: "select key_id, sealed from sealing_key where purpose = $1 and scope = $2",
    types: &[Type::TEXT, Type::TEXT],
};

const ADD: Statement = Statement {
    sql: "insert into sealing_key (purpose, scope, key_id, sealed) values ($1, $2, $3, $4) on conflict do nothing",
    types: &[Type::TEXT, Type::TEXT, Type::TEXT, Type::BYTEA],
};

const ALL: Statement = Statement {
    sql: "select purpose, scope, key_id, sealed from sealing_key where key_id <> $1",
    types: &[Type::TEXT],
};

const REWRAP: Statement = Statement {
    sql: "update sealing_key set key_id = $3, sealed = $4 where purpose = $1 and scope = $2 and key_id = $5",
    types: &[Type::TEXT, Type::TEXT, Type::TEXT, Type::BYTEA, Type::TEXT],
};

impl Keys {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, seal: KeyCache::default(), fingerprint: KeyCache::default() }
    }

    /// What seals and opens one row.
    pub(crate) async fn row<'a>(
        &self,
        database: &Database,
        table: &'static str,
        scope: &'a str,
        row: &'a str,
    ) -> Result<Sealer<'a>> {
        let key = self.key(database, Purpose::Seal, scope).await?;
        Ok(Sealer { key, table, scope, row })
    }

    /// The key of a scope's fingerprints.
    pub(crate) async fn fingerprint(&self, database: &Database, scope: &str) -> Result<Arc<DataKey>> {
        self.key(database, Purpose::Fingerprint, scope).await
    }

    async fn key(&self, database: &Database, purpose: Purpose, scope: &str) -> Result<Arc<DataKey>> {
        let cache = if purpose == Purpose::Seal { &self.seal } else { &self.fingerprint };
        if let Some(key) = cache.get(scope) {
            return Ok(key);
        }
        let purpose = purpose.as_str();
        if let Some(key) = self.find(database, purpose, scope).await? {
            return Ok(cache.put(scope, key));
        }
        let (_, wrapped) = self.vault.create_key(purpose, scope).map_err(from_vault)?;
        database.of(scope).rows(&ADD, &[&purpose, &scope, &wrapped.key_id, &wrapped.sealed]).await?;
        // Not the key from above: another process may have been first.
        let key = self.find(database, purpose, scope).await?;
        let missing =
            || Error::new(ErrorKind::Unexpected, "the key of a scope was removed from the database");
        Ok(cache.put(scope, key.ok_or_else(missing)?))
    }

    async fn find(&self, database: &Database, purpose: &str, scope: &str) -> Result<Option<DataKey>> {
        let Some(row) = database.of(scope).row(&FIND, &[&purpose, &scope]).await? else { return Ok(None) };
        let wrapped = WrappedKey { key_id: column(&row, "key_id")?, sealed: column(&row, "sealed")? };
        self.vault.unwrap_key(purpose, scope, &wrapped).map(Some).map_err(from_vault)
    }

    /// Wraps all keys under the first key of the vault; returns how many were wrapped under another one.
    pub(crate) async fn rewrap(&self, database: &Database) -> Result<usize> {
        let rows = database.across_scopes().rows(&ALL, &[&self.vault.key_id()]).await?;
        for row in &rows {
            let (purpose, scope): (String, String) = (column(row, "purpose")?, column(row, "scope")?);
            let wrapped = WrappedKey { key_id: column(row, "key_id")?, sealed: column(row, "sealed")? };
            if let Some(new) = self.vault.rewrap_key(&purpose, &scope, &wrapped).map_err(from_vault)? {
                let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
                    [&purpose, &scope, &new.key_id, &new.sealed, &wrapped.key_id];
                database.of(&scope).rows(&REWRAP, &values).await?;
            }
        }
        Ok(rows.len())
    }
}

/// Seals and opens the columns of one row.
pub(crate) struct Sealer<'a> {
    key: Arc<DataKey>,
    table: &'static str,
    scope: &'a str,
    row: &'a str,
}

impl fmt::Debug for Sealer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Sealer<'_> {
    fn place<'a>(&'a self, column: &'a str) -> Place<'a> {
        Place { table: self.table, scope: self.scope, row: self.row, column }
    }

    pub(crate) fn seal(&self, column: &str, plain: &[u8]) -> Result<Vec<u8>> {
        self.key.seal(&self.place(column), plain).map_err(from_vault)
    }

    pub(crate) fn open(&self, column: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.key.open(&self.place(column), sealed).map_err(from_vault)
    }

    /// Opens a text, if there is one.
    pub(crate) fn open_text(&self, column: &str, sealed: Option<&[u8]>) -> Result<Option<String>> {
        let open = |sealed| {
            let plain = self.open(column, sealed)?;
            String::from_utf8(plain.to_vec())
                .map_err(|_| Error::new(ErrorKind::Unexpected, "a stored text is damaged"))
        };
        sealed.map(open).transpose()
    }
}

/// Errors of the vault contain no keys and no plaintext.
fn from_vault(error: countersign_vault::Error) -> Error {
    Error::new(ErrorKind::Config, error.to_string()).with_source(error)
}
