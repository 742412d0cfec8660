//! Stores whose contents outlive a process, as traits: calls under an idempotency key, used returns, readings of
//! envelopes, sign-ins in progress, owners of envelopes.
//!
//! Several processes can share a store. Its own clock decides all leases and expiries, so no method takes the
//! current time. Every key begins with a [`Scope`], so that tenants cannot see or block each other's entries.
//!
//! The contents are personal or secret: recipients, signing links, access codes in fingerprints, verifiers of
//! sign-ins. A durable store seals what the types here describe as bytes, and never shows them in errors.

mod browsers;
mod envelopes;
mod key;
mod ledger;
mod request;
mod stored;
mod unresolved;

pub use browsers::{Nonce, NonceStore, PendingSignIns};
pub use envelopes::{Found, Ownership, Reading, Readings};
pub use key::{IdempotencyKey, Scope};
pub use ledger::{Ask, Claim, Completed, Ending, Finding, InFlight, Ledger, LedgerLease, Resolved};
pub use request::{CanonicalRequest, Fingerprint};
pub use stored::{StoredError, StoredReply, Unreadable};
pub(crate) use stored::{read, write};
pub use unresolved::{CallAbout, CallRecord, CallState, Cursor, Resolution, UnresolvedCall};

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The schema steps that the database had before; 0 for a new one.
    pub before: usize,
    /// The steps that it has now.
    pub now: usize,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Check {
    /// The schema steps that the database has.
    pub schema: usize,
    /// The schema steps of this version. A database that has fewer is to be migrated.
    pub newest: usize,
    /// The keys of scopes.
    pub keys: usize,
    /// How many of them the first key of the vault does not wrap.
    pub to_rewrap: usize,
    /// The calls under a key, whatever their state.
    pub calls: u64,
    /// The calls whose outcome is unknown.
    pub unresolved: u64,
    /// What is wrong; empty if all is well.
    pub problems: Vec<String>,
}
