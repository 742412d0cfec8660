//! Stores whose contents outlive a process, as traits: calls under an idempotency key, used returns, readings of
//! envelopes, sign-ins in progress, owners of envelopes.
//!
//! Several processes can share a store. Its own clock decides all leases and expiries, so no method takes the
//! current time. Every key begins with a [`Scope`], so that tenants cannot see or block each other's entries.
//!
//! The contents are personal or secret: recipients, signing links, access codes in fingerprints, verifiers of
//! sign-ins. A durable store seals what the types here describe as bytes, and never shows them in errors.

mod browsers;
mod check;
mod envelopes;
mod key;
mod lease;
mod ledger;
mod request;
mod stored;
mod unresolved;

pub use browsers::{Nonce, NonceStore, PendingSignIns};
pub use check::{Check, Migrated};
pub use envelopes::{Found, Ownership, Reading, Readings};
pub use key::{IdempotencyKey, Scope};
pub use lease::{Completed, InFlight, LedgerLease};
pub use ledger::{Ask, Claim, Ending, Ledger, Resolved};
pub use request::{CanonicalRequest, Fingerprint};
pub use stored::{StoredError, StoredReply, Unreadable};
pub use unresolved::{CallAbout, CallRecord, CallState, Cursor, Resolution, UnresolvedCall};
