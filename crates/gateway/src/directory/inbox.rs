//! The inbox: what vendors reported is on disk before they get their answer, and becomes events afterwards.

use std::sync::Arc;

use countersign::{Result, Timestamp};
use countersign_vault::{DataKey, Place};

use super::Directory;
use super::feed::{append, take_turn};
use super::group::not_kept;
use super::parts::{damaged, json, sealing};
use crate::db::{Value, Work};
use crate::told::{Known, Told};

/// How many reports become events in one transaction.
const BATCH: i64 = 50;

fn inbox_place<'a>(account: &'a str, key: &'a str) -> Place<'a> {
    Place { table: "gateway_inbox", scope: account, row: key, column: "sealed" }
}

fn envelope_place<'a>(tenant: &'a str, row: &'a str) -> Place<'a> {
    Place { table: "gateway_envelope", scope: tenant, row, column: "sealed" }
}

/// Opens what is known of an envelope: tenant, account and id.
pub(super) fn open_known(
    key: &DataKey,
    [tenant, account, envelope]: [&str; 3],
    sealed: &[u8],
) -> Result<Known> {
    let name = format!("{account}:{envelope}");
    let plain = key.open(&envelope_place(tenant, &name), sealed).map_err(sealing)?;
    serde_json::from_slice(&plain).map_err(|_| damaged("an envelope"))
}

/// Writes what is known of an envelope.
pub(super) async fn keep_known(
    work: &mut Work,
    key: &DataKey,
    at: [&str; 3],
    version: i64,
    known: &Known,
) -> Result<()> {
    let name = format!("{}:{}", at[1], at[2]);
    let sealed = key.seal(&envelope_place(at[0], &name), &json(known)).map_err(sealing)?;
    let sql = "insert into gateway_envelope (tenant, account, envelope, version, sealed, changed_at) \
        values ($1, $2, $3, $4, $5, now_us()) on conflict (tenant, account, envelope) do update \
        set version = excluded.version, sealed = excluded.sealed, changed_at = excluded.changed_at";
    let [tenant, account, envelope] = at.map(Value::from);
    work.execute(sql, &[tenant, account, envelope, version.into(), sealed.into()]).await.map(drop)
}

impl Directory {
    /// Keeps what a vendor reported. It is on disk when this returns `Ok`.
    ///
    /// # Errors
    /// `Unavailable` if it may not be kept: then the vendor has to send it again.
    pub(crate) async fn keep_report(
        &self,
        [tenant, account, key]: [&str; 3],
        sealing_key: &DataKey,
        told: &Told,
    ) -> Result<()> {
        let sealed = sealing_key.seal(&inbox_place(account, key), &json(told)).map_err(sealing)?;
        let keep = Arc::clone(&self.inbox);
        let values = [tenant.into(), account.into(), key.into(), sealed.into()];
        // A task of its own, because others wait for its commit even if this sender goes away.
        let task = tokio::spawn(keep.keep(self.db.clone(), format!("{account} {key}"), values));
        task.await.unwrap_or_else(|_| Err(not_kept()))
    }

    /// Turns what vendors reported into events, one batch of each tenant; how many were read.
    ///
    /// # Errors
    /// The first error. What other tenants' vendors reported is read all the same.
    pub(crate) async fn fold(&self, now: Timestamp) -> Result<usize> {
        // One row for each tenant, however large the backlog is.
        let sql = "select id from gateway_tenant t where \
            (select received_at from gateway_inbox where tenant = t.id order by received_at limit 1) is not null";
        let mut done = Ok(0);
        for row in self.db.across_tenants().read(sql, &[]).await? {
            done = match (self.fold_tenant(&row.text(0)?, now).await, done) {
                (Ok(more), Ok(count)) => Ok(count + more),
                (Err(error), Ok(_)) => Err(error),
                (_, failed) => failed,
            };
        }
        done
    }

    /// Turns what was reported until now into events.
    pub(super) async fn fold_all(&self, tenant: &str, now: Timestamp) -> Result<()> {
        while self.fold_tenant(tenant, now).await? == BATCH as usize {}
        Ok(())
    }

    async fn fold_tenant(&self, tenant: &str, now: Timestamp) -> Result<usize> {
        let key = self.sealing_key(tenant).await?;
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let sql = "select account, key, sealed from gateway_inbox where tenant = $1 \
            order by received_at, key limit $2";
        let rows = work.query(sql, &[tenant.into(), BATCH.into()]).await?;
        for row in &rows {
            let (account, event_key) = (row.text(0)?, row.text(1)?);
            let at = [Value::from(account.as_str()), event_key.as_str().into()];
            let sql = "delete from gateway_inbox where account = $1 and key = $2";
            work.execute(sql, &at).await?;
            let sql = "select 1 from gateway_event where account = $1 and key = $2";
            if !work.query(sql, &at).await?.is_empty() {
                continue;
            }
            let plain = key.open(&inbox_place(&account, &event_key), &row.bytes(2)?).map_err(sealing)?;
            let told: Told = serde_json::from_slice(&plain).map_err(|_| damaged("a report"))?;
            let mut event = told.event();
            if let Some(envelope) = told.envelope() {
                let at = [tenant, &account, envelope.as_str()];
                let sql = "select version, sealed from gateway_envelope \
                    where tenant = $1 and account = $2 and envelope = $3";
                let (version, mut known) = match work.query(sql, &at.map(Value::from)).await?.first() {
                    Some(row) => (row.int(0)?, open_known(&key, at, &row.bytes(1)?)?),
                    None => (0, Known::default()),
                };
                known.take(&told, &mut event.shown);
                let version = version.saturating_add(1);
                event.shown.version = Some(version);
                keep_known(&mut work, &key, at, version, &known).await?;
            }
            append(&mut work, &key, tenant, &event_key, &mut event, now).await?;
        }
        work.commit().await?;
        Ok(rows.len())
    }

    /// What is known of an envelope from webhooks.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn known(&self, tenant: &str, account: &str, envelope: &str) -> Result<Option<Known>> {
        let sql = "select sealed from gateway_envelope where tenant = $1 and account = $2 and envelope = $3";
        let values = [tenant.into(), account.into(), envelope.into()];
        let Some(row) = self.db.of(tenant).read_one(sql, &values).await? else { return Ok(None) };
        let key = self.sealing_key(tenant).await?;
        open_known(&key, [tenant, account, envelope], &row.bytes(0)?).map(Some)
    }
}
