//! A ledger in the process's memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{Error, Result, Timestamp};
use tokio::sync::Notify;

use super::{Claim, Ending, Fingerprint, IdempotencyKey, Ledger, Reply, Resolution};

/// A ledger in the process's memory: gone with the process, shared by whoever has it.
///
/// Replies are kept for 24 hours unless told otherwise, signing links no longer than the link lives. Unknown outcomes
/// are kept until they are resolved. At most 100,000 entries are kept unless told otherwise; when there is no room,
/// the replies that end soonest go first, and if only calls under way and unresolved ones are left, further keys are refused.
#[derive(Debug)]
pub struct MemoryLedger {
    book: Mutex<Book>,
    keep: Duration,
    most: usize,
}

#[derive(Debug, Default)]
struct Book {
    entries: HashMap<IdempotencyKey, Entry>,
    /// The settled entries by their end.
    ends: BTreeSet<(Timestamp, IdempotencyKey)>,
}

#[derive(Debug)]
struct Entry {
    request: Fingerprint,
    state: State,
}

#[derive(Debug)]
enum State {
    UnderWay(Arc<Notify>),
    Unknown(Option<Error>),
    /// With the reply, if there is one, until an instant.
    Settled(Option<Reply>, Timestamp),
}

impl Default for MemoryLedger {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryLedger {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { book: Mutex::default(), keep: Duration::from_secs(24 * 60 * 60), most: 100_000 }
    }

    /// Keeps replies for another time.
    #[must_use]
    pub fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    /// Keeps at most this many entries, at least one.
    #[must_use]
    pub fn at_most(mut self, entries: usize) -> Self {
        self.most = entries.max(1);
        self
    }

    /// How many keys are in it: under way, unknown, or settled and not expired when it was last used.
    #[must_use]
    pub fn len(&self) -> usize {
        self.book().entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.keep).unwrap_or(Timestamp::MAX)
    }

    /// Takes the key or says what it is; a call under way is to be waited for.
    fn look(&self, key: &IdempotencyKey, request: Fingerprint, now: Timestamp) -> Found {
        let mut book = self.book();
        book.forget_expired(now);
        match book.entries.get(key) {
            Some(entry) if entry.request != request => return Found::Claim(Claim::OtherRequest),
            Some(Entry { state: State::UnderWay(ended), .. }) => {
                // Made under the lock, so that an end between here and the wait is not missed.
                return Found::UnderWay(Arc::clone(ended).notified_owned());
            }
            Some(Entry { state: State::Unknown(error), .. }) => {
                return Found::Claim(Claim::Unknown(error.clone()));
            }
            Some(Entry { state: State::Settled(Some(reply), _), .. }) => {
                return Found::Claim(Claim::Recorded(reply.clone()));
            }
            Some(Entry { state: State::Settled(None, _), .. }) => return Found::Claim(Claim::Done),
            None => {}
        }
        if !book.make_room(self.most) {
            return Found::Claim(Claim::Full);
        }
        book.entries.insert(key.clone(), Entry { request, state: State::UnderWay(Arc::default()) });
        Found::Claim(Claim::Taken)
    }

    /// Ends a call under way; what is not under way stays as it is.
    fn finish(&self, key: &IdempotencyKey, state: Option<State>) {
        let mut book = self.book();
        let Some(entry) = book.entries.get_mut(key) else { return };
        let State::UnderWay(ended) = &entry.state else { return };
        let ended = Arc::clone(ended);
        match state {
            Some(state) => {
                let end = if let State::Settled(_, end) = &state { Some(*end) } else { None };
                entry.state = state;
                if let Some(end) = end {
                    book.ends.insert((end, key.clone()));
                }
            }
            None => {
                book.entries.remove(key);
            }
        }
        drop(book);
        ended.notify_waiters();
    }
}

enum Found {
    Claim(Claim),
    UnderWay(tokio::sync::futures::OwnedNotified),
}

impl Book {
    fn forget_expired(&mut self, now: Timestamp) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            self.forget_first();
        }
    }

    fn make_room(&mut self, most: usize) -> bool {
        while self.entries.len() >= most {
            if !self.forget_first() {
                return false;
            }
        }
        true
    }

    /// Forgets the settled entry that ends soonest, if there is one.
    fn forget_first(&mut self) -> bool {
        let Some((_, key)) = self.ends.pop_first() else { return false };
        self.entries.remove(&key);
        true
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn claim(&self, key: &IdempotencyKey, request: Fingerprint, now: Timestamp) -> Result<Claim> {
        loop {
            match self.look(key, request, now) {
                Found::Claim(claim) => return Ok(claim),
                Found::UnderWay(ended) => ended.await,
            }
        }
    }

    async fn settle(&self, key: &IdempotencyKey, ending: Ending, now: Timestamp) -> Result<()> {
        let state = match ending {
            Ending::Reply(reply, until) => {
                let end = self.end(now);
                Some(State::Settled(Some(reply), until.map_or(end, |until| until.min(end))))
            }
            Ending::Unknown(error) => Some(State::Unknown(Some(error))),
            Ending::Nothing => None,
        };
        self.finish(key, state);
        Ok(())
    }

    fn abandon(&self, key: &IdempotencyKey, possible_effect: bool) {
        self.finish(key, possible_effect.then_some(State::Unknown(None)));
    }

    async fn resolve(&self, key: &IdempotencyKey, resolution: Resolution, now: Timestamp) -> Result<bool> {
        let mut book = self.book();
        let Some(entry) = book.entries.get_mut(key) else { return Ok(false) };
        if !matches!(entry.state, State::Unknown(_)) {
            return Ok(false);
        }
        match resolution {
            Resolution::DidNotHappen => {
                book.entries.remove(key);
            }
            Resolution::Happened => {
                let end = self.end(now);
                entry.state = State::Settled(None, end);
                book.ends.insert((end, key.clone()));
            }
        }
        Ok(true)
    }
}
