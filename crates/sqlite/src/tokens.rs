//! Tokens of users who have signed in.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::auth::{RenewalLease, StoredTokens, TokenSave, TokenStore, TokenVersion};

use crate::store::Sqlite;
use crate::writer::Work;

/// The row outlives a sign-out, and with it the lease. New tokens end the lease: their process may end before it
/// does so itself.
const SAVE: &str = "insert into token (key, sealed, version) values (?1, ?2, ?3) \
    on conflict (key) do update set sealed = excluded.sealed, version = excluded.version, lease_until = null";

const BEGIN_RENEWAL: &str = "insert into token (key, fencing_token, lease_until) values (?1, ?2, ?3) \
    on conflict (key) do update set fencing_token = excluded.fencing_token, lease_until = excluded.lease_until";

const RENEWS: &str = "select 1 from token where key = ?1 and lease_until > ?2";

const END_RENEWAL: &str = "update token set lease_until = null where key = ?1 and fencing_token = ?2";

const REMOVE: &str = "update token set sealed = null, version = null where key = ?1";

fn load(work: &Work<'_>, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
    let sql = "select sealed, version from token where key = ?1 and sealed is not null";
    let row = work.row(sql, [key], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?)))?;
    let Some((sealed, version)) = row else { return Ok(None) };
    let plain = work.sealer("token", key, "")?.open("sealed", &sealed)?;
    Ok(Some((StoredTokens::from_bytes(&plain)?, TokenVersion(version))))
}

#[async_trait]
impl TokenStore for Sqlite {
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        let key = key.to_owned();
        self.writer.run(move |work| load(work, &key)).await
    }

    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave> {
        let (key, tokens) = (key.to_owned(), tokens.to_bytes());
        let save = move |work: &Work<'_>| {
            if expected.is_some() {
                let there = load(work, &key)?;
                if there.as_ref().map(|(_, version)| *version) != expected {
                    return Ok(TokenSave::Overtaken(there));
                }
            }
            let sealed = work.sealer("token", &key, "")?.seal("sealed", &tokens)?;
            let version = work.next_number()?;
            work.change(SAVE, (&key, sealed, version))?;
            Ok(TokenSave::Kept(TokenVersion(version)))
        };
        self.writer.run(save).await
    }

    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>> {
        let (key, writer) = (key.to_owned(), self.writer.clone());
        let held = key.clone();
        let begin = move |work: &Work<'_>| {
            if work.row(RENEWS, (&key, work.now), |_| Ok(()))?.is_some() {
                return Ok(None);
            }
            let token = work.next_number()?;
            work.change(BEGIN_RENEWAL, (&key, token, work.after(duration)))?;
            Ok(Some(token))
        };
        let token = self.writer.run(begin).await?;
        Ok(token.map(|token| {
            RenewalLease::new(token, move || {
                writer.later(move |work| work.change(END_RENEWAL, (&held, token)).map(|_| ()));
            })
        }))
    }

    async fn remove(&self, key: &str) -> Result<()> {
        let key = key.to_owned();
        self.writer.run(move |work| work.change(REMOVE, [&key]).map(|_| ())).await
    }
}
