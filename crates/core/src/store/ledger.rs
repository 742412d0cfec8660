//! Records the calls made under a key, so that each takes effect at most once.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::{Effect, Timestamp};
use crate::redact::hidden;
use crate::store::{
    CallAbout, CallRecord, CanonicalRequest, Cursor, IdempotencyKey, Resolution, Scope, StoredError,
    StoredReply, UnresolvedCall,
};
use crate::webhook::FencingToken;

/// Records the calls made under a key. Vendors do not support idempotency keys, so clients keep their own records.
///
/// # States of a key
///
/// | state | meaning | after its lease |
/// | --- | --- | --- |
/// | free | no row | |
/// | claimed | a call holds the key and has changed nothing yet | anyone takes it over, with any request |
/// | in flight | a request that changes something may have been sent | see below |
/// | completed | the reply is recorded | removed after a time |
/// | resolved | a person found that it took effect | removed after a time |
///
/// Before its lease ends, a claimed or in-flight key answers [`Claim::Running`]. An in-flight key whose lease has
/// ended is [`Claim::Unknown`]; it is kept until it is resolved. If it only [set a state](Effect::SetsState), the
/// *same* request may take it over, because setting the same value again is harmless: the key stays in flight with
/// its effect, under a new lease with [`LedgerLease::earlier_effect`]. If it notifies, or if its effect is one
/// that the store does not know, it is never taken over.
///
/// In every state but free, and except for taking over a claimed key whose lease has ended, a request with another
/// fingerprint is [`Claim::OtherRequest`].
///
/// # What makes it right
///
/// [`Ledger::mark_in_flight`] compares the fencing token and is durable before it returns. So of several processes
/// that believe they hold a key, only one sends, whatever their clocks say: a wrong lease costs a wait or an unknown
/// outcome, never a second mail.
///
/// The store's own clock decides all leases.
#[async_trait]
pub trait Ledger: Debug + Send + Sync + 'static {
    /// Claims the key for this request, or returns its state. Never waits for another call. Of several simultaneous
    /// callers, at most one gets [`Claim::Acquired`].
    ///
    /// # Errors
    /// Fails if the ledger cannot be read or written. Send nothing then; the key may be claimed until the lease ends.
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim>;

    /// Records that a request with this effect is about to be sent. The key keeps the strongest effect; the lease
    /// starts again, with its full length. When this returns [`InFlight::Accepted`], the mark is stored durably.
    ///
    /// It is also accepted after the lease has ended, if no other call has taken over the key.
    ///
    /// # Errors
    /// Fails if the mark may not be stored. Send nothing then.
    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight>;

    /// Lets the lease end this much later than now, for calls that have no deadline.
    ///
    /// # Errors
    /// Fails if the ledger cannot be written.
    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight>;

    /// Records how the call ended. Also accepted after the lease has ended, if the fencing token is still that of
    /// the key: an unknown outcome becomes known then.
    ///
    /// [`Ending::Unknown`] keeps the key in flight, with the error, and ends the lease now. If the key was never
    /// marked, it is freed instead.
    ///
    /// # Errors
    /// Fails if the ledger cannot be written. It may be tried again: the reply of a call that has ended with a reply
    /// under the same lease is [`Completed::Kept`], too.
    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed>;

    /// Frees the key, because the call had no effect. Does nothing if the fencing token is not that of the key.
    ///
    /// # Errors
    /// Fails if the ledger cannot be written. The lease ends by itself.
    async fn release(&self, lease: &LedgerLease) -> Result<()>;

    /// The future of the call was dropped. With `possible_effect` the outcome is unknown from now on; without it, the
    /// key is free again.
    ///
    /// Must not block, and cannot fail: if it gets lost, the lease ends by itself.
    fn abandon(&self, lease: LedgerLease, possible_effect: bool);

    /// Records what a person found at the vendor after an unknown outcome. If it did not happen, the key is free, and
    /// the record stays for [`Ledger::find`] for a time, or until the next call under the key.
    ///
    /// # Errors
    /// Fails if the ledger cannot be written.
    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved>;

    /// The calls whose outcome is unknown, at most `most`, of one scope or of all, after the cursor. They are in the
    /// order of the bytes of scope and key.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read.
    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>>;

    /// The record of a key, whatever its state; `None` if it is free, unless because a person found that the call did
    /// not happen.
    ///
    /// # Errors
    /// Fails if the ledger cannot be read.
    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>>;
}

/// A request for a key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ask<'a> {
    /// The name space of the key.
    pub scope: &'a Scope,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// The request. The ledger stores its fingerprint under a key of its own.
    pub request: &'a CanonicalRequest,
    /// How long the call may take at most.
    pub lease: Duration,
    /// What a person needs to know about the call if its outcome is unknown.
    pub about: &'a CallAbout,
}

impl<'a> Ask<'a> {
    /// For a key and a request.
    #[must_use]
    pub fn new(
        scope: &'a Scope,
        key: &'a IdempotencyKey,
        request: &'a CanonicalRequest,
        lease: Duration,
        about: &'a CallAbout,
    ) -> Self {
        Self { scope, key, request, lease, about }
    }
}

/// What a person found at the vendor after an unknown outcome.
///
/// The note may name people: `Debug` hides it, and a durable ledger seals it.
#[derive(Clone, Copy)]
pub struct Finding<'a> {
    /// The scope of the key.
    pub scope: &'a Scope,
    /// The key.
    pub key: &'a IdempotencyKey,
    /// What was found.
    pub found: Resolution,
    /// Who found it.
    pub by: &'a str,
    /// A note for others.
    pub note: &'a str,
}

hidden!(Finding<'a> { scope, key, found, by });

/// The state of a key.
#[must_use]
#[derive(Debug)]
#[non_exhaustive]
pub enum Claim {
    /// It was free, or taken over; the caller holds it now.
    Acquired(LedgerLease),
    /// The call was made, with this reply.
    Recorded(StoredReply),
    /// Another call holds it.
    Running {
        /// When that call claimed it, by the store's clock.
        since: Timestamp,
        /// The time until its lease ends. It usually ends sooner.
        retry_in: Duration,
    },
    /// The call was made with an unknown outcome; this is its error, if it is known.
    Unknown(Option<StoredError>),
    /// Resolved as done; there is no reply.
    Done,
    /// In use for another request.
    OtherRequest,
    /// The ledger is full of calls that are running or unresolved.
    Full,
}

/// How a call under a key ended, unless it had no effect ([`Ledger::release`]).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Ending {
    /// It was made.
    Reply {
        /// The reply.
        reply: StoredReply,
        /// How long to keep it at most, because it is useless afterwards. A ledger may keep it for a shorter time.
        keep: Duration,
    },
    /// The outcome is unknown until it is resolved.
    Unknown(StoredError),
}

/// The result of [`Ledger::resolve`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resolved {
    /// The finding is recorded.
    Changed,
    /// Nothing changed: the call may still be running, at most for this long.
    StillRunning {
        /// The time until its lease ends.
        for_: Duration,
    },
    /// Nothing changed: there is no unknown outcome under this key.
    NotUnknown,
}

/// Proof of one claim of a key. Only its holder can mark, complete or release the call.
///
/// A store never issues the same fencing token twice, not even after a key was released. A process that was paused
/// beyond its lease therefore cannot send after, or complete, the call of the process that took over.
#[derive(Debug, Clone)]
pub struct LedgerLease {
    /// The scope of the key.
    pub scope: Scope,
    /// The key.
    pub key: IdempotencyKey,
    /// Distinguishes this claim from all others.
    pub fencing_token: FencingToken,
    /// How long the claim lasts from when it was made or renewed, by the store's clock.
    pub length: Duration,
    /// The effect that an earlier call under this key may have had. Such a key is never released: if this call has
    /// no effect, the outcome is still unknown.
    pub earlier_effect: Option<Effect>,
}

impl LedgerLease {
    /// A lease for a store to give out. With an earlier effect, the key was in flight.
    #[must_use]
    pub fn new(ask: &Ask<'_>, fencing_token: FencingToken, earlier_effect: Option<Effect>) -> Self {
        let (scope, key, length) = (ask.scope.clone(), ask.key.clone(), ask.lease);
        Self { scope, key, fencing_token, length, earlier_effect }
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

/// The result of [`Ledger::complete`].
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completed {
    /// The ending is recorded.
    Kept,
    /// Nothing changed: the key was taken over, resolved or freed.
    Overtaken,
}
