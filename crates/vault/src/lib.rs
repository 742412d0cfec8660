//! Seals what the stores of Countersign keep: tokens, replies with signing links, sign-ins that are under way.
//!
//! - A [`KeyEncryptionKey`] comes from a file of the operator. Several can be configured: the first one wraps, all
//!   of them unwrap, so that a key can be replaced while processes run.
//! - A [`DataKey`] is random. Each scope (a tenant, an account) has its own. The store keeps it as a [`WrappedKey`]:
//!   deleting that makes everything under it unreadable.
//! - [`DataKey::seal`] is AES-256-GCM with a random nonce of 96 bits. A sealed value opens only at the [`Place`] for
//!   which it was sealed: moving it to another row, column or scope makes it unreadable.
//! - A [`Sealer`] seals the columns of one row, and a [`SealedCall`] is a row of the table of calls, which is the same
//!   in every store.
//!
//! This crate knows no vendor and runs no statement of a database.
//!
//! ```
//! use countersign_vault::{KeyEncryptionKey, Place, Vault};
//!
//! # fn main() -> Result<(), countersign_vault::Error> {
//! let vault = Vault::new([KeyEncryptionKey::random()?])?;
//! let (key, wrapped) = vault.create_key("seal", "tenant-1")?;
//! let place = Place { table: "token", scope: "tenant-1", row: "docusign", column: "sealed" };
//! let sealed = key.seal(&place, b"a refresh token")?;
//!
//! // Another process reads the wrapped key and the sealed value from the store.
//! let key = vault.unwrap_key("seal", "tenant-1", &wrapped)?;
//! assert_eq!(*key.open(&place, &sealed)?, b"a refresh token");
//! # Ok(())
//! # }
//! ```

mod call;
mod data_key;
mod error;
mod key_file;
mod vault;

pub use call::SealedCall;
pub use data_key::{DataKey, KeyCache, Place, Sealer};
pub use error::{Error, Result};
pub use key_file::KeyEncryptionKey;
pub use vault::{Vault, WrappedKey};
