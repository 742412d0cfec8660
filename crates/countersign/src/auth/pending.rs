//! Keeps browser sign-ins in this process until the browser returns.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::store::{PendingSignIns, Scope};
use countersign_core::{PendingSignIn, Result};
use tokio::time::Instant;

/// Sign-ins in the memory of this process, up to a maximum. When it is full, the one that ends first is removed.
#[derive(Debug)]
pub struct MemorySignIns {
    capacity: usize,
    kept: Mutex<HashMap<(Scope, String), (PendingSignIn, Instant)>>,
}

impl MemorySignIns {
    /// The default maximum.
    pub const CAPACITY: usize = 10_000;

    /// Keeps at most this many, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), kept: Mutex::default() }
    }
}

impl Default for MemorySignIns {
    fn default() -> Self {
        Self::new(Self::CAPACITY)
    }
}

#[async_trait]
impl PendingSignIns for MemorySignIns {
    async fn put(&self, scope: &Scope, pending: &PendingSignIn, keep: Duration) -> Result<()> {
        let now = Instant::now();
        let end = now.checked_add(keep).unwrap_or(now);
        let mut kept = locked(&self.kept);
        if kept.len() >= self.capacity {
            kept.retain(|_, (_, end)| now < *end);
        }
        if kept.len() >= self.capacity {
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
