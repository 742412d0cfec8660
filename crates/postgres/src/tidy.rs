//! Removes what has expired, now and then, by whichever process makes a call.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use countersign_core::{Result, locked};

use crate::database::Database;

/// How often each process removes expired rows.
const INTERVAL: Duration = Duration::from_secs(300);
/// The most rows that one statement removes, so that it does not hold many locks at once.
const MOST: i64 = 1_000;

/// When this process removes expired rows again; at once if there is none.
#[derive(Debug, Default)]
pub(crate) struct Tidy(Mutex<Option<Instant>>);

impl Tidy {
    /// Whether it is time again; counts as done if so. Does not wait.
    pub(crate) fn is_due(&self) -> bool {
        let Ok(mut due) = self.0.try_lock() else { return false };
        let is_due = due.is_none_or(|due| Instant::now() >= due);
        if is_due {
            *due = Some(Instant::now() + INTERVAL);
        }
        is_due
    }

    /// More has expired than was removed: the next call goes on.
    pub(crate) fn go_on(&self) {
        *locked(&self.0) = None;
    }
}

// Each condition stands twice: a row that was claimed again meanwhile must stay.
const EXPIRED: [&str; 5] = [
    // What a person found stays for a day, also if the key is free.
    "delete from call where (scope, key) in (select scope, key from call where expires_at <= now() \
     and (state <> 'resolved' or ended_at <= now() - interval '1 day') limit $1) \
     and expires_at <= now() returning 1",
    // Claims that were never completed stay for a day: their workers may still do so.
    "delete from seen where (account, notification) in (select account, notification from seen \
     where lease_until <= now() - interval '1 day' limit $1) and lease_until <= now() - interval '1 day' \
     returning 1",
    "delete from nonce where nonce in (select nonce from nonce where until <= now() limit $1) \
     and until <= now() returning 1",
    "delete from reading where (scope, envelope) in (select scope, envelope from reading \
     where read_at <= now() - interval '1 day' limit $1) and read_at <= now() - interval '1 day' \
     returning 1",
    "delete from sign_in where (scope, handle) in (select scope, handle from sign_in where until <= now() \
     limit $1) and until <= now() returning 1",
];

/// Removes expired rows, at most [`MOST`] of each table. Returns whether there may be more.
pub(crate) async fn remove_expired(database: &Database) -> Result<bool> {
    let mut more = false;
    for statement in EXPIRED {
        let removed = database.across_scopes().rows(statement, &[&MOST]).await?.len();
        more |= i64::try_from(removed).is_ok_and(|removed| removed >= MOST);
    }
    Ok(more)
}
