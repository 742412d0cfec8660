//! Readings and owners of envelopes.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::store::{Found, Ownership, Reading, Readings, Scope};
use countersign_core::{EnvelopeId, Recipients, Result, Timestamp};
use zeroize::Zeroizing;

use crate::error::damaged;
use crate::store::Sqlite;
use crate::time::{left, micros, timestamp};
use crate::writer::Work;

const LAST_READ: &str = "select read_at, list from reading where scope = ?1 and envelope = ?2";

const READ: &str = "replace into reading (scope, envelope, read_at) values (?1, ?2, ?3)";

const RECORD: &str = "update reading set list = ?4 where scope = ?1 and envelope = ?2 and read_at = ?3";

const RELEASE: &str = "delete from reading where scope = ?1 and envelope = ?2 and read_at = ?3";

const OWNER: &str = "select account from envelope_owner where scope = ?1 and envelope = ?2";

const FOUND: &str = "insert into envelope_owner (scope, envelope, account) values (?1, ?2, ?3)";

#[async_trait]
impl Readings for Sqlite {
    async fn may_read(&self, scope: &Scope, envelope: &EnvelopeId, interval: Duration) -> Result<Reading> {
        let (scope, envelope) = (scope.clone(), envelope.common().into_owned());
        let may_read = move |work: &Work<'_>| {
            let (scope, envelope) = (scope.as_str(), envelope.as_str());
            let last = work.row(LAST_READ, (scope, envelope), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
            })?;
            let mut at = work.now;
            if let Some((read_at, sealed)) = last {
                if let Some(again_in) = left(read_at.saturating_add(micros(interval)), work.now) {
                    let list = match sealed {
                        Some(sealed) => {
                            let plain = work.sealer("reading", scope, envelope)?.open("list", &sealed)?;
                            Some(serde_json::from_slice(&plain).map_err(|_| damaged())?)
                        }
                        None => None,
                    };
                    return Ok(Reading::Before { at: timestamp(read_at)?, again_in, list });
                }
                // No two readings of an envelope have the same time.
                at = at.max(read_at.saturating_add(1));
            }
            work.change(READ, (scope, envelope, at))?;
            Ok(Reading::Allowed { at: timestamp(at)? })
        };
        self.writer.run(may_read).await
    }

    async fn record(
        &self,
        scope: &Scope,
        envelope: &EnvelopeId,
        at: Timestamp,
        list: &Recipients,
    ) -> Result<()> {
        let (scope, envelope) = (scope.clone(), envelope.common().into_owned());
        let plain = Zeroizing::new(serde_json::to_vec(list).map_err(|_| damaged())?);
        let record = move |work: &Work<'_>| {
            let (scope, envelope) = (scope.as_str(), envelope.as_str());
            let sealed = work.sealer("reading", scope, envelope)?.seal("list", &plain)?;
            work.change(RECORD, (scope, envelope, at.as_microsecond(), sealed)).map(|_| ())
        };
        self.writer.run(record).await
    }

    async fn release(&self, scope: &Scope, envelope: &EnvelopeId, at: Timestamp) -> Result<()> {
        let (scope, envelope) = (scope.clone(), envelope.common().into_owned());
        let release = move |work: &Work<'_>| {
            work.change(RELEASE, (scope.as_str(), envelope.as_str(), at.as_microsecond())).map(|_| ())
        };
        self.writer.run(release).await
    }
}

fn owner(work: &Work<'_>, scope: &Scope, envelope: &str) -> Result<Option<String>> {
    work.row(OWNER, (scope.as_str(), envelope), |row| row.get(0))
}

#[async_trait]
impl Ownership for Sqlite {
    async fn owner(&self, scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>> {
        let (scope, envelope) = (scope.clone(), envelope.common().into_owned());
        self.writer.run(move |work| owner(work, &scope, &envelope)).await
    }

    async fn found(&self, scope: &Scope, envelope: &EnvelopeId, account: &str) -> Result<Found> {
        let (scope, account) = (scope.clone(), account.to_owned());
        let envelope = envelope.common().into_owned();
        let found = move |work: &Work<'_>| match owner(work, &scope, &envelope)? {
            Some(owner) if owner != account => Ok(Found::OwnedBy(owner)),
            Some(_) => Ok(Found::Kept),
            None => {
                work.change(FOUND, (scope.as_str(), envelope.as_str(), &account))?;
                Ok(Found::Kept)
            }
        };
        self.writer.run(found).await
    }
}
