//! What processes know together about envelopes: when each was read, and which account owns it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::{EnvelopeId, Recipients, Timestamp};
use crate::store::Scope;

/// Remembers when envelopes were last read, and what was read: some vendors allow one read in a quarter of an hour.
///
/// A durable store uses [`EnvelopeId::common`] in its key, because ids that differ only in letter case can be equal,
/// and seals the lists, which are personal.
#[async_trait]
pub trait Readings: fmt::Debug + Send + Sync + 'static {
    /// Whether the envelope may be read now: its last reading began at least `interval` ago. Of several simultaneous
    /// callers, exactly one gets [`Reading::Allowed`]; this counts as the reading.
    ///
    /// # Errors
    /// Fails if the store cannot be used. Do not read then.
    async fn may_read(&self, scope: &Scope, envelope: &EnvelopeId, interval: Duration) -> Result<Reading>;

    /// Stores the answer of the reading that was allowed at this time, unless there was a later one.
    ///
    /// # Errors
    /// Fails if the answer is not stored.
    async fn record(
        &self,
        scope: &Scope,
        envelope: &EnvelopeId,
        at: Timestamp,
        list: &Recipients,
    ) -> Result<()>;

    /// The reading that was allowed at this time failed: the envelope may be read again at once, unless there was a
    /// later reading.
    ///
    /// # Errors
    /// Fails if the store cannot be used; the envelope may be read again after the interval.
    async fn release(&self, scope: &Scope, envelope: &EnvelopeId, at: Timestamp) -> Result<()>;
}

/// Whether an envelope may be read.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Yes. Then record or release it.
    Allowed {
        /// The time of this reading, by the store's clock. No other reading of the envelope has it.
        at: Timestamp,
    },
    /// No.
    Before {
        /// When the last reading began, by the store's clock.
        at: Timestamp,
        /// The time until the envelope may be read again.
        again_in: Duration,
        /// The answer; `None` if it has not arrived, or got lost.
        list: Option<Recipients>,
    },
}

/// Finds the account that owns an envelope, usually in the application's own table of envelopes.
///
/// An error stops the call. It does not count as "not known", because a failed lookup must not send the call to
/// another account. The scope is that of the router: a store that several tenants share answers for that tenant
/// only. It uses [`EnvelopeId::common`] in its key, because ids that differ only in letter case can be equal.
#[async_trait]
pub trait Ownership: fmt::Debug + Send + Sync + 'static {
    /// The name of the account that owns the envelope; `None` if it is not known here, so that the next source is
    /// asked.
    async fn owner(&self, scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>>;

    /// The router has found by asking that this account owns the envelope. A source with a table stores it, unless
    /// the envelope has an owner already.
    async fn found(&self, scope: &Scope, envelope: &EnvelopeId, account: &str) -> Result<Found> {
        let _ = (scope, envelope, account);
        Ok(Found::Kept)
    }
}

/// The result of [`Ownership::found`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The account is the recorded owner now, or the source keeps no record.
    Kept,
    /// Nothing changed: another account, with this name, is the recorded owner.
    OwnedBy(String),
}
