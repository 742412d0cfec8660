//! A row of the table of calls.

use std::sync::LazyLock;
use std::time::Duration;

use countersign_core::store::{
    CallAbout, CallRecord, CallState, Claim, Cursor, Fingerprint, IdempotencyKey, Resolution, Scope,
    StoredError, StoredReply, UnresolvedCall,
};
use countersign_core::{Effect, Operation, Result};
use rusqlite::Row;

use crate::error::damaged;
use crate::seal::Sealer;
use crate::time::{left, micros, timestamp};
use crate::writer::Work;

/// A request for a key.
pub(super) struct Asked {
    pub(super) scope: Scope,
    pub(super) key: IdempotencyKey,
    pub(super) fingerprint: Fingerprint,
    pub(super) lease: Duration,
    pub(super) about: CallAbout,
}

/// Also in place of a row that has expired, or whose call changed nothing until its lease ended.
const INSERT: &str = "replace into call (scope, key, state, claimed_at, fencing_token, lease_until, fingerprint, \
    operation, vendor, account, envelope, recipient) values (?1, ?2, 'claimed', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

const TAKE_OVER: &str =
    "update call set claimed_at = ?3, fencing_token = ?4, lease_until = ?5 where scope = ?1 and key = ?2";

impl Asked {
    pub(super) fn insert(&self, work: &Work<'_>, token: i64) -> Result<()> {
        let (scope, key) = (self.scope.as_str(), self.key.as_str());
        let recipient = match &self.about.recipient {
            Some(recipient) => {
                Some(work.sealer("call", scope, key)?.seal("recipient", recipient.as_bytes())?)
            }
            None => None,
        };
        let values = rusqlite::params![
            scope,
            key,
            work.now,
            token,
            self.lease_until(work),
            self.fingerprint.as_bytes(),
            self.about.operation.as_str(),
            self.about.vendor,
            self.about.account,
            self.about.envelope,
            recipient,
        ];
        work.change(INSERT, values).map(|_| ())
    }

    /// The same request again, after an earlier call that only set a state.
    pub(super) fn take_over(&self, work: &Work<'_>, token: i64) -> Result<()> {
        let (scope, key) = (self.scope.as_str(), self.key.as_str());
        work.change(TAKE_OVER, (scope, key, work.now, token, self.lease_until(work))).map(|_| ())
    }

    fn lease_until(&self, work: &Work<'_>) -> i64 {
        work.now.saturating_add(micros(self.lease))
    }
}

/// A row, still sealed.
pub(super) struct Record {
    scope: Scope,
    key: IdempotencyKey,
    pub(super) state: CallState,
    claimed_at: i64,
    marked_at: Option<i64>,
    ended_at: Option<i64>,
    expires_at: Option<i64>,
    /// The time until the lease ends; `None` if it has ended.
    lease_left: Option<Duration>,
    fingerprint: Vec<u8>,
    /// The strongest effect that was marked.
    effect: Effect,
    operation: Operation,
    vendor: String,
    account: Option<String>,
    envelope: String,
    recipient: Option<Vec<u8>>,
    reply: Option<Vec<u8>>,
    error: Option<Vec<u8>>,
    resolved_by: Option<String>,
    note: Option<Vec<u8>>,
}

const COLUMNS: &str = "scope, key, state, claimed_at, marked_at, ended_at, expires_at, lease_until, fingerprint, effect, \
    operation, vendor, account, envelope, recipient, reply, error, resolved_by, note";

static FIND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {COLUMNS} from call \
         where scope = ?1 and key = ?2 and (expires_at is null or expires_at > ?3 \
         or (?4 and state = 'resolved' and expires_at = ended_at))"
    )
});

static UNRESOLVED: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {COLUMNS} from call where state = 'in_flight' and lease_until <= ?1 \
         and (?2 is null or scope = ?2) and (?3 is null or (scope, key) > (?3, ?4)) \
         order by scope, key limit ?5"
    )
});

impl Record {
    /// The row of a key, unless it has expired; with `free`, also of a call that did not happen.
    pub(super) fn find(
        work: &Work<'_>,
        scope: &Scope,
        key: &IdempotencyKey,
        free: bool,
    ) -> Result<Option<Self>> {
        work.row(&FIND, (scope.as_str(), key.as_str(), work.now, free), |row| Self::read(row, work.now))
    }

    /// The rows whose outcome is unknown, in the order of the bytes of scope and key.
    pub(super) fn unresolved(
        work: &Work<'_>,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<Self>> {
        let (after_scope, after_key) =
            (after.map(|cursor| cursor.scope().as_str()), after.map(|cursor| cursor.key().as_str()));
        let values = (work.now, scope.map(Scope::as_str), after_scope, after_key, most);
        work.rows(&UNRESOLVED, values, |row| Self::read(row, work.now))
    }

    fn read(row: &Row<'_>, now: i64) -> rusqlite::Result<Self> {
        let state = |word: &str| CallState::ALL.iter().copied().find(|known| known.as_str() == word);
        let operation = |word: &str| Operation::ALL.iter().copied().find(|known| known.as_str() == word);
        Ok(Self {
            scope: parsed(row, "scope", |text| Scope::new(text).ok())?,
            key: parsed(row, "key", |text| IdempotencyKey::new(text).ok())?,
            state: parsed(row, "state", state)?,
            claimed_at: row.get("claimed_at")?,
            marked_at: row.get("marked_at")?,
            ended_at: row.get("ended_at")?,
            expires_at: row.get("expires_at")?,
            lease_left: left(row.get("lease_until")?, now),
            fingerprint: row.get("fingerprint")?,
            effect: Effect::from_rank(row.get("effect")?),
            operation: parsed(row, "operation", operation)?,
            vendor: row.get("vendor")?,
            account: row.get("account")?,
            envelope: row.get("envelope")?,
            recipient: row.get("recipient")?,
            reply: row.get("reply")?,
            error: row.get("error")?,
            resolved_by: row.get("resolved_by")?,
            note: row.get("note")?,
        })
    }

    /// The time until the lease ends, if a call holds the key.
    pub(super) fn running_for(&self) -> Option<Duration> {
        self.lease_left.filter(|_| matches!(self.state, CallState::Claimed | CallState::InFlight))
    }

    /// The strongest effect that was marked, if one was.
    pub(super) fn marked_effect(&self) -> Option<Effect> {
        self.marked_at.map(|_| self.effect)
    }

    /// The answer to a claim with this fingerprint; `None` if the key is granted.
    pub(super) fn answer(&self, work: &Work<'_>, asked: &Fingerprint) -> Result<Option<Claim>> {
        if self.state == CallState::Claimed && self.lease_left.is_none() {
            return Ok(None);
        }
        if self.fingerprint != asked.as_bytes() {
            return Ok(Some(Claim::OtherRequest));
        }
        if let Some(retry_in) = self.running_for() {
            return Ok(Some(Claim::Running { since: timestamp(self.claimed_at)?, retry_in }));
        }
        Ok(match self.state {
            CallState::Completed => {
                let sealed = self.reply.as_deref().ok_or_else(damaged)?;
                let plain = self.sealer(work)?.open("reply", sealed)?;
                Some(Claim::Recorded(StoredReply::from_bytes(&plain)?))
            }
            CallState::Resolved => Some(Claim::Done),
            CallState::InFlight if self.effect < Effect::Notifies => None,
            _ => Some(Claim::Unknown(self.error(&self.sealer(work)?)?)),
        })
    }

    fn sealer(&self, work: &Work<'_>) -> Result<Sealer<'_>> {
        work.sealer("call", self.scope.as_str(), self.key.as_str())
    }

    fn error(&self, sealer: &Sealer<'_>) -> Result<Option<StoredError>> {
        let open = |sealed: &[u8]| Ok(StoredError::from_bytes(&sealer.open("error", sealed)?)?);
        self.error.as_deref().map(open).transpose()
    }

    fn about(&self, sealer: &Sealer<'_>) -> Result<CallAbout> {
        Ok(CallAbout::new(self.operation, self.vendor.as_str(), self.envelope.as_str())
            .with_account(self.account.clone())
            .with_recipient(sealer.open_text("recipient", self.recipient.as_deref())?))
    }

    pub(super) fn into_unresolved(self, work: &Work<'_>) -> Result<UnresolvedCall> {
        let sealer = self.sealer(work)?;
        let (about, error) = (self.about(&sealer)?, self.error(&sealer)?);
        let since = timestamp(self.marked_at.ok_or_else(damaged)?)?;
        let (scope, key) = (self.scope.clone(), self.key.clone());
        Ok(UnresolvedCall::new(scope, key, since, self.effect, about, error))
    }

    pub(super) fn into_record(self, work: &Work<'_>) -> Result<CallRecord> {
        let sealer = self.sealer(work)?;
        let since = match self.state {
            CallState::Claimed => Some(self.claimed_at),
            CallState::InFlight => self.marked_at,
            _ => self.ended_at,
        };
        let since = timestamp(since.ok_or_else(damaged)?)?;
        let about = self.about(&sealer)?;
        let mut record = CallRecord::new(self.scope.clone(), self.key.clone(), self.state, since, about);
        record.effect = self.marked_effect();
        record.running_for = self.running_for();
        record.error = self.error(&sealer)?;
        record.found =
            (self.state == CallState::Resolved).then_some(match self.expires_at == self.ended_at {
                true => Resolution::DidNotHappen,
                false => Resolution::Happened,
            });
        record.note = sealer.open_text("note", self.note.as_deref())?;
        record.resolved_by = self.resolved_by.clone();
        Ok(record)
    }
}

/// A text that is checked as it is read.
fn parsed<T>(
    row: &Row<'_>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or(rusqlite::Error::InvalidQuery)
}
