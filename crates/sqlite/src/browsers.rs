//! What browsers bring back: sign-ins that have started, and the nonces of returns.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::auth::PendingSignIn;
use countersign_core::store::{Nonce, NonceStore, PendingSignIns, Scope};

use crate::store::Sqlite;
use crate::writer::Work;

const CLAIM_NONCE: &str = "insert into nonce (nonce, until) values (?1, ?2) \
    on conflict (nonce) do update set until = excluded.until where until <= ?3";

const PUT: &str = "replace into sign_in (scope, handle, sealed, until) values (?1, ?2, ?3, ?4)";

const TAKE: &str = "delete from sign_in where scope = ?1 and handle = ?2 and until > ?3 returning sealed";

#[async_trait]
impl NonceStore for Sqlite {
    async fn claim(&self, nonce: Nonce, keep: Duration) -> Result<bool> {
        let claim = move |work: &Work<'_>| {
            Ok(work.change(CLAIM_NONCE, (nonce.as_bytes(), work.after(keep), work.now))? == 1)
        };
        self.writer.run(claim).await
    }
}

#[async_trait]
impl PendingSignIns for Sqlite {
    async fn put(&self, scope: &Scope, pending: &PendingSignIn, keep: Duration) -> Result<()> {
        let (scope, handle, plain) = (scope.clone(), pending.handle(), pending.to_bytes());
        let put = move |work: &Work<'_>| {
            let sealed = work.sealer("sign_in", scope.as_str(), &handle)?.seal("sealed", &plain)?;
            work.change(PUT, (scope.as_str(), &handle, sealed, work.after(keep))).map(|_| ())
        };
        self.writer.run(put).await
    }

    async fn take(&self, scope: &Scope, handle: &str) -> Result<Option<PendingSignIn>> {
        let (scope, handle) = (scope.clone(), handle.to_owned());
        let take = move |work: &Work<'_>| {
            let values = (scope.as_str(), &handle, work.now);
            let Some(sealed) = work.row(TAKE, values, |row| row.get::<_, Vec<u8>>(0))? else {
                return Ok(None);
            };
            let plain = work.sealer("sign_in", scope.as_str(), &handle)?.open("sealed", &sealed)?;
            PendingSignIn::from_bytes(&plain).map(Some)
        };
        self.writer.run(take).await
    }
}
