//! A ledger in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::store::{
    Ask, CallAbout, CallRecord, CallState, Claim, Completed, Cursor, Ending, Finding, Fingerprint,
    IdempotencyKey, InFlight, Ledger, LedgerLease, Resolution, Resolved, Scope, StoredError, StoredReply,
    UnresolvedCall,
};
use countersign_core::webhook::FencingToken;
use countersign_core::{Effect, Result, Timestamp};
use tokio::time::Instant;

/// The fingerprint key. It need not be secret: in this process's memory are the requests themselves.
const FINGERPRINT_KEY: [u8; 32] = [0; 32];

/// A ledger in memory: lost with the process, shared by its clones.
///
/// Replies are kept for 24 hours by default, signing links no longer than they work. Unknown outcomes are kept
/// until they are resolved. By default at most 100,000 entries are kept. If it is full, the replies that expire
/// soonest are removed; if only running and unresolved calls remain, new keys are rejected.
#[derive(Debug)]
pub struct MemoryLedger {
    book: Mutex<Book>,
    keep: Duration,
    most: usize,
}

type Key = (Scope, IdempotencyKey);

#[derive(Debug, Default)]
struct Book {
    rows: BTreeMap<Key, Row>,
    /// The completed and the resolved rows, and when they are removed.
    ends: BTreeSet<(Instant, Key)>,
    /// The latest fencing token; none is given out twice.
    latest: i64,
}

#[derive(Debug)]
struct Row {
    request: Fingerprint,
    about: CallAbout,
    token: FencingToken,
    claimed_at: Timestamp,
    lease_until: Instant,
    /// The strongest effect that was marked, and when the first was.
    marked: Option<(Effect, Timestamp)>,
    error: Option<StoredError>,
    ended: Option<Ended>,
}

#[derive(Debug)]
struct Ended {
    how: How,
    at: Timestamp,
    /// When the key is free again.
    until: Instant,
    /// When the row is removed: later, if a person found that the call did not happen.
    kept_until: Instant,
}

#[derive(Debug)]
enum How {
    Reply(StoredReply),
    Resolved { found: Resolution, by: String, note: String },
}

impl Row {
    fn runs_for(&self, now: Instant) -> Option<Duration> {
        let left = self.lease_until.saturating_duration_since(now);
        (self.ended.is_none() && !left.is_zero()).then_some(left)
    }

    /// Whether this lease is the row's, and the call has not ended.
    fn is_held_by(&self, lease: &LedgerLease) -> bool {
        self.ended.is_none() && self.token == lease.fencing_token
    }

    /// Whether the call has ended with a reply under this lease.
    fn has_reply_of(&self, lease: &LedgerLease) -> bool {
        let replied = matches!(&self.ended, Some(Ended { how: How::Reply(_), .. }));
        replied && self.token == lease.fencing_token
    }

    fn state(&self) -> CallState {
        match (&self.ended, self.marked) {
            (Some(Ended { how: How::Reply(_), .. }), _) => CallState::Completed,
            (Some(Ended { how: How::Resolved { .. }, .. }), _) => CallState::Resolved,
            (None, Some(_)) => CallState::InFlight,
            (None, None) => CallState::Claimed,
        }
    }
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

    /// Keeps replies for a different time.
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

    /// The number of keys: running, unknown, or completed and not expired when last used.
    pub fn len(&self) -> usize {
        locked(&self.book).rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Book {
    fn forget_expired(&mut self, now: Instant) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            self.forget_first();
        }
    }

    /// Removes the row of a key that is free.
    fn forget_free(&mut self, key: &Key, now: Instant) {
        let ended = self.rows.get(key).and_then(|row| row.ended.as_ref());
        if let Some(kept_until) = ended.filter(|ended| ended.until <= now).map(|ended| ended.kept_until) {
            self.ends.remove(&(kept_until, key.clone()));
            self.rows.remove(key);
        }
    }

    fn make_room(&mut self, most: usize) -> bool {
        while self.rows.len() >= most {
            if !self.forget_first() {
                return false;
            }
        }
        true
    }

    /// Removes the row that expires soonest, if any row expires.
    fn forget_first(&mut self) -> bool {
        let Some((_, key)) = self.ends.pop_first() else { return false };
        self.rows.remove(&key);
        true
    }

    /// Gives out a lease on a row that is new or taken over.
    fn lease(&mut self, ask: &Ask<'_>, request: Fingerprint, now: Instant) -> LedgerLease {
        self.latest += 1;
        let token = FencingToken(self.latest);
        let key = (ask.scope.clone(), ask.key.clone());
        let earlier = self.rows.remove(&key);
        let marked = earlier.as_ref().and_then(|row| row.marked);
        let row = Row {
            request,
            about: ask.about.clone(),
            token,
            claimed_at: Timestamp::now(),
            lease_until: after(now, ask.lease),
            marked,
            error: earlier.and_then(|row| row.error),
            ended: None,
        };
        self.rows.insert(key, row);
        LedgerLease::new(ask, token, marked.map(|(effect, _)| effect))
    }

    fn held(&mut self, lease: &LedgerLease) -> Option<&mut Row> {
        let key = (lease.scope.clone(), lease.key.clone());
        self.rows.get_mut(&key).filter(|row| row.is_held_by(lease))
    }

    fn remove(&mut self, lease: &LedgerLease) {
        self.rows.remove(&(lease.scope.clone(), lease.key.clone()));
    }

    fn end(&mut self, key: Key, how: How, until: Instant, kept_until: Instant) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.ended = Some(Ended { how, at: Timestamp::now(), until, kept_until });
            self.ends.insert((kept_until, key));
        }
    }

    /// The call ended, and may have had the effects that were marked.
    fn unknown(&mut self, lease: &LedgerLease, error: Option<StoredError>, now: Instant) {
        let Some(row) = self.held(lease) else { return };
        if row.marked.is_none() {
            self.remove(lease);
            return;
        }
        row.lease_until = now;
        row.error = error.or(row.error.take());
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        let request = ask.request.fingerprint(&FINGERPRINT_KEY);
        let now = Instant::now();
        let mut book = locked(&self.book);
        let key = (ask.scope.clone(), ask.key.clone());
        book.forget_expired(now);
        book.forget_free(&key, now);
        let Some(row) = book.rows.get(&key) else {
            if !book.make_room(self.most) {
                return Ok(Claim::Full);
            }
            return Ok(Claim::Acquired(book.lease(ask, request, now)));
        };
        let running = row.runs_for(now);
        if row.state() == CallState::Claimed && running.is_none() {
            return Ok(Claim::Acquired(book.lease(ask, request, now)));
        }
        if row.request != request {
            return Ok(Claim::OtherRequest);
        }
        if let Some(retry_in) = running {
            return Ok(Claim::Running { since: row.claimed_at, retry_in });
        }
        Ok(match (&row.ended, row.marked) {
            (Some(Ended { how: How::Reply(reply), .. }), _) => Claim::Recorded(reply.clone()),
            (Some(Ended { how: How::Resolved { .. }, .. }), _) => Claim::Done,
            (None, Some((effect, _))) if effect >= Effect::Notifies => Claim::Unknown(row.error.clone()),
            (None, _) => Claim::Acquired(book.lease(ask, request, now)),
        })
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        let mut book = locked(&self.book);
        let Some(row) = book.held(lease) else { return Ok(InFlight::Overtaken) };
        let (strongest, since) = row.marked.unwrap_or((effect, Timestamp::now()));
        row.marked = Some((strongest.max(effect), since));
        row.lease_until = after(Instant::now(), lease.length);
        Ok(InFlight::Accepted)
    }

    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight> {
        let mut book = locked(&self.book);
        let Some(row) = book.held(lease) else { return Ok(InFlight::Overtaken) };
        row.lease_until = after(Instant::now(), by);
        Ok(InFlight::Accepted)
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        let now = Instant::now();
        let mut book = locked(&self.book);
        let key = (lease.scope.clone(), lease.key.clone());
        // The answer to an earlier attempt may have been lost, so the same reply may come again.
        let replied = book.rows.get(&key).is_some_and(|row| row.has_reply_of(lease));
        match ending {
            Ending::Reply { .. } if replied => {}
            _ if book.held(lease).is_none() => return Ok(Completed::Overtaken),
            Ending::Reply { reply, keep } => {
                let until = after(now, self.keep.min(*keep));
                book.end(key, How::Reply(reply.clone()), until, until);
            }
            Ending::Unknown(error) => book.unknown(lease, Some(error.clone()), now),
            // There are no others in this version.
            _ => {}
        }
        Ok(Completed::Kept)
    }

    async fn release(&self, lease: &LedgerLease) -> Result<()> {
        let mut book = locked(&self.book);
        if book.held(lease).is_some() {
            book.remove(lease);
        }
        Ok(())
    }

    fn abandon(&self, lease: LedgerLease, possible_effect: bool) {
        let mut book = locked(&self.book);
        if possible_effect {
            book.unknown(&lease, None, Instant::now());
        } else if book.held(&lease).is_some() {
            book.remove(&lease);
        }
    }

    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved> {
        let now = Instant::now();
        let Finding { found, by, note, .. } = *finding;
        let key = (finding.scope.clone(), finding.key.clone());
        let mut book = locked(&self.book);
        let Some(row) = book.rows.get(&key) else { return Ok(Resolved::NotUnknown) };
        if let Some(for_) = row.runs_for(now) {
            return Ok(Resolved::StillRunning { for_ });
        }
        if row.state() != CallState::InFlight {
            return Ok(Resolved::NotUnknown);
        }
        let kept_until = after(now, self.keep);
        let until = if found == Resolution::Happened { kept_until } else { now };
        let how = How::Resolved { found, by: by.to_owned(), note: note.to_owned() };
        book.end(key, how, until, kept_until);
        Ok(Resolved::Changed)
    }

    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        let now = Instant::now();
        let from = match after {
            Some(cursor) => Bound::Excluded((cursor.scope.clone(), cursor.key.clone())),
            None => Bound::Unbounded,
        };
        let book = locked(&self.book);
        let unknown = book.rows.range((from, Bound::Unbounded)).filter_map(|((its, key), row)| {
            let (effect, since) = row.marked?;
            let listed = row.ended.is_none() && row.runs_for(now).is_none();
            (listed && scope.is_none_or(|scope| scope == its)).then(|| {
                let (about, error) = (row.about.clone(), row.error.clone());
                UnresolvedCall { scope: its.clone(), key: key.clone(), since, effect, about, error }
            })
        });
        Ok(unknown.take(usize::try_from(most).unwrap_or(usize::MAX)).collect())
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        let now = Instant::now();
        let book = locked(&self.book);
        let Some(row) = book.rows.get(&(scope.clone(), key.clone())) else { return Ok(None) };
        if row.ended.as_ref().is_some_and(|ended| ended.kept_until <= now) {
            return Ok(None);
        }
        let since = match (&row.ended, row.marked) {
            (Some(ended), _) => ended.at,
            (None, Some((_, since))) => since,
            (None, None) => row.claimed_at,
        };
        let (found, resolved_by, note) = match &row.ended {
            Some(Ended { how: How::Resolved { found, by, note }, .. }) => {
                (Some(*found), Some(by.clone()), Some(note.clone()))
            }
            _ => (None, None, None),
        };
        Ok(Some(CallRecord {
            scope: scope.clone(),
            key: key.clone(),
            state: row.state(),
            effect: row.marked.map(|(effect, _)| effect),
            since,
            running_for: row.runs_for(now),
            about: row.about.clone(),
            error: row.error.clone(),
            found,
            resolved_by,
            note,
        }))
    }
}

/// A time that cannot be represented is thirty years from now.
fn after(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(86_400 * 365 * 30);
    now.checked_add(time.min(FAR)).unwrap_or(now)
}
