//! A ledger in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::store::{
    Ask, CallRecord, CallState, Claim, Completed, Cursor, Ending, Finding, Fingerprint, IdempotencyKey,
    InFlight, Ledger, LedgerLease, Resolution, Resolved, Scope, StoredError, StoredReply, UnresolvedCall,
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
    token: FencingToken,
    claimed_at: Timestamp,
    lease_until: Instant,
    record: CallRecord,
    reply: Option<StoredReply>,
    /// For an ended call: when the key is free again, and when the row is removed. That is later if a person found that
    /// the call did not happen.
    ends: Option<(Instant, Instant)>,
}

impl Row {
    fn runs_for(&self, now: Instant) -> Option<Duration> {
        let left = self.lease_until.saturating_duration_since(now);
        (self.ends.is_none() && !left.is_zero()).then_some(left)
    }

    /// Whether this lease is the row's, and the call has not ended.
    fn is_held_by(&self, lease: &LedgerLease) -> bool {
        self.ends.is_none() && self.token == lease.fencing_token
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
        let ends = self.rows.get(key).and_then(|row| row.ends);
        if let Some((_, kept_until)) = ends.filter(|(until, _)| *until <= now) {
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
        let claimed_at = Timestamp::now();
        let mut record = CallRecord {
            scope: ask.scope.clone(),
            key: ask.key.clone(),
            state: CallState::Claimed,
            effect: None,
            since: claimed_at,
            running_for: None,
            about: ask.about.clone(),
            error: None,
            found: None,
            resolved_by: None,
            note: None,
        };
        if let Some(Row { record: earlier, .. }) = self.rows.remove(&key)
            && earlier.effect.is_some()
        {
            (record.state, record.effect) = (earlier.state, earlier.effect);
            (record.since, record.error) = (earlier.since, earlier.error);
        }
        let lease = LedgerLease::new(ask, token, record.effect);
        let lease_until = after(now, ask.lease);
        self.rows
            .insert(key, Row { request, token, claimed_at, lease_until, record, reply: None, ends: None });
        lease
    }

    fn held(&mut self, lease: &LedgerLease) -> Option<&mut Row> {
        let key = (lease.scope.clone(), lease.key.clone());
        self.rows.get_mut(&key).filter(|row| row.is_held_by(lease))
    }

    fn remove(&mut self, lease: &LedgerLease) {
        self.rows.remove(&(lease.scope.clone(), lease.key.clone()));
    }

    /// The call has ended: its row, which is removed later.
    fn end(&mut self, key: Key, state: CallState, until: Instant, kept_until: Instant) -> Option<&mut Row> {
        let row = self.rows.get_mut(&key)?;
        (row.record.state, row.record.since) = (state, Timestamp::now());
        row.ends = Some((until, kept_until));
        self.ends.insert((kept_until, key));
        Some(row)
    }

    /// The call ended, and may have had the effects that were marked.
    fn unknown(&mut self, lease: &LedgerLease, error: Option<StoredError>, now: Instant) {
        let Some(row) = self.held(lease) else { return };
        if row.record.effect.is_none() {
            self.remove(lease);
            return;
        }
        row.lease_until = now;
        row.record.error = error.or(row.record.error.take());
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
        if row.record.state == CallState::Claimed && running.is_none() {
            return Ok(Claim::Acquired(book.lease(ask, request, now)));
        }
        if row.request != request {
            return Ok(Claim::OtherRequest);
        }
        if let Some(retry_in) = running {
            return Ok(Claim::Running { since: row.claimed_at, retry_in });
        }
        Ok(match &row.reply {
            Some(reply) => Claim::Recorded(reply.clone()),
            None if row.ends.is_some() => Claim::Done,
            None if row.record.effect >= Some(Effect::Notifies) => Claim::Unknown(row.record.error.clone()),
            None => Claim::Acquired(book.lease(ask, request, now)),
        })
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        let mut book = locked(&self.book);
        let Some(row) = book.held(lease) else { return Ok(InFlight::Overtaken) };
        if row.record.effect.is_none() {
            (row.record.state, row.record.since) = (CallState::InFlight, Timestamp::now());
        }
        row.record.effect = row.record.effect.max(Some(effect));
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
        let is_same = |row: &Row| row.reply.is_some() && row.token == lease.fencing_token;
        let replied = book.rows.get(&key).is_some_and(is_same);
        match ending {
            Ending::Reply { .. } if replied => {}
            _ if book.held(lease).is_none() => return Ok(Completed::Overtaken),
            Ending::Reply { reply, keep } => {
                let until = after(now, self.keep.min(*keep));
                if let Some(row) = book.end(key, CallState::Completed, until, until) {
                    row.reply = Some(reply.clone());
                }
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
        if row.record.state != CallState::InFlight {
            return Ok(Resolved::NotUnknown);
        }
        let kept_until = after(now, self.keep);
        let until = if found == Resolution::Happened { kept_until } else { now };
        if let Some(Row { record, .. }) = book.end(key, CallState::Resolved, until, kept_until) {
            record.found = Some(found);
            (record.resolved_by, record.note) = (Some(by.to_owned()), Some(note.to_owned()));
        }
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
            let CallRecord { effect, since, about, error, .. } = &row.record;
            let listed = row.ends.is_none() && row.runs_for(now).is_none();
            if !listed || scope.is_some_and(|scope| scope != its) {
                return None;
            }
            let (about, error) = (about.clone(), error.clone());
            let (scope, key, since, effect) = (its.clone(), key.clone(), *since, (*effect)?);
            Some(UnresolvedCall { scope, key, since, effect, about, error })
        });
        Ok(unknown.take(usize::try_from(most).unwrap_or(usize::MAX)).collect())
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        let now = Instant::now();
        let book = locked(&self.book);
        let row = book.rows.get(&(scope.clone(), key.clone()));
        let row = row.filter(|row| row.ends.is_none_or(|(_, kept_until)| kept_until > now));
        Ok(row.map(|row| {
            let mut record = row.record.clone();
            record.running_for = row.runs_for(now);
            record
        }))
    }
}

/// A time that cannot be represented is thirty years from now.
fn after(now: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(86_400 * 365 * 30);
    now.checked_add(time.min(FAR)).unwrap_or(now)
}
