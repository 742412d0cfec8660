//! What browsers bring back: sign-ins that have started, and the nonces of returns.

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::auth::PendingSignIn;
use countersign_core::store::{Nonce, NonceStore, PendingSignIns, Scope};

use crate::database::{column, millis};
use crate::store::Postgres;

const CLAIM_NONCE: &str = "insert into nonce as n (nonce, until) \
    values ($1, now() + $2 * interval '1 millisecond') \
    on conflict (nonce) do update set until = excluded.until where n.until <= now() returning 1";

const PUT: &str = "insert into sign_in (scope, handle, sealed, until) \
    values ($1, $2, $3, now() + $4 * interval '1 millisecond') \
    on conflict (scope, handle) do update set sealed = excluded.sealed, until = excluded.until";

const TAKE: &str = "delete from sign_in where scope = $1 and handle = $2 and until > now() returning sealed";

#[async_trait]
impl NonceStore for Postgres {
    async fn claim(&self, nonce: Nonce, keep: Duration) -> Result<bool> {
        self.tidy();
        let nonce = nonce.as_bytes().as_slice();
        Ok(self.0.database.across_scopes().row(CLAIM_NONCE, &[&nonce, &millis(keep)]).await?.is_some())
    }
}

#[async_trait]
impl PendingSignIns for Postgres {
    async fn put(&self, scope: &Scope, pending: &PendingSignIn, keep: Duration) -> Result<()> {
        self.tidy();
        let (scope, handle) = (scope.as_str(), pending.handle());
        let sealer = self.0.sealer("sign_in", scope, &handle).await?;
        let sealed = sealer.seal("sealed", &pending.to_bytes())?;
        self.0.database.of(scope).rows(PUT, &[&scope, &handle, &sealed, &millis(keep)]).await.map(|_| ())
    }

    async fn take(&self, scope: &Scope, handle: &str) -> Result<Option<PendingSignIn>> {
        let scope = scope.as_str();
        let Some(row) = self.0.database.of(scope).row(TAKE, &[&scope, &handle]).await? else {
            return Ok(None);
        };
        let sealer = self.0.sealer("sign_in", scope, handle).await?;
        PendingSignIn::from_bytes(&sealer.open("sealed", column(&row, "sealed")?)?).map(Some)
    }
}
