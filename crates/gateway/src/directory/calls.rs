//! The ids of calls. Callers' keys may be addresses, so paths have an id in their place.

use std::time::Duration;

use countersign::ledger::IdempotencyKey;
use countersign::{Result, Timestamp};

use super::Directory;
use super::parts::new_id;
use crate::db::Row;

/// How long an id outlives the last use of its key. An unknown outcome that is listed later gets a new one.
const KEEP: i64 = 30 * 24 * 60 * 60 * 1_000_000;

/// The most calls that are compared with an unknown one.
const MOST_LOOKED_AT: u32 = 1_000;

/// How long to wait before a vendor is asked again about an unknown call.
const LOOK_AGAIN: i64 = 5 * 60 * 1_000_000;

impl Directory {
    /// The id of the call under a key.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn call_id(&self, tenant: &str, key: &IdempotencyKey) -> Result<String> {
        Ok(self.begin_call(tenant, key).await?.0)
    }

    /// The id of the call under a key, and since when the tenant has been held, if it is.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn begin_call(
        &self,
        tenant: &str,
        key: &IdempotencyKey,
    ) -> Result<(String, Option<Timestamp>)> {
        let mut work = self.db.of(tenant).begin().await?;
        let old = "delete from gateway_call where tenant = $1 and used_at < now_us() - $2";
        work.execute(old, &[tenant.into(), KEEP.into()]).await?;
        let sql = "insert into gateway_call (tenant, id, key, used_at) values ($1, $2, $3, now_us()) \
            on conflict (tenant, key) do update set used_at = excluded.used_at \
            returning id, (select held_since from gateway_tenant where gateway_tenant.id = $1)";
        let row = work.query_one(sql, &[tenant.into(), new_id("call").into(), key.as_str().into()]).await?;
        work.commit().await?;
        Ok((row.text(0)?, row.opt_int(1)?.and_then(|at| Timestamp::from_microsecond(at).ok())))
    }

    /// The calls whose key was used within this time, with their ids: a page behind the id `after`.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn recent_calls(
        &self,
        tenant: &str,
        within: Duration,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, IdempotencyKey)>> {
        let sql = "select id, key from gateway_call where tenant = $1 and used_at > now_us() - $2 and id > $3 \
            order by id limit $4";
        let within = i64::try_from(within.as_micros()).unwrap_or(i64::MAX);
        let values = [tenant.into(), within.into(), after.into(), limit.into()];
        let rows = self.db.of(tenant).read(sql, &values).await?;
        let read = |row: &Row| Ok((row.text(0)?, row.text(1)?));
        let rows: Vec<(String, String)> = rows.iter().map(read).collect::<Result<_>>()?;
        Ok(rows.into_iter().filter_map(|(id, key)| Some((id, IdempotencyKey::new(key).ok()?))).collect())
    }

    /// The key of a tenant's call.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn call_key(&self, tenant: &str, id: &str) -> Result<Option<IdempotencyKey>> {
        let sql = "select key from gateway_call where tenant = $1 and id = $2";
        let found = self.db.of(tenant).read_one(sql, &[tenant.into(), id.into()]).await?;
        let key = found.map(|row| row.text(0)).transpose()?;
        Ok(key.and_then(|key| IdempotencyKey::new(key).ok()))
    }

    /// The keys of the calls that were made since then; `None` if they are too many to look at.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn calls_since(
        &self,
        tenant: &str,
        since: Timestamp,
    ) -> Result<Option<Vec<IdempotencyKey>>> {
        let sql = "select key from gateway_call where tenant = $1 and used_at >= $2 limit $3";
        let values = [tenant.into(), since.as_microsecond().into(), (MOST_LOOKED_AT + 1).into()];
        let rows = self.db.of(tenant).read(sql, &values).await?;
        if rows.len() > MOST_LOOKED_AT as usize {
            return Ok(None);
        }
        let keys = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        Ok(Some(keys.into_iter().filter_map(|key| IdempotencyKey::new(key).ok()).collect()))
    }

    /// Whether it is time to look for evidence of a call. Of several processes, one may.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn may_look(&self, tenant: &str, id: &str) -> Result<bool> {
        let sql = "update gateway_call set looked_at = now_us() \
            where tenant = $1 and id = $2 and looked_at < now_us() - $3";
        let values = [tenant.into(), id.into(), LOOK_AGAIN.into()];
        Ok(self.db.of(tenant).write(sql, &values).await?.0 == 1)
    }
}
