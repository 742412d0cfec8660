//! Countersign's durable state in PostgreSQL, shared by several processes.
//!
//! [`Postgres`] implements every store trait of `countersign_core::store`, and `TokenStore` and `SeenStore`. What is
//! secret or personal is sealed by `countersign-vault` before it leaves the process.
//!
//! ```no_run
//! use countersign_core::SecretString;
//! use countersign_postgres::{Postgres, PostgresOptions};
//! use countersign_vault::Vault;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let url = SecretString::from(std::env::var("DATABASE_URL")?);
//! let options = PostgresOptions::new(url);
//! // At each deployment, by any or by all processes.
//! Postgres::migrate(&options).await?;
//! let vault = Vault::read(["/run/credentials/countersign/key-2026-11"])?;
//! let store = Postgres::connect(&options, vault).await?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! Each access is one statement and one transaction. Nothing belongs to a session, so a pooler in transaction mode
//! may be in between ([`Pooler::Transaction`]). Leases are compared with the server's clock alone.

mod browsers;
mod connect;
mod database;
mod envelopes;
mod error;
mod ledger;
mod migrate;
mod options;
mod seal;
mod seen;
pub mod sql;
mod store;
mod tidy;
mod tokens;

pub use countersign_core::store::{Check, Migrated};
pub use options::{Pooler, PostgresOptions};
pub use store::Postgres;
