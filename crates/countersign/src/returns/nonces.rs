//! Remembers used returns in this process.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::Result;
use countersign_core::locked;
use countersign_core::store::{Nonce, NonceStore};
use tokio::time::Instant;

use super::keys::no_randomness;

pub(super) fn random_nonce() -> Result<Nonce> {
    let mut bytes = [0; Nonce::BYTES];
    getrandom::fill(&mut bytes).map_err(|_| no_randomness())?;
    Ok(Nonce::from_bytes(bytes))
}

/// Nonces in the memory of this process, up to a maximum.
///
/// Only returns with a valid signature use space. When it is full, the nonce that expires first is removed, and its
/// return would be accepted again until it is too old.
#[derive(Debug)]
pub struct MemoryNonces {
    capacity: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    nonces: HashSet<Nonce>,
    by_end: BTreeSet<(Instant, Nonce)>,
}

impl MemoryNonces {
    /// The default maximum: about ten megabytes.
    pub const CAPACITY: usize = 100_000;

    /// Remembers at most this many, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), taken: Mutex::default() }
    }
}

impl Default for MemoryNonces {
    fn default() -> Self {
        Self::new(Self::CAPACITY)
    }
}

#[async_trait]
impl NonceStore for MemoryNonces {
    async fn claim(&self, nonce: Nonce, keep: Duration) -> Result<bool> {
        let now = Instant::now();
        let mut taken = locked(&self.taken);
        let Taken { nonces, by_end } = &mut *taken;
        if !nonces.insert(nonce) {
            return Ok(false);
        }
        let end = now.checked_add(keep).unwrap_or(now);
        by_end.insert((end, nonce));
        while let Some(first) = by_end.first().copied() {
            if first.0 > now && by_end.len() <= self.capacity {
                break;
            }
            by_end.remove(&first);
            nonces.remove(&first.1);
        }
        Ok(true)
    }
}
