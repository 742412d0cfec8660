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

mod conflict;
mod memory;

pub use crate::options::CallOptions;
pub use crate::with::ClientWith;
pub use conflict::KeyConflict;
pub use countersign_core::store::{
    Ask, CallAbout, CallRecord, CallState, CanonicalRequest, Claim, Completed, Cursor, Ending, Fingerprint,
    IdempotencyKey, InFlight, Ledger, LedgerLease, Resolution, Resolved, Scope, StoredError, StoredReply,
    Unreadable, UnresolvedCall,
};
pub use countersign_core::webhook::FencingToken;
pub use memory::MemoryLedger;
