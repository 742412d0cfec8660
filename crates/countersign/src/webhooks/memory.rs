//! The memory of notifications, bounded in number and in time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{Clock, NotificationKey, Result, SystemClock, Timestamp};

use super::seen::{Seen, SeenStore};

/// For how long a notification is remembered unless told otherwise: longer than any vendor tries, and longer than the
/// oldest webhook that is taken.
pub(super) const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Work that takes longer was given up without a word: the task was dropped.
const LONGEST_WORK: Duration = Duration::from_secs(60 * 60);

/// Remembers notifications in this process only: a restart forgets them, and another process does not see them.
///
/// When it is full the oldest is forgotten, and would count as the first again.
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
    /// Remembers so many for thirty days; each takes about 200 bytes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { keys: Arc::new(Mutex::new(Keys::new(capacity, RETENTION))), clock: Arc::new(SystemClock) }
    }

    /// Remembers for so long.
    #[must_use]
    pub fn with_retention(self, retention: Duration) -> Self {
        self.lock().retention = retention;
        self
    }

    /// By this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SeenStore for MemorySeen {
    async fn begin(&self, key: &NotificationKey) -> Result<Seen> {
        Ok(self.lock().begin(key, self.clock.now()))
    }

    async fn done(&self, key: &NotificationKey) -> Result<()> {
        self.lock().done(key, self.clock.now());
        Ok(())
    }

    async fn forget(&self, key: &NotificationKey) -> Result<()> {
        self.lock().forget(key);
        Ok(())
    }
}

/// The keys that are done, oldest first, and those under way.
#[derive(Debug)]
pub(super) struct Keys {
    capacity: usize,
    pub(super) retention: Duration,
    done: HashMap<NotificationKey, Timestamp>,
    order: VecDeque<(Timestamp, NotificationKey)>,
    /// Since when.
    under_way: HashMap<NotificationKey, Timestamp>,
}

impl Keys {
    pub(super) fn new(capacity: usize, retention: Duration) -> Self {
        Self {
            capacity: capacity.max(1),
            retention,
            done: HashMap::new(),
            order: VecDeque::new(),
            under_way: HashMap::new(),
        }
    }

    pub(super) fn begin(&mut self, key: &NotificationKey, now: Timestamp) -> Seen {
        self.expire(now);
        self.under_way.retain(|_, since| !is_past(*since, LONGEST_WORK, now));
        if self.done.contains_key(key) || self.under_way.contains_key(key) {
            return Seen::Again;
        }
        self.under_way.insert(key.clone(), now);
        Seen::First
    }

    /// Whether it was not done before.
    pub(super) fn done(&mut self, key: &NotificationKey, now: Timestamp) -> bool {
        self.under_way.remove(key);
        if self.done.contains_key(key) {
            return false;
        }
        self.done.insert(key.clone(), now);
        self.order.push_back((now, key.clone()));
        self.expire(now);
        true
    }

    pub(super) fn forget(&mut self, key: &NotificationKey) {
        self.under_way.remove(key);
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// What is done, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Timestamp, NotificationKey)> {
        self.order.iter()
    }

    pub(super) fn expire(&mut self, now: Timestamp) {
        let too_old = |(at, _): &(Timestamp, NotificationKey)| is_past(*at, self.retention, now);
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
