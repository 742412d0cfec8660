//! Limits how often an envelope is read, for all processes together.

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
