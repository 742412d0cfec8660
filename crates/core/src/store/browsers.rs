//! What browsers bring back: used returns, and sign-ins that have started, perhaps in another process.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::auth::PendingSignIn;
use crate::error::Result;
use crate::store::Scope;

/// The nonce that makes a return URL unique: 96 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nonce([u8; Nonce::BYTES]);

impl Nonce {
    /// The length, in bytes.
    pub const BYTES: usize = 12;

    /// From its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

/// In 24 hexadecimal digits, for a store's key.
impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

/// Remembers used returns. An application with several processes needs a store that they share.
#[async_trait]
pub trait NonceStore: fmt::Debug + Send + Sync + 'static {
    /// Takes a nonce: true the first time, false from then on; of several simultaneous calls, exactly one gets true.
    /// It need not be remembered for longer than `keep`, because its return is then rejected as too old.
    ///
    /// # Errors
    /// Fails if the store cannot be used; the return is then rejected for now.
    async fn claim(&self, nonce: Nonce, keep: Duration) -> Result<bool>;
}

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
