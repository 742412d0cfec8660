//! A call under a key, as the stores keep it.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::store::{
    CallAbout, CallRecord, CallState, Claim, Fingerprint, IdempotencyKey, Resolution, Scope, StoredError,
    StoredReply, UnresolvedCall,
};
use countersign_core::{Effect, Error, ErrorKind, Operation, Result, Timestamp};

use crate::data_key::{DataKey, Sealer};

/// A row of the table `call` as a store reads it: its words are not checked yet, and what is personal or secret is
/// still sealed.
#[derive(Debug)]
#[allow(missing_docs, reason = "the columns of the table, which its migration describes")]
pub struct SealedCall {
    pub scope: String,
    pub key: String,
    pub state: String,
    pub claimed_at: Timestamp,
    pub marked_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Whether a person found that the call did not happen.
    pub is_free: bool,
    /// The time until the lease ends; `None` if it has ended.
    pub lease_left: Option<Duration>,
    pub fingerprint: Vec<u8>,
    pub effect: i16,
    pub operation: String,
    pub vendor: String,
    pub account: Option<String>,
    pub envelope: String,
    pub recipient: Option<Vec<u8>>,
    pub reply: Option<Vec<u8>>,
    pub error: Option<Vec<u8>>,
    pub resolved_by: Option<String>,
    pub note: Option<Vec<u8>>,
}

impl SealedCall {
    /// The state of the key.
    ///
    /// # Errors
    /// `Unexpected` for a word of another version.
    pub fn state(&self) -> Result<CallState> {
        known(CallState::ALL, |state| state.as_str() == self.state)
    }

    /// The time until the lease ends, if a call holds the key.
    ///
    /// # Errors
    /// As [`SealedCall::state`].
    pub fn running_for(&self) -> Result<Option<Duration>> {
        let may_run = matches!(self.state()?, CallState::Claimed | CallState::InFlight);
        Ok(self.lease_left.filter(|_| may_run))
    }

    /// The strongest effect that was marked, if one was.
    pub fn marked_effect(&self) -> Option<Effect> {
        self.marked_at.map(|_| Effect::from_rank(self.effect))
    }

    /// The answer to a claim with this fingerprint; `None` if the row lets the claim have the key.
    ///
    /// # Errors
    /// `Unexpected` if the row was written by another version or is damaged; `Config` if it does not open with the key.
    pub fn answer(&self, key: Arc<DataKey>, asked: &Fingerprint) -> Result<Option<Claim>> {
        let state = self.state()?;
        if state == CallState::Claimed && self.lease_left.is_none() {
            return Ok(None);
        }
        if self.fingerprint != asked.as_bytes() {
            return Ok(Some(Claim::OtherRequest));
        }
        if let Some(retry_in) = self.running_for()? {
            return Ok(Some(Claim::Running { since: self.claimed_at, retry_in }));
        }
        let sealer = self.sealer(key);
        Ok(match state {
            CallState::Completed => {
                let plain = sealer.open("reply", self.reply.as_deref().ok_or_else(damaged)?)?;
                Some(Claim::Recorded(StoredReply::from_bytes(&plain)?))
            }
            CallState::Resolved => Some(Claim::Done),
            CallState::InFlight if Effect::from_rank(self.effect) < Effect::Notifies => None,
            _ => Some(Claim::Unknown(self.error(&sealer)?)),
        })
    }

    /// The row as one of the list of unknown outcomes.
    ///
    /// # Errors
    /// As [`SealedCall::answer`].
    pub fn unresolved(&self, key: Arc<DataKey>) -> Result<UnresolvedCall> {
        let sealer = self.sealer(key);
        Ok(UnresolvedCall {
            scope: self.scope()?,
            key: self.key()?,
            since: self.marked_at.ok_or_else(damaged)?,
            effect: Effect::from_rank(self.effect),
            about: self.about(&sealer)?,
            error: self.error(&sealer)?,
        })
    }

    /// The row, opened.
    ///
    /// # Errors
    /// As [`SealedCall::answer`].
    pub fn record(&self, key: Arc<DataKey>) -> Result<CallRecord> {
        let (sealer, state) = (self.sealer(key), self.state()?);
        let since = match state {
            CallState::Claimed => Some(self.claimed_at),
            CallState::InFlight => self.marked_at,
            _ => self.ended_at,
        };
        let found = match self.is_free {
            true => Resolution::DidNotHappen,
            false => Resolution::Happened,
        };
        Ok(CallRecord {
            scope: self.scope()?,
            key: self.key()?,
            state,
            effect: self.marked_effect(),
            since: since.ok_or_else(damaged)?,
            running_for: self.running_for()?,
            about: self.about(&sealer)?,
            error: self.error(&sealer)?,
            found: (state == CallState::Resolved).then_some(found),
            resolved_by: self.resolved_by.clone(),
            note: sealer.open_text("note", self.note.as_deref())?,
        })
    }

    fn scope(&self) -> Result<Scope> {
        Scope::new(&self.scope).map_err(|_| damaged())
    }

    fn key(&self) -> Result<IdempotencyKey> {
        IdempotencyKey::new(&self.key).map_err(|_| damaged())
    }

    fn sealer(&self, key: Arc<DataKey>) -> Sealer<'_> {
        Sealer::new(key, "call", &self.scope, &self.key)
    }

    fn error(&self, sealer: &Sealer<'_>) -> Result<Option<StoredError>> {
        let open = |sealed: &[u8]| Ok(StoredError::from_bytes(&sealer.open("error", sealed)?)?);
        self.error.as_deref().map(open).transpose()
    }

    fn about(&self, sealer: &Sealer<'_>) -> Result<CallAbout> {
        Ok(CallAbout {
            operation: known(Operation::ALL, |operation| operation.as_str() == self.operation)?,
            vendor: self.vendor.clone(),
            account: self.account.clone(),
            envelope: self.envelope.clone(),
            recipient: sealer.open_text("recipient", self.recipient.as_deref())?,
        })
    }
}

fn known<T: Copy>(words: &[T], is_meant: impl Fn(&T) -> bool) -> Result<T> {
    words.iter().copied().find(is_meant).ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::new(ErrorKind::Unexpected, "a row of the database was written by another version, or is damaged")
        .with_hint("run `countersign state check`")
}
