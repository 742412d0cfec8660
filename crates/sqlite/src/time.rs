//! The store's clock, that of the machine in microseconds since 1970, and the removal of what has expired.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use countersign_core::{Result, Timestamp};
use rusqlite::Connection;

use crate::error::damaged;

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    micros(since)
}

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The time that is left until this one; `None` if it has come.
pub(crate) fn left(until: i64, now: i64) -> Option<Duration> {
    let left = u64::try_from(until.saturating_sub(now)).ok()?;
    (left > 0).then(|| Duration::from_micros(left))
}

pub(crate) fn timestamp(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| damaged())
}

const INTERVAL: Duration = Duration::from_secs(300);
/// The most rows that one statement removes, so that no call waits for long.
const MOST: usize = 1000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Each removes at most [`MOST`] rows.
const EXPIRED: [&str; 5] = [
    // What a person found stays for a day, also if the key is free.
    "delete from call where rowid in (select rowid from call where expires_at <= ?1 \
     and (state <> 'resolved' or ended_at <= ?2) limit 1000)",
    "delete from nonce where rowid in (select rowid from nonce where until <= ?1 limit 1000)",
    "delete from sign_in where rowid in (select rowid from sign_in where until <= ?1 limit 1000)",
    // Claims that were never completed stay for a day: their workers may still do so.
    "delete from seen where rowid in (select rowid from seen where lease_until <= ?2 limit 1000)",
    "delete from reading where rowid in (select rowid from reading where read_at <= ?2 limit 1000)",
];

/// When this process removes expired rows again; at once if there is none.
#[derive(Default)]
pub(crate) struct Tidy(Option<Instant>);

impl Tidy {
    /// What cannot be removed now is removed the next time. If more rows have expired than one statement removes, the
    /// next time is the next call.
    pub(crate) fn now_and_then(&mut self, connection: &Connection) {
        if self.0.is_some_and(|due| Instant::now() < due) {
            return;
        }
        let now = now();
        let yesterday = now.saturating_sub(micros(DAY));
        let removed = EXPIRED.map(|statement| {
            let mut statement = connection.prepare(statement)?;
            // A statement may use only one of the two times.
            if statement.parameter_count() == 1 {
                statement.execute([now])
            } else {
                statement.execute([now, yesterday])
            }
        });
        let more = removed.iter().any(|count| *count == Ok(MOST));
        self.0 = (!more).then(|| Instant::now() + INTERVAL);
    }
}
