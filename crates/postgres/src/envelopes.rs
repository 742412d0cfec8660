//! Readings and owners of envelopes.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::store::{Found, Ownership, Reading, Readings, Scope};
use countersign_core::{EnvelopeId, Error, ErrorKind, Recipients, Result, Timestamp};
use secrecy::zeroize::Zeroizing;

use crate::database::{Typed, column, millis};
use crate::error::unavailable;
use crate::store::Postgres;

const ATTEMPTS: usize = 5;

/// No two readings of an envelope have the same time.
const READ: &str = "insert into reading as r (scope, envelope, read_at) values ($1, $2, now()) \
    on conflict (scope, envelope) do update \
    set read_at = greatest(now(), r.read_at + interval '1 microsecond'), list = null \
    where r.read_at + $3 * interval '1 millisecond' <= now() returning read_at";

const LAST_READ: &str = "select read_at, list, \
    ceil(extract(epoch from read_at + $3 * interval '1 millisecond' - now()) * 1000)::bigint as wait \
    from reading where scope = $1 and envelope = $2";

const RECORD: &str = "update reading set list = $4 where scope = $1 and envelope = $2 and read_at = $3";

const RELEASE: &str = "delete from reading where scope = $1 and envelope = $2 and read_at = $3";

const OWNER: &str = "select account from envelope_owner where scope = $1 and envelope = $2";

const FOUND: &str =
    "insert into envelope_owner (scope, envelope, account) values ($1, $2, $3) on conflict do nothing";

#[async_trait]
impl Readings for Postgres {
    async fn may_read(&self, scope: &Scope, envelope: &EnvelopeId, interval: Duration) -> Result<Reading> {
        let (scope, envelope) = (scope.as_str(), &*envelope.common());
        let (database, interval) = (self.0.database.of(scope), millis(interval));
        for _ in 0..ATTEMPTS {
            if let Some(row) = database.row(READ, &[&scope, &envelope, &interval]).await? {
                return Ok(Reading::Allowed { at: column(&row, "read_at")? });
            }
            let last = database.row(LAST_READ, &[&scope, &envelope, &interval]).await?;
            let Some(row) = last else { continue };
            let Ok(wait @ 1..) = u64::try_from(column::<i64>(&row, "wait")?) else { continue };
            let list = match column::<Option<&[u8]>>(&row, "list")? {
                Some(sealed) => {
                    let plain = self.0.sealer("reading", scope, envelope).await?.open("list", sealed)?;
                    Some(serde_json::from_slice(&plain).map_err(|_| unreadable())?)
                }
                None => None,
            };
            let at = column(&row, "read_at")?;
            return Ok(Reading::Before { at, again_in: Duration::from_millis(wait), list });
        }
        Err(unavailable("the reading changes too often"))
    }

    async fn record(
        &self,
        scope: &Scope,
        envelope: &EnvelopeId,
        at: Timestamp,
        list: &Recipients,
    ) -> Result<()> {
        let (scope, envelope) = (scope.as_str(), &*envelope.common());
        let plain = Zeroizing::new(serde_json::to_vec(list).map_err(|_| unreadable())?);
        let sealed = self.0.sealer("reading", scope, envelope).await?.seal("list", &plain)?;
        self.0.database.of(scope).rows(RECORD, &[&scope, &envelope, &at, &sealed]).await.map(|_| ())
    }

    async fn release(&self, scope: &Scope, envelope: &EnvelopeId, at: Timestamp) -> Result<()> {
        let (scope, envelope) = (scope.as_str(), &*envelope.common());
        self.0.database.of(scope).rows(RELEASE, &[&scope, &envelope, &at]).await.map(|_| ())
    }
}

fn unreadable() -> Error {
    Error::new(ErrorKind::Unexpected, "the stored list of recipients has an unknown form")
}

#[async_trait]
impl Ownership for Postgres {
    async fn owner(&self, scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>> {
        let (scope, envelope) = (scope.as_str(), &*envelope.common());
        let row = self.0.database.of(scope).row(OWNER, &[&scope, &envelope]).await?;
        row.map(|row| column(&row, "account")).transpose()
    }

    async fn found(&self, scope: &Scope, envelope: &EnvelopeId, account: &str) -> Result<Found> {
        let values = [&scope.as_str() as &dyn Typed, &&*envelope.common(), &account];
        self.0.database.of(scope.as_str()).rows(FOUND, &values).await?;
        // The first to be recorded stays, so that reading it afterwards gives the same answer to all.
        Ok(match self.owner(scope, envelope).await? {
            Some(owner) if owner != account => Found::OwnedBy(owner),
            _ => Found::Kept,
        })
    }
}
