//! Notifications that were processed, or are being processed.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::webhook::{Completion, Dedup, FencingToken, SeenKey, SeenStore};

use crate::database::{column, millis};
use crate::error::unavailable;
use crate::store::Postgres;

const ATTEMPTS: usize = 5;

// `lease_until` of a processed notification is the time until which it is remembered.
const CLAIM: &str = "insert into seen as s (account, notification, fencing_token, lease_until) \
    values ($1, $2, nextval('fence'), now() + $3 * interval '1 millisecond') \
    on conflict (account, notification) do update set done = false, \
    fencing_token = excluded.fencing_token, lease_until = excluded.lease_until \
    where s.lease_until <= now() returning fencing_token";

const FIND: &str = "select done, ceil(extract(epoch from lease_until - now()) * 1000)::bigint as lease_left \
    from seen where account = $1 and notification = $2";

/// Also for the holder whose answer to an earlier attempt was lost.
const COMPLETE: &str = "update seen set done = true, lease_until = now() + $4 * interval '1 millisecond' \
    where account = $1 and notification = $2 and fencing_token = $3 returning 1";

const RELEASE: &str =
    "delete from seen where account = $1 and notification = $2 and fencing_token = $3 and not done";

#[async_trait]
impl SeenStore for Postgres {
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>> {
        self.tidy();
        let (account, notification) = (key.account.as_ref(), key.notification.as_str());
        let database = self.0.database.of(account);
        for _ in 0..ATTEMPTS {
            if let Some(row) = database.row(CLAIM, &[&account, &notification, &millis(lease)]).await? {
                return Ok(Dedup::First(FencingToken(column(&row, "fencing_token")?)));
            }
            let Some(row) = database.row(FIND, &[&account, &notification]).await? else { continue };
            let left = u64::try_from(column::<i64>(&row, "lease_left")?).unwrap_or(0);
            match (left, column(&row, "done")?) {
                (0, _) => {}
                (_, true) => return Ok(Dedup::Duplicate),
                (left, false) => {
                    return Ok(Dedup::InProgress { retry_after: Duration::from_millis(left) });
                }
            }
        }
        Err(unavailable("the notification changes too often"))
    }

    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion> {
        let (account, notification) = (key.account.as_ref(), key.notification.as_str());
        let (token, keep) = (token.0, millis(self.0.keep_seen));
        let row =
            self.0.database.of(account).row(COMPLETE, &[&account, &notification, &token, &keep]).await?;
        Ok(if row.is_some() { Completion::Recorded } else { Completion::Superseded })
    }

    fn release(&self, key: &SeenKey, token: FencingToken) {
        let key = key.clone();
        self.later(move |store| async move {
            let (account, notification) = (key.account.as_ref(), key.notification.as_str());
            store.database.of(account).rows(RELEASE, &[&account, &notification, &token.0]).await.map(|_| ())
        });
    }
}
