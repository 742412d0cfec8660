//! Tokens of users who have signed in.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::auth::{RenewalLease, StoredTokens, TokenSave, TokenStore, TokenVersion};
use tokio_postgres::Row;

use crate::database::{column, millis};
use crate::store::{Inner, Postgres};

const LOAD: &str = "select sealed, version from token where key = $1 and sealed is not null";

/// The row outlives a sign-out, so that fencing tokens only grow. New tokens end the lease: their process may end
/// before it does so itself.
const SAVE: &str = "insert into token (key, sealed, version) values ($1, $2, nextval('fence')) \
    on conflict (key) do update set sealed = excluded.sealed, version = nextval('fence'), lease_until = null \
    returning version";

const REPLACE: &str = "update token set sealed = $2, version = nextval('fence'), lease_until = null \
    where key = $1 and version = $3 and sealed is not null returning version";

const REMOVE: &str = "update token set sealed = null, version = null where key = $1";

const BEGIN_RENEWAL: &str = "insert into token as t (key, fencing_token, lease_until) \
    values ($1, nextval('fence'), now() + $2 * interval '1 millisecond') \
    on conflict (key) do update set fencing_token = nextval('fence'), lease_until = excluded.lease_until \
    where t.lease_until is null or t.lease_until <= now() returning fencing_token";

const END_RENEWAL: &str = "update token set lease_until = null where key = $1 and fencing_token = $2";

impl Inner {
    async fn open_tokens(&self, key: &str, row: &Row) -> Result<(StoredTokens, TokenVersion)> {
        let sealer = self.sealer("token", key, "").await?;
        let plain = sealer.open("sealed", column(row, "sealed")?)?;
        Ok((StoredTokens::from_bytes(&plain)?, TokenVersion(column(row, "version")?)))
    }
}

#[async_trait]
impl TokenStore for Postgres {
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        match self.0.database.of(key).row(LOAD, &[&key]).await? {
            Some(row) => self.0.open_tokens(key, &row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave> {
        let sealed = self.0.sealer("token", key, "").await?.seal("sealed", &tokens.to_bytes())?;
        let row = match expected {
            Some(TokenVersion(version)) => {
                self.0.database.of(key).row(REPLACE, &[&key, &sealed, &version]).await?
            }
            None => self.0.database.of(key).row(SAVE, &[&key, &sealed]).await?,
        };
        match row {
            Some(row) => Ok(TokenSave::Kept(TokenVersion(column(&row, "version")?))),
            None => self.load(key).await.map(TokenSave::Overtaken),
        }
    }

    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>> {
        let row = self.0.database.of(key).row(BEGIN_RENEWAL, &[&key, &millis(duration)]).await?;
        let Some(row) = row else { return Ok(None) };
        let token: i64 = column(&row, "fencing_token")?;
        let (store, key) = (self.clone(), key.to_owned());
        Ok(Some(RenewalLease::new(token, move || {
            store.later(move |store| async move {
                store.database.of(key.as_str()).rows(END_RENEWAL, &[&key, &token]).await.map(|_| ())
            });
        })))
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.0.database.of(key).rows(REMOVE, &[&key]).await.map(|_| ())
    }
}
