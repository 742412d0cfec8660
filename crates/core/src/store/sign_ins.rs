//! Keeps browser sign-ins until the browser returns, perhaps to another process.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::auth::PendingSignIn;
use crate::error::Result;
use crate::store::Scope;

/// Keeps browser sign-ins that have started. Each is taken once.
///
/// The sign-in contains secrets ([`PendingSignIn::to_bytes`]): a durable store seals them. It is found by
/// [`PendingSignIn::handle`], which is no secret.
#[async_trait]
pub trait PendingSignIns: fmt::Debug + Send + Sync + 'static {
    /// Keeps a sign-in for this time.
    ///
    /// # Errors
    /// Fails if it is not stored; do not send the browser away then.
    async fn put(&self, scope: &Scope, pending: &PendingSignIn, keep: Duration) -> Result<()>;

    /// Takes a sign-in out by its handle; `None` if there is none, its time is over, or it was taken before. Of
    /// several simultaneous calls, at most one gets it.
    ///
    /// # Errors
    /// Fails if the store cannot be used.
    async fn take(&self, scope: &Scope, handle: &str) -> Result<Option<PendingSignIn>>;
}
