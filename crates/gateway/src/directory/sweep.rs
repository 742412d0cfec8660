//! How long everything is kept.

use countersign::Result;

use super::Directory;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The most rows that one statement deletes, so that no one waits for long, and no statement takes too long to succeed.
const MOST: u64 = 1000;

/// What is deleted when it is older than so many days, at most [`MOST`] rows at once. A row that someone changes
/// meanwhile may no longer be old, and waits for the next time.
const KEEP: [(i64, &str); 8] = [
    // A vendor's webhook is too old to be accepted again long before. The newest event of a tenant stays, so that who
    // reads after it can go on.
    (
        30,
        "delete from gateway_event where seq in (select e.seq from gateway_event e where e.received_at < now_us() - $1 \
         and e.seq < (select max(n.seq) from gateway_event n where n.tenant = e.tenant) limit 1000)",
    ),
    // The text of a webhook that could not be read, also of the newest event.
    (
        30,
        "update gateway_event set text = null where seq in (select seq from gateway_event \
         where text is not null and received_at < now_us() - $1 limit 1000)",
    ),
    // After this time without events, a later event counts from 1 again.
    (
        400,
        "delete from gateway_envelope where (tenant, account, envelope) in (select tenant, account, envelope \
         from gateway_envelope where changed_at < now_us() - $1 limit 1000 {skip_locked})",
    ),
    (
        7,
        "delete from gateway_delivery where (tenant, endpoint, seq) in (select tenant, endpoint, seq \
         from gateway_delivery where state <> 'waiting' and tried_at < now_us() - $1 limit 1000 {skip_locked})",
    ),
    // One that waits for an endpoint that is off goes with its event. It is found from the oldest on, endpoint by
    // endpoint: SQLite joins in this order.
    (
        0,
        "delete from gateway_delivery where (tenant, endpoint, seq) in (select d.tenant, d.endpoint, d.seq \
         from gateway_endpoint p cross join gateway_delivery d where d.tenant = p.tenant and d.endpoint = p.id \
         and d.seq < (select min(e.seq) from gateway_event e where e.tenant = p.tenant) \
         and d.due_at < now_us() - $1 limit 1000)",
    ),
    // An id outlives the last use of its key, and the unknown outcome of its call.
    (
        30,
        "delete from gateway_call where (tenant, id) in (select tenant, id from gateway_call g \
         where used_at < now_us() - $1 and not exists (select 1 from call \
         where call.scope = g.tenant and call.key = g.key and call.state = 'in_flight') limit 1000 {skip_locked})",
    ),
    // Each has its own end.
    (
        0,
        "delete from gateway_return where token in \
         (select token from gateway_return where expires_at < now_us() - $1 limit 1000)",
    ),
    (
        400,
        "delete from gateway_audit where seq in \
         (select seq from gateway_audit where at < now_us() - $1 limit 1000)",
    ),
];

impl Directory {
    /// Deletes what is older than it is kept, of all tenants, until there is none or it should stop. What cannot be
    /// deleted keeps nothing else from being deleted.
    ///
    /// # Errors
    /// The first error.
    pub(crate) async fn sweep(&self, should_stop: impl Fn() -> bool) -> Result<()> {
        let mut done = Ok(());
        for (days, sql) in KEEP {
            let swept = loop {
                match self.db.across_tenants().write(sql, &[(days * DAY).into()]).await {
                    Ok((count, _)) if count >= MOST && !should_stop() => {}
                    ended => break ended.map(drop),
                }
            };
            done = done.and(swept);
        }
        done
    }
}
