//! Records the calls made under a key, so that each is made only once.
//!
//! ```no_run
//! use countersign::ledger::{IdempotencyKey, Resolution};
//! use countersign::{Client, Outcome, ResendRecipient};
//!
//! # async fn run(client: Client, request: ResendRecipient) -> countersign::Result<()> {
//! let key = IdempotencyKey::new("invoice-4711:reminder")?;
//! match client.with_key(key.clone()).resend_recipient(&request).await {
//!     // The mail may have gone out. Look at the vendor, then say what you found; until then no call repeats it.
//!     Err(error) if error.outcome() == Outcome::Unknown => {
//!         client.resolve(&key, Resolution::Happened, "ops@example.com", "the signer has the mail").await?;
//!     }
//!     ended => println!("{:?}", ended?.to),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A [`Ledger`] in a database makes keys valid across processes and restarts: [`ClientBuilder::ledger`] takes it.
//! Before the first request of each stronger effect that a repetition must know of, a call marks its key as in
//! flight there ([`Ledger::mark_in_flight`]), and sends only if the mark is accepted. So of several processes with
//! the same key, one sends.
//!
//! [`ClientBuilder::ledger`]: crate::ClientBuilder::ledger

mod memory;

use std::error::Error as _;
use std::time::Duration;

use countersign_core::Error;

pub use countersign_core::store::{
    Ask, CallAbout, CallRecord, CallState, CanonicalRequest, Claim, Completed, Cursor, Ending, Finding,
    Fingerprint, IdempotencyKey, InFlight, Ledger, LedgerLease, Resolution, Resolved, Scope, StoredError,
    StoredReply, Unreadable, UnresolvedCall,
};
pub use countersign_core::webhook::FencingToken;
pub use memory::MemoryLedger;

/// Why a call under a key was not made: what the ledger found under the key. Services that answer over HTTP map it
/// to a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyConflict {
    /// Another call under the key is still in progress.
    #[error("another call holds the key")]
    Running,
    /// The call was made earlier, with an unknown outcome.
    #[error("the key has an unknown outcome")]
    Unknown,
    /// The key was used for another request.
    #[error("the key belongs to another request")]
    OtherRequest,
    /// The call was resolved as done; there is no recorded reply.
    #[error("the key is resolved as done")]
    Done,
    /// The ledger is full.
    #[error("the ledger takes no more keys")]
    Full,
}

impl KeyConflict {
    /// The conflict that an error reports; `None` if the call was made, or failed for another reason.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        error.source().and_then(|source| source.downcast_ref()).copied()
    }
}

/// What can be chosen for single calls; what is not chosen is as in the client.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// Performs the call once under this key ([`Client::with_key`](crate::Client::with_key)).
    pub key: Option<IdempotencyKey>,
    /// Ends the call after this time ([`ClientBuilder::deadline`](crate::ClientBuilder::deadline)).
    pub deadline: Option<Duration>,
    /// How long a call with a key waits for another call under the same key; by default
    /// [`CallOptions::WAIT_FOR_RUNNING`], never longer than the deadline. With zero, such a call fails at once.
    pub wait_for_running: Option<Duration>,
}

impl CallOptions {
    /// The default of `wait_for_running`.
    pub const WAIT_FOR_RUNNING: Duration = Duration::from_secs(10);
}
