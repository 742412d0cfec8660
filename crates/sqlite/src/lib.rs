//! The state of Countersign in one SQLite file, for one machine: calls under idempotency keys, tokens, webhooks seen,
//! used returns, readings of envelopes, sign-ins in progress, owners of envelopes.
//!
//! [`Sqlite`] implements the store traits of `countersign-core`. Any number of processes on one machine can share
//! the file; do not put it on a network file system. What is personal or secret is sealed under keys of the operator
//! ([`countersign_vault`]), so the file and its backups reveal neither links nor tokens nor recipients.
//!
//! Every change is on disk before a method returns (WAL with `synchronous = full`): a mark that got lost in a power
//! failure could send a mail twice. One thread writes. Changes that arrive while it waits for the disk share the next
//! commit.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use countersign_sqlite::Sqlite;
//! use countersign_vault::Vault;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let vault = Vault::read(["/etc/countersign/state.key"])?;
//! let store = Arc::new(Sqlite::open("/var/lib/countersign/state.db".as_ref(), vault)?);
//! # Ok(())
//! # }
//! ```

mod browsers;
mod connection;
mod envelopes;
mod error;
mod ledger;
mod migrate;
mod seal;
mod seen;
mod store;
mod time;
mod tokens;
mod writer;

pub use connection::{Turn, Turns, wait_for_writer};
pub use countersign_core::store::{Check, Migrated};
pub use store::Sqlite;
