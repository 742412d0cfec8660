//! Seals entries under the key of their scope.

use std::sync::Arc;

use countersign_core::Result;
use countersign_vault::{DataKey, KeyCache, Sealer, WrappedKey};

use crate::writer::Work;

impl Work<'_> {
    /// What seals and opens one row.
    pub(crate) fn sealer<'a>(&self, table: &'static str, scope: &'a str, row: &'a str) -> Result<Sealer<'a>> {
        Ok(Sealer::new(self.seal_key(scope)?, table, scope, row))
    }

    /// The key that seals the entries of a scope.
    pub(crate) fn seal_key(&self, scope: &str) -> Result<Arc<DataKey>> {
        self.key(&self.keys.seal, "seal", scope)
    }

    /// The key of a scope's fingerprints.
    pub(crate) fn fingerprint_key(&self, scope: &str) -> Result<Arc<DataKey>> {
        self.key(&self.keys.fingerprint, "fingerprint", scope)
    }

    fn key(&self, cache: &KeyCache, purpose: &str, scope: &str) -> Result<Arc<DataKey>> {
        if let Some(key) = cache.get(scope) {
            return Ok(key);
        }
        let vault = &self.keys.vault;
        let found = self.row(
            "select key_id, sealed from sealing_key where purpose = ?1 and scope = ?2",
            (purpose, scope),
            |row| Ok(WrappedKey { key_id: row.get(0)?, sealed: row.get(1)? }),
        )?;
        if let Some(wrapped) = found {
            return Ok(cache.put(scope, vault.unwrap_key(purpose, scope, &wrapped)?));
        }
        // No other process can be first: this transaction is the only one that writes.
        let (key, wrapped) = vault.create_key(purpose, scope)?;
        self.change(
            "insert into sealing_key (purpose, scope, key_id, sealed) values (?1, ?2, ?3, ?4)",
            (purpose, scope, &wrapped.key_id, &wrapped.sealed),
        )?;
        Ok(cache.put(scope, key))
    }
}

/// Wraps all keys under the first key of the vault; returns how many were wrapped under another one.
pub(crate) fn rewrap(work: &Work<'_>) -> Result<usize> {
    let others = work.rows(
        "select purpose, scope, key_id, sealed from sealing_key where key_id <> ?1",
        [work.keys.vault.key_id()],
        |row| {
            let wrapped = WrappedKey { key_id: row.get(2)?, sealed: row.get(3)? };
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, wrapped))
        },
    )?;
    for (purpose, scope, wrapped) in &others {
        let new = work.keys.vault.rewrap_key(purpose, scope, wrapped)?;
        if let Some(new) = new {
            work.change(
                "update sealing_key set key_id = ?3, sealed = ?4 where purpose = ?1 and scope = ?2",
                (purpose, scope, &new.key_id, &new.sealed),
            )?;
        }
    }
    Ok(others.len())
}
