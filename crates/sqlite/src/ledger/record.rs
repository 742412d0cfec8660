//! A row of the table of calls.

use std::sync::LazyLock;
use std::time::Duration;

use countersign_core::Result;
use countersign_core::store::{CallAbout, Cursor, Fingerprint, IdempotencyKey, Scope};
use countersign_vault::SealedCall;
use rusqlite::Row;

use crate::time::{left, timestamp};
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
            work.after(self.lease),
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
        work.change(TAKE_OVER, (scope, key, work.now, token, work.after(self.lease))).map(|_| ())
    }
}

const COLUMNS: &str = "scope, key, state, claimed_at, marked_at, ended_at, \
    expires_at = ended_at as is_free, lease_until, fingerprint, effect, \
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

/// The row of a key, unless it has expired; with `free`, also of a call that did not happen.
pub(super) fn find(
    work: &Work<'_>,
    scope: &Scope,
    key: &IdempotencyKey,
    free: bool,
) -> Result<Option<SealedCall>> {
    work.row(&FIND, (scope.as_str(), key.as_str(), work.now, free), |row| read(row, work.now))
}

/// The rows whose outcome is unknown, in the order of the bytes of scope and key.
pub(super) fn unresolved(
    work: &Work<'_>,
    scope: Option<&Scope>,
    after: Option<&Cursor>,
    most: u32,
) -> Result<Vec<SealedCall>> {
    let (after_scope, after_key) =
        (after.map(|cursor| cursor.scope.as_str()), after.map(|cursor| cursor.key.as_str()));
    let values = (work.now, scope.map(Scope::as_str), after_scope, after_key, most);
    work.rows(&UNRESOLVED, values, |row| read(row, work.now))
}

fn read(row: &Row<'_>, now: i64) -> rusqlite::Result<SealedCall> {
    let time = |micros| timestamp(micros).map_err(|_| rusqlite::Error::InvalidQuery);
    let optional = |name| row.get::<_, Option<i64>>(name)?.map(time).transpose();
    Ok(SealedCall {
        scope: row.get("scope")?,
        key: row.get("key")?,
        state: row.get("state")?,
        claimed_at: time(row.get("claimed_at")?)?,
        marked_at: optional("marked_at")?,
        ended_at: optional("ended_at")?,
        is_free: row.get::<_, Option<bool>>("is_free")?.unwrap_or_default(),
        lease_left: left(row.get("lease_until")?, now),
        fingerprint: row.get("fingerprint")?,
        effect: row.get("effect")?,
        operation: row.get("operation")?,
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
