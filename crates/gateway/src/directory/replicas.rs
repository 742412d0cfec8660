//! Which replicas run, and how far they are behind with the work beside the requests.

use std::time::Duration;

use countersign::{Result, Timestamp};

use super::Directory;
use crate::db::Row;

/// How long a replica that no longer tells that it runs is remembered.
const KEEP: i64 = 24 * 60 * 60 * 1_000_000;

/// A replica that runs, or ran within a day.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Replica {
    /// Its id, which is new at each start.
    pub id: String,
    /// Its version.
    pub version: String,
    /// When it told last that it runs.
    pub at: Timestamp,
}

/// How long the oldest one has been waiting; zero if none is.
pub(crate) struct Lags {
    /// Webhooks that are not events yet.
    pub(crate) inbox: Duration,
    /// Deliveries to endpoints, from when they were due.
    pub(crate) delivery: Duration,
}

impl Directory {
    /// Tells that a replica runs.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn beat(&self, replica: &str, version: &str) -> Result<()> {
        let db = self.db.across_tenants();
        let sql = "insert into gateway_beat (replica, version, at) values ($1, $2, now_us()) \
            on conflict (replica) do update set at = excluded.at";
        db.write(sql, &[replica.into(), version.into()]).await?;
        db.write("delete from gateway_beat where at < now_us() - $1", &[KEEP.into()]).await.map(drop)
    }

    /// Tells that a replica ends.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn last_beat(&self, replica: &str) -> Result<()> {
        let sql = "delete from gateway_beat where replica = $1";
        self.db.across_tenants().write(sql, &[replica.into()]).await.map(drop)
    }

    /// The replicas, the one that started first before the others.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn replicas(&self) -> Result<Vec<Replica>> {
        let read = |row: &Row| {
            let at = Timestamp::from_microsecond(row.int(2)?).unwrap_or_default();
            Ok(Replica { id: row.text(0)?, version: row.text(1)?, at })
        };
        let sql = "select replica, version, at from gateway_beat order by replica";
        self.db.across_tenants().read(sql, &[]).await?.iter().map(read).collect()
    }

    /// How far the work is behind.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn lags(&self) -> Result<Lags> {
        // The oldest of each, so that no backlog is read.
        let sql = "select coalesce(now_us() - (select min(oldest) from (select \
             (select min(received_at) from gateway_inbox where tenant = t.id) as oldest \
             from gateway_tenant t) of_tenants), 0), \
            coalesce(now_us() - (select min(oldest) from (select \
             (select min(due_at) from gateway_delivery \
              where tenant = p.tenant and endpoint = p.id and state = 'waiting') as oldest \
              from gateway_endpoint p where p.state = 'on') of_endpoints), 0)";
        let row = self.db.across_tenants().read_one(sql, &[]).await?;
        let lag = |column: usize| -> Result<Duration> {
            let microseconds = row.as_ref().map_or(Ok(0), |row: &Row| row.int(column))?;
            // What is due later does not lag.
            Ok(Duration::from_micros(u64::try_from(microseconds).unwrap_or(0)))
        };
        Ok(Lags { inbox: lag(0)?, delivery: lag(1)? })
    }
}
