//! Seals entries under the key of their scope.

use std::sync::Arc;

use countersign_core::{Error, ErrorKind, Result};
use countersign_vault::{DataKey, KeyCache, Vault, WrappedKey};

use crate::database::{Database, Typed, column};

/// The operator's keys, and the keys of scopes that they have unwrapped.
#[derive(Debug)]
pub(crate) struct Keys {
    vault: Vault,
    seal: KeyCache,
    fingerprint: KeyCache,
}

const FIND: &str = "select key_id, sealed from sealing_key where purpose = $1 and scope = $2";

const ADD: &str =
    "insert into sealing_key (purpose, scope, key_id, sealed) values ($1, $2, $3, $4) on conflict do nothing";

const ALL: &str = "select purpose, scope, key_id, sealed from sealing_key where key_id <> $1";

const REWRAP: &str =
    "update sealing_key set key_id = $3, sealed = $4 where purpose = $1 and scope = $2 and key_id = $5";

impl Keys {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, seal: KeyCache::default(), fingerprint: KeyCache::default() }
    }

    /// The key that seals the entries of a scope.
    pub(crate) async fn seal(&self, database: &Database, scope: &str) -> Result<Arc<DataKey>> {
        self.key(database, &self.seal, "seal", scope).await
    }

    /// The key of a scope's fingerprints.
    pub(crate) async fn fingerprint(&self, database: &Database, scope: &str) -> Result<Arc<DataKey>> {
        self.key(database, &self.fingerprint, "fingerprint", scope).await
    }

    async fn key(
        &self,
        database: &Database,
        cache: &KeyCache,
        purpose: &str,
        scope: &str,
    ) -> Result<Arc<DataKey>> {
        if let Some(key) = cache.get(scope) {
            return Ok(key);
        }
        if let Some(key) = self.find(database, purpose, scope).await? {
            return Ok(cache.put(scope, key));
        }
        let (_, wrapped) = self.vault.create_key(purpose, scope)?;
        database.of(scope).rows(ADD, &[&purpose, &scope, &wrapped.key_id, &wrapped.sealed]).await?;
        // Not the key from above: another process may have been first.
        let key = self.find(database, purpose, scope).await?;
        let missing =
            || Error::new(ErrorKind::Unexpected, "the key of a scope was removed from the database");
        Ok(cache.put(scope, key.ok_or_else(missing)?))
    }

    async fn find(&self, database: &Database, purpose: &str, scope: &str) -> Result<Option<DataKey>> {
        let Some(row) = database.of(scope).row(FIND, &[&purpose, &scope]).await? else { return Ok(None) };
        let wrapped = WrappedKey { key_id: column(&row, "key_id")?, sealed: column(&row, "sealed")? };
        Ok(Some(self.vault.unwrap_key(purpose, scope, &wrapped)?))
    }

    /// Wraps all keys under the first key of the vault; returns how many were wrapped under another one.
    pub(crate) async fn rewrap(&self, database: &Database) -> Result<usize> {
        let rows = database.across_scopes().rows(ALL, &[&self.vault.key_id()]).await?;
        for row in &rows {
            let (purpose, scope): (String, String) = (column(row, "purpose")?, column(row, "scope")?);
            let wrapped = WrappedKey { key_id: column(row, "key_id")?, sealed: column(row, "sealed")? };
            if let Some(new) = self.vault.rewrap_key(&purpose, &scope, &wrapped)? {
                let values: [&dyn Typed; 5] = [&purpose, &scope, &new.key_id, &new.sealed, &wrapped.key_id];
                database.of(scope.as_str()).rows(REWRAP, &values).await?;
            }
        }
        Ok(rows.len())
    }
}
