//! Proof of a claim, and what a store answers to it.

use std::time::Duration;

use crate::model::Effect;
use crate::store::{IdempotencyKey, Scope};
use crate::webhook::FencingToken;

/// Proof of one claim of a key. Only its holder can mark, complete or release the call.
///
/// A store never issues the same fencing token twice, not even after a key was released. A process that was paused
/// beyond its lease therefore cannot send after, or complete, the call of the process that took over.
#[derive(Debug)]
pub struct LedgerLease {
    scope: Scope,
    key: IdempotencyKey,
    fencing_token: FencingToken,
    length: Duration,
    earlier_effect: Option<Effect>,
}

impl LedgerLease {
    /// A lease of this length, for a store to give out.
    #[must_use]
    pub fn new(scope: Scope, key: IdempotencyKey, fencing_token: FencingToken, length: Duration) -> Self {
        Self { scope, key, fencing_token, length, earlier_effect: None }
    }

    /// A lease on a key that was in flight: an earlier call may have had this effect.
    #[must_use]
    pub fn with_earlier_effect(mut self, effect: Effect) -> Self {
        self.earlier_effect = Some(effect);
        self
    }

    /// The scope of the key.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The key.
    pub fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Distinguishes this claim from all others.
    pub fn fencing_token(&self) -> FencingToken {
        self.fencing_token
    }

    /// How long the claim lasts from when it was made or renewed, by the store's clock.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// The effect that an earlier call under this key may have had. Such a key is never released: if this call has
    /// no effect, the outcome is still unknown.
    pub fn earlier_effect(&self) -> Option<Effect> {
        self.earlier_effect
    }
}

/// Whether a call may send.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InFlight {
    /// The lease is still held.
    Accepted,
    /// The lease ended, and the key was taken over, resolved or freed. Send nothing.
    Overtaken,
}

/// The result of [`Ledger::complete`](super::Ledger::complete).
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completed {
    /// The ending is recorded.
    Kept,
    /// Nothing changed: the key was taken over, resolved or freed.
    Overtaken,
}
