//! The ids of calls. Callers' keys may be addresses, so paths have an id in their place.

use countersign::Result;
use countersign::ledger::IdempotencyKey;
use countersign_vault::Vault;
use rusqlite::{OptionalExtension, Transaction};

use super::Directory;
use super::parts::{failed, new_id, now};

/// How long an id outlives the last use of its key. An unknown outcome that is listed later gets a new one.
const KEEP: i64 = 30 * 24 * 60 * 60 * 1_000_000;

impl Directory {
    /// The id of the call under a key.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn call_id(&self, tenant: &str, key: &IdempotencyKey) -> Result<String> {
        let (tenant, key) = (tenant.to_owned(), key.as_str().to_owned());
        let find = move |work: &Transaction<'_>, _: &Vault| {
            let used = now();
            let run = || -> rusqlite::Result<String> {
                work.execute("delete from gateway_call where used_at < ?1", [used.saturating_sub(KEEP)])?;
                let sql = "insert into gateway_call (tenant, id, key, used_at) values (?1, ?2, ?3, ?4) \
                    on conflict (tenant, key) do update set used_at = excluded.used_at returning id";
                work.query_row(sql, (&tenant, new_id("call"), &key, used), |row| row.get(0))
            };
            run().map_err(|error| failed(&error))
        };
        self.run(find).await
    }

    /// The key of a tenant's call.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn call_key(&self, tenant: &str, id: &str) -> Result<Option<IdempotencyKey>> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        let find = move |work: &Transaction<'_>, _: &Vault| {
            let sql = "select key from gateway_call where tenant = ?1 and id = ?2";
            let found: Option<String> = work
                .query_row(sql, (&tenant, &id), |row| row.get(0))
                .optional()
                .map_err(|error| failed(&error))?;
            Ok(found.and_then(|key| IdempotencyKey::new(key).ok()))
        };
        self.read(find).await
    }
}
