//! The book of calls that were made under a key, so that each is made once.

mod key;
mod memory;

use std::fmt::Debug;

use async_trait::async_trait;
use countersign_core::{AccessCodeChanged, Error, Resent, Result, SigningView, Timestamp};

pub use key::{Fingerprint, IdempotencyKey};
pub use memory::MemoryLedger;

/// The book of calls that were made under a key. Vendors have no idempotency keys, so a client keeps its own.
///
/// [`MemoryLedger`] keeps it in the process. One over a database makes keys hold across restarts: it writes down in
/// [`Ledger::claim`] that a key is taken, before anything is sent, and treats a key whose process died as
/// [`Claim::Unknown`].
#[async_trait]
pub trait Ledger: Debug + Send + Sync + 'static {
    /// Takes the key for this request, or tells what became of it. While another call holds the key this waits; a
    /// dropped wait leaves nothing behind.
    ///
    /// # Errors
    /// What stands in the way of looking. Nothing is sent then.
    async fn claim(&self, key: &IdempotencyKey, request: Fingerprint, now: Timestamp) -> Result<Claim>;

    /// Writes down how the call under a claimed key ended.
    ///
    /// # Errors
    /// What stands in the way of writing. The caller still gets what the call gave.
    async fn settle(&self, key: &IdempotencyKey, ending: Ending, now: Timestamp) -> Result<()>;

    /// The future of the call under a claimed key was dropped on the way. Must not block. With
    /// `possible_effect` the outcome is unknown, without it the key is free again.
    fn abandon(&self, key: &IdempotencyKey, possible_effect: bool);

    /// Somebody has looked at the vendor after an unknown outcome. Answers whether there was one under this key.
    ///
    /// # Errors
    /// What stands in the way of writing.
    async fn resolve(&self, key: &IdempotencyKey, resolution: Resolution, now: Timestamp) -> Result<bool>;
}

/// What a key was found to be.
#[derive(Debug)]
#[non_exhaustive]
pub enum Claim {
    /// Free; it is the caller's now.
    Taken,
    /// The call was made, with this reply.
    Recorded(Reply),
    /// The call was made and nobody knows whether it happened; this is its error, where it is still known.
    Unknown(Option<Error>),
    /// Resolved as done; there is no reply.
    Done,
    /// In use for another request.
    OtherRequest,
    /// The book is full of calls that are under way or unresolved.
    Full,
}

/// How a call under a key ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Ending {
    /// It was made. The record must not outlive the instant: the reply is worth nothing after it.
    Reply(Reply, Option<Timestamp>),
    /// Nobody knows whether it happened. Stays so until it is resolved.
    Unknown(Error),
    /// Nothing happened; the key is free again.
    Nothing,
}

/// What somebody found who looked at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// It did happen: a call under the key is refused from now on, as done.
    Happened,
    /// It did not happen: the key is free again.
    DidNotHappen,
}

/// A recorded reply. A signing link in it is a secret and stays one: `Debug` hides it, and a durable ledger must not
/// write it down in clear.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reply {
    /// Of [`Client::create_view`](crate::Client::create_view).
    View(SigningView),
    /// Of [`Client::resend_recipient`](crate::Client::resend_recipient).
    Resent(Resent),
    /// Of [`Client::change_access_code`](crate::Client::change_access_code).
    AccessCodeChanged(AccessCodeChanged),
}
