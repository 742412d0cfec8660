//! How long everything is kept.

use countersign::Result;

use super::Directory;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// What is deleted when it is older than so many days.
const KEEP: [(i64, &str); 6] = [
    // A vendor's webhook is too old to be accepted again long before. The newest event of a tenant stays, so that who
    // reads after it can go on.
    (
        30,
        "delete from gateway_event where received_at < now_us() - $1 \
         and seq < (select max(n.seq) from gateway_event n where n.tenant = gateway_event.tenant)",
    ),
    // After this time without events, a later event counts from 1 again.
    (400, "delete from gateway_envelope where changed_at < now_us() - $1"),
    (7, "delete from gateway_delivery where state <> 'waiting' and tried_at < now_us() - $1"),
    // An id outlives the last use of its key, and the unknown outcome of its call.
    (
        30,
        "delete from gateway_call where used_at < now_us() - $1 and not exists (select 1 from call \
         where call.scope = gateway_call.tenant and call.key = gateway_call.key and call.state = 'in_flight')",
    ),
    // Each has its own end.
    (0, "delete from gateway_return where expires_at < now_us() - $1"),
    (400, "delete from gateway_audit where at < now_us() - $1"),
];

impl Directory {
    /// Deletes what is older than it is kept, of all tenants.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn sweep(&self) -> Result<()> {
        for (days, sql) in KEEP {
            self.db.across_tenants().write(sql, &[(days * DAY).into()]).await?;
        }
        Ok(())
    }
}
