//! The keys at hand.

use countersign_vault::{KeyCache, Vault};

/// The operator's keys, and the keys of scopes that they have unwrapped.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) vault: Vault,
    pub(crate) seal: KeyCache,
    pub(crate) fingerprint: KeyCache,
}

impl Keys {
    pub(crate) fn new(vault: Vault) -> Self {
        Self { vault, seal: KeyCache::default(), fingerprint: KeyCache::default() }
    }

    /// After a transaction that was taken back: the keys that it created do not exist.
    pub(crate) fn forget(&self) {
        self.seal.clear();
        self.fingerprint.clear();
    }
}
