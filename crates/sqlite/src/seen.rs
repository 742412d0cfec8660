//! Notifications that were processed, or are being processed.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::webhook::{Completion, Dedup, FencingToken, SeenKey, SeenStore};

use crate::store::Sqlite;
use crate::time::left;
use crate::writer::Work;

const FIND: &str =
    "select done, lease_until from seen where account = ?1 and notification = ?2 and lease_until > ?3";

const CLAIM: &str =
    "replace into seen (account, notification, fencing_token, lease_until) values (?1, ?2, ?3, ?4)";

/// Also for the holder whose answer to an earlier attempt was lost.
const COMPLETE: &str = "update seen set done = 1, lease_until = ?4 \
    where account = ?1 and notification = ?2 and fencing_token = ?3";

const RELEASE: &str =
    "delete from seen where account = ?1 and notification = ?2 and fencing_token = ?3 and done = 0";

#[async_trait]
impl SeenStore for Sqlite {
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>> {
        let key = key.clone();
        let claim = move |work: &Work<'_>| {
            let (account, notification) = (key.account.as_ref(), key.notification.as_str());
            let values = (account, notification, work.now);
            let found = work.row(FIND, values, |row| Ok((row.get(0)?, row.get(1)?)))?;
            if let Some((done, until)) = found {
                return Ok(match left(until, work.now) {
                    _ if done => Dedup::Duplicate,
                    retry_after => Dedup::InProgress { retry_after: retry_after.unwrap_or_default() },
                });
            }
            let token = work.next_number()?;
            work.change(CLAIM, (account, notification, token, work.after(lease)))?;
            Ok(Dedup::First(FencingToken(token)))
        };
        self.writer.run(claim).await
    }

    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion> {
        let (key, keep) = (key.clone(), self.keep_seen);
        let complete = move |work: &Work<'_>| {
            let values = (key.account.as_ref(), key.notification.as_str(), token.0, work.after(keep));
            Ok(if work.change(COMPLETE, values)? == 1 {
                Completion::Recorded
            } else {
                Completion::Superseded
            })
        };
        self.writer.run(complete).await
    }

    fn release(&self, key: &SeenKey, token: FencingToken) {
        let key = key.clone();
        self.writer.later(move |work| {
            let values = (key.account.as_ref(), key.notification.as_str(), token.0);
            work.change(RELEASE, values).map(|_| ())
        });
    }
}
