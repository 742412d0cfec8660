//! Keeps unwrapped keys at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::data_key::DataKey;

/// The unwrapped keys of the scopes in use. A store asks it before it reads and unwraps a key.
#[derive(Debug)]
pub struct KeyCache {
    capacity: usize,
    keys: Mutex<HashMap<String, Arc<DataKey>>>,
}

impl KeyCache {
    /// The default maximum: about four megabytes.
    pub const CAPACITY: usize = 10_000;

    /// A cache of at most this many keys, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), keys: Mutex::default() }
    }

    /// The key of a scope.
    #[must_use]
    pub fn get(&self, scope: &str) -> Option<Arc<DataKey>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(scope).cloned()
    }

    /// Keeps the key of a scope. A full cache is emptied first: keys are cheap to unwrap again.
    pub fn put(&self, scope: &str, key: impl Into<Arc<DataKey>>) -> Arc<DataKey> {
        let key = key.into();
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= self.capacity {
            keys.clear();
        }
        keys.insert(scope.to_owned(), Arc::clone(&key));
        key
    }

    /// Removes all keys, for example after a transaction that created one was taken back.
    pub fn clear(&self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Default for KeyCache {
    fn default() -> Self {
        Self::new(Self::CAPACITY)
    }
}
