//! How far the work behind the requests is behind.

use std::time::Duration;

use countersign::Result;

use super::Directory;
use crate::db::Row;

/// How long the oldest one has been waiting; zero if none is.
pub(crate) struct Lags {
    /// Webhooks that are not events yet.
    pub(crate) inbox: Duration,
    /// Deliveries to endpoints, from when they were due.
    pub(crate) delivery: Duration,
}

impl Directory {
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn lags(&self) -> Result<Lags> {
        let sql = "select coalesce(now_us() - (select min(received_at) from gateway_inbox), 0), \
            coalesce(now_us() - (select min(d.due_at) from gateway_delivery d \
             join gateway_endpoint p on p.tenant = d.tenant and p.id = d.endpoint \
             where d.state = 'waiting' and p.state = 'on'), 0)";
        let row = self.db.across_tenants().read_one(sql, &[]).await?;
        let lag = |column: usize| -> Result<Duration> {
            let microseconds = row.as_ref().map_or(Ok(0), |row: &Row| row.int(column))?;
            // What is due later does not lag.
            Ok(Duration::from_micros(u64::try_from(microseconds).unwrap_or(0)))
        };
        Ok(Lags { inbox: lag(0)?, delivery: lag(1)? })
    }
}
