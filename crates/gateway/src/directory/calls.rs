//! The ids of calls. Callers' keys may be addresses, so paths have an id in their place.

use std::collections::HashMap;
use std::time::Duration;

use countersign::ledger::{IdempotencyKey, UnresolvedCall};
use countersign::{Result, Timestamp};

use super::Directory;
use super::parts::{damaged, new_id};
use crate::db::{Row, Value};

/// The most calls that are compared with an unknown one.
const MOST_LOOKED_AT: u32 = 1_000;

/// What the reconciler has done about an unknown call.
pub(crate) struct Looked {
    pub(crate) id: String,
    /// When the unknown outcome began about which the tenant was notified.
    pub(crate) told_since: Option<Timestamp>,
    /// How long ago it looked for evidence.
    pub(crate) ago: Duration,
}

impl Directory {
    /// The id of the call under a key.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn call_id(&self, tenant: &str, key: &IdempotencyKey) -> Result<String> {
        Ok(self.begin_call(tenant, key).await?.0)
    }

    /// The id of the call under a key, and whether it is held if the ledger does not know it: the calls of the
    /// tenant are, and since then, no one has found that this one did not happen. The ledger forgets that with the
    /// next attempt.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn begin_call(&self, tenant: &str, key: &IdempotencyKey) -> Result<(String, bool)> {
        let sql = "insert into gateway_call (tenant, id, key, used_at) values ($1, $2, $3, now_us()) \
            on conflict (tenant, key) do update set used_at = excluded.used_at \
            returning id, (select count(*) from gateway_tenant where gateway_tenant.id = $1 \
            and hold_ended_at is null and hold_began_at > gateway_call.found_free_at)";
        let values = [tenant.into(), new_id("call").into(), key.as_str().into()];
        let rows = self.db.of(tenant).write(sql, &values).await?.1;
        let row = rows.first().ok_or_else(|| damaged("a call"))?;
        Ok((row.text(0)?, row.int(1)? > 0))
    }

    /// Notes that someone has found that the call did not happen.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn note_found_free(&self, tenant: &str, id: &str) -> Result<()> {
        let sql = "update gateway_call set found_free_at = now_us() where tenant = $1 and id = $2";
        self.db.of(tenant).write(sql, &[tenant.into(), id.into()]).await.map(drop)
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

    /// What the reconciler has done about these calls, in one read, by their keys.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn looked(
        &self,
        tenant: &str,
        calls: &[UnresolvedCall],
    ) -> Result<HashMap<String, Looked>> {
        let marks: Vec<String> = (2..calls.len() + 2).map(|number| format!("${number}")).collect();
        let sql = format!(
            "select key, id, told_since, now_us() - looked_at from gateway_call where tenant = $1 and key in ({})",
            marks.join(", ")
        );
        let keys = calls.iter().map(|call| call.key.as_str().into());
        let values: Vec<Value> = std::iter::once(tenant.into()).chain(keys).collect();
        let read = |row: &Row| {
            let told_since = row.opt_int(2)?.and_then(|at| Timestamp::from_microsecond(at).ok());
            let ago = Duration::from_micros(u64::try_from(row.int(3)?).unwrap_or(0));
            Ok((row.text(0)?, Looked { id: row.text(1)?, told_since, ago }))
        };
        self.db.of(tenant).read(&sql, &values).await?.iter().map(read).collect()
    }

    /// Notes that the tenant was notified of the unknown outcome of a call.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn note_told(&self, tenant: &str, id: &str, since: Timestamp) -> Result<()> {
        let sql = "update gateway_call set told_since = $3 where tenant = $1 and id = $2";
        let values = [tenant.into(), id.into(), since.as_microsecond().into()];
        self.db.of(tenant).write(sql, &values).await.map(drop)
    }

    /// Whether the last look for evidence of a call is so long ago, and the database has forgotten no other call
    /// that was made `from` then on. Of several processes, one may look.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn may_look(
        &self,
        tenant: &str,
        id: &str,
        pause: Duration,
        from: Timestamp,
    ) -> Result<bool> {
        let pause = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
        let sql = "update gateway_call set looked_at = now_us() \
            where tenant = $1 and id = $2 and looked_at < now_us() - $3 \
            and exists (select 1 from gateway_tenant where gateway_tenant.id = $1 and hold_ended_at <= $4)";
        let values = [tenant.into(), id.into(), pause.into(), from.as_microsecond().into()];
        Ok(self.db.of(tenant).write(sql, &values).await?.0 == 1)
    }
}
