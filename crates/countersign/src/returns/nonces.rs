//! Telling a first return from a second one.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use countersign_core::{Result, Timestamp};

use super::keys::no_randomness;

/// The number used once that makes a return URL one of its kind: 96 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nonce([u8; Nonce::BYTES]);

impl Nonce {
    pub(super) const BYTES: usize = 12;

    pub(super) fn random() -> Result<Self> {
        let mut bytes = [0; Self::BYTES];
        getrandom::fill(&mut bytes).map_err(|_| no_randomness())?;
        Ok(Self(bytes))
    }

    pub(super) fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8] {
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

/// Remembers which returns have come. An application with several processes brings a store that they share.
#[async_trait]
pub trait NonceStore: fmt::Debug + Send + Sync + 'static {
    /// Takes a nonce: true the first time, false ever after, of two at the same time for exactly one. Need not be
    /// remembered past `until`, when its return is refused as too old.
    ///
    /// # Errors
    /// What stands in the way of knowing; the return is then refused for now.
    async fn claim(&self, nonce: Nonce, until: Timestamp, now: Timestamp) -> Result<bool>;
}

/// Nonces in the memory of this process, at most as many as told.
///
/// Only returns with a good signature take room. When there is none left, the one that ends first is forgotten, and its
/// return would be let in again until it is too old.
#[derive(Debug)]
pub struct MemoryNonces {
    capacity: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    nonces: HashSet<Nonce>,
    by_end: BTreeSet<(Timestamp, Nonce)>,
}

impl MemoryNonces {
    /// As many as are remembered without being told: some ten megabytes.
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
    async fn claim(&self, nonce: Nonce, until: Timestamp, now: Timestamp) -> Result<bool> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Taken { nonces, by_end } = &mut *taken;
        if !nonces.insert(nonce) {
            return Ok(false);
        }
        by_end.insert((until, nonce));
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
