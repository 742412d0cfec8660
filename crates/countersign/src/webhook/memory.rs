//! Stores processed notifications in memory, limited in number and in time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::{
    Clock, Completion, Dedup, FencingToken, Result, SeenKey, SeenStore, SystemClock, Timestamp,
};

/// The default time for which a notification is remembered: longer than any vendor retries, and longer than the
/// maximum age of an accepted webhook.
pub(super) const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Remembers notifications in this process only: they are lost on restart and not visible to other processes.
///
/// When it is full, the oldest one is removed, and would count as the first again.
#[derive(Debug, Clone)]
pub struct MemorySeen {
    keys: Arc<Mutex<Keys>>,
    clock: Arc<dyn Clock>,
}

impl Default for MemorySeen {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl MemorySeen {
    /// Remembers this many for thirty days; each takes about 200 bytes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { keys: Arc::new(Mutex::new(Keys::new(capacity, RETENTION))), clock: Arc::new(SystemClock) }
    }

    /// Sets how long to remember.
    #[must_use]
    pub fn with_retention(self, retention: Duration) -> Self {
        locked(&self.keys).retention = retention;
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

#[async_trait]
impl SeenStore for MemorySeen {
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>> {
        Ok(locked(&self.keys).claim(key, lease, self.clock.now()))
    }

    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion> {
        let mut keys = locked(&self.keys);
        if keys.is_superseded(key, token) {
            return Ok(Completion::Superseded);
        }
        keys.done(key, self.clock.now());
        Ok(Completion::Recorded)
    }

    fn release(&self, key: &SeenKey, token: FencingToken) {
        locked(&self.keys).release(key, token);
    }
}

/// The keys that are done, oldest first, and those in progress.
#[derive(Debug)]
pub(super) struct Keys {
    capacity: usize,
    pub(super) retention: Duration,
    done: HashMap<SeenKey, Timestamp>,
    order: VecDeque<(Timestamp, SeenKey)>,
    in_progress: HashMap<SeenKey, Claim>,
    /// The latest token; none is issued twice.
    latest: i64,
}

#[derive(Debug)]
struct Claim {
    token: FencingToken,
    until: Timestamp,
}

impl Keys {
    pub(super) fn new(capacity: usize, retention: Duration) -> Self {
        Self {
            capacity: capacity.max(1),
            retention,
            done: HashMap::new(),
            order: VecDeque::new(),
            in_progress: HashMap::new(),
            latest: 0,
        }
    }

    pub(super) fn claim(&mut self, key: &SeenKey, lease: Duration, now: Timestamp) -> Dedup<FencingToken> {
        self.expire(now);
        self.in_progress.retain(|_, claim| now < claim.until);
        if self.done.contains_key(key) {
            return Dedup::Duplicate;
        }
        if let Some(claim) = self.in_progress.get(key) {
            return Dedup::InProgress { retry_after: claim.until.duration_since(now).unsigned_abs() };
        }
        self.latest += 1;
        let token = FencingToken(self.latest);
        let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
        self.in_progress.insert(key.clone(), Claim { token, until });
        Dedup::First(token)
    }

    /// Whether the key is done, or in progress under another token.
    pub(super) fn is_superseded(&self, key: &SeenKey, token: FencingToken) -> bool {
        self.done.contains_key(key) || self.in_progress.get(key).is_some_and(|claim| claim.token != token)
    }

    /// Records that the work is done, whichever delivery did it.
    pub(super) fn done(&mut self, key: &SeenKey, now: Timestamp) {
        self.in_progress.remove(key);
        if self.done.insert(key.clone(), now).is_none() {
            self.order.push_back((now, key.clone()));
        }
        self.expire(now);
    }

    pub(super) fn release(&mut self, key: &SeenKey, token: FencingToken) {
        if self.in_progress.get(key).is_some_and(|claim| claim.token == token) {
            self.in_progress.remove(key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// What is done, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Timestamp, SeenKey)> {
        self.order.iter()
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        let too_old = |(at, _): &(Timestamp, SeenKey)| is_past(*at, self.retention, now);
        while self.order.len() > self.capacity || self.order.front().is_some_and(too_old) {
            let Some((_, key)) = self.order.pop_front() else { return };
            self.done.remove(&key);
        }
    }
}

fn is_past(since: Timestamp, limit: Duration, now: Timestamp) -> bool {
    let age = now.duration_since(since);
    age.is_positive() && age.unsigned_abs() > limit
}
