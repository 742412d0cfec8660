//! Who changed what. An entry is written in the transaction of its change: there is none without the other. What the
//! ledger changes has an entry before it and one after it.

use countersign::ledger::Resolution;
use countersign::{Result, Timestamp};

use super::Directory;
use crate::db::{Row, Work};

/// A change, and who made it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuditEntry {
    pub(crate) seq: i64,
    /// When.
    pub at: Timestamp,
    /// `operator`, `reconciler`, or `key` and its public part.
    pub who: String,
    /// A stable word such as `account.created`.
    pub what: String,
    /// The id of what was changed.
    pub target: String,
    /// More about it; may be empty.
    pub note: String,
}

/// What was found about a call, as entries and pages say it.
pub(crate) fn word(found: Resolution) -> &'static str {
    if found == Resolution::DidNotHappen { "did not happen" } else { "happened" }
}

impl Directory {
    /// The same tables, used in the name of a tenant's key with this public part.
    pub(crate) fn by_key(&self, key: &str) -> Self {
        self.by(&format!("key {key}"))
    }

    /// The same tables, used in this name.
    pub(crate) fn by(&self, who: &str) -> Self {
        Self { who: who.into(), ..self.clone() }
    }

    /// For whom it acts: `operator`, or `key` and its public part.
    pub(crate) fn who(&self) -> &str {
        &self.who
    }

    /// Adds an entry to a transaction.
    pub(super) async fn record(
        &self,
        work: &mut Work,
        tenant: &str,
        what: &str,
        target: &str,
        note: &str,
    ) -> Result<()> {
        let sql = "insert into gateway_audit (tenant, at, who, what, target, note) \
            values ($1, now_us(), $2, $3, $4, $5)";
        let values = [tenant.into(), (*self.who).into(), what.into(), target.into(), note.into()];
        work.execute(sql, &values).await.map(drop)
    }

    /// Records who is about to resolve a call. The ledger may be in another transaction, and this process may end between
    /// both: then this entry stays alone.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn begin_resolution(&self, tenant: &str, call: &str, found: Resolution) -> Result<()> {
        let mut work = self.db.of(tenant).begin().await?;
        self.record(&mut work, tenant, "call.resolving", call, word(found)).await?;
        work.commit().await
    }

    /// The entries of a tenant, the newest first: at most this many, before the one with this number.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn audit(&self, tenant: &str, before: i64, most: u32) -> Result<Vec<AuditEntry>> {
        let sql = "select seq, at, who, what, target, note from gateway_audit \
            where tenant = $1 and seq < $2 order by seq desc limit $3";
        let rows = self.db.of(tenant).read(sql, &[tenant.into(), before.into(), most.into()]).await?;
        let read = |row: &Row| {
            Ok(AuditEntry {
                seq: row.int(0)?,
                at: Timestamp::from_microsecond(row.int(1)?).unwrap_or_default(),
                who: row.text(2)?,
                what: row.text(3)?,
                target: row.text(4)?,
                note: row.text(5)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
