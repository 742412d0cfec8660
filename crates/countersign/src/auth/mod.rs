//! Credentials, tokens and a user's sign-in with a browser.
//!
//! ```
//! use std::path::PathBuf;
//! use std::sync::Arc;
//!
//! use countersign::auth::{FileTokenStore, TokenStore};
//!
//! // Where the tokens of those who sign in are kept. A service with a database implements `TokenStore`.
//! let store: Arc<dyn TokenStore> = Arc::new(FileTokenStore::new(Some(PathBuf::from("tokens"))));
//! ```

mod token_files;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::locked;
use countersign_core::store::Scope;
use tokio::time::Instant;

pub use countersign_core::auth::{
    Anonymous, AuthRetry, Authenticator, CachedToken, ClientCredentials, CodeGrant, Connection, Credentials,
    CredentialsPreview, Locate, MemoryTokenStore, OauthClient, PendingSignIn, RenewalLease, Session, SignIn,
    SignedCredentials, SignedIn, StoredTokens, TokenCache, TokenEndpoint, TokenGrant, TokenSave, TokenSlot,
    TokenSource, TokenStore, TokenVersion, reclassify_auth_error,
};

pub use countersign_core::store::PendingSignIns;
pub use token_files::FileTokenStore;

/// Up to 10,000 sign-ins in the memory of this process. When it is full, the one that ends first is removed.
#[derive(Debug, Default)]
pub struct MemorySignIns {
    kept: Mutex<HashMap<(Scope, String), (PendingSignIn, Instant)>>,
}

/// The maximum number of sign-ins.
const CAPACITY: usize = 10_000;

#[async_trait]
impl PendingSignIns for MemorySignIns {
    async fn put(&self, scope: &Scope, pending: &PendingSignIn, keep: Duration) -> Result<()> {
        let now = Instant::now();
        let end = now.checked_add(keep).unwrap_or(now);
        let mut kept = locked(&self.kept);
        if kept.len() >= CAPACITY {
            kept.retain(|_, (_, end)| now < *end);
        }
        if kept.len() >= CAPACITY {
            let first = kept.iter().min_by_key(|(_, (_, end))| *end).map(|(key, _)| key.clone());
            first.and_then(|first| kept.remove(&first));
        }
        kept.insert((scope.clone(), pending.handle()), (pending.clone(), end));
        Ok(())
    }

    async fn take(&self, scope: &Scope, handle: &str) -> Result<Option<PendingSignIn>> {
        let mut kept = locked(&self.kept);
        let found = kept.remove(&(scope.clone(), handle.to_owned()));
        Ok(found.filter(|(_, end)| Instant::now() < *end).map(|(pending, _)| pending))
    }
}
