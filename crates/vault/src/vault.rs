//! Wraps the keys of a store.

use std::path::Path;

use countersign_core::store::Check;
use zeroize::Zeroizing;

use crate::data_key::{DataKey, KEY_LEN, Place};
use crate::error::{Error, Result};
use crate::key_file::KeyEncryptionKey;

/// A [`DataKey`] as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// The id of the [`KeyEncryptionKey`] that wraps it.
    pub key_id: String,
    /// The sealed key.
    pub sealed: Vec<u8>,
}

/// The keys of the operator: the first one wraps, all of them unwrap.
///
/// To replace a key without stopping: give all processes the new key as the last of the list, then as the first,
/// then [`Vault::rewrap_key`] every key of the store, then remove the old one.
#[derive(Debug)]
pub struct Vault {
    first: KeyEncryptionKey,
    others: Vec<KeyEncryptionKey>,
}

impl Vault {
    /// A vault with these keys.
    ///
    /// # Errors
    /// `NoKey` if there is none.
    pub fn new(keys: impl IntoIterator<Item = KeyEncryptionKey>) -> Result<Self> {
        let mut keys = keys.into_iter();
        Ok(Self { first: keys.next().ok_or(Error::NoKey)?, others: keys.collect() })
    }

    /// A vault with the keys in these files.
    ///
    /// # Errors
    /// As [`KeyEncryptionKey::read`], or `NoKey` if there is no file.
    pub fn read<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Result<Self> {
        let keys: Result<Vec<_>> =
            files.into_iter().map(|file| KeyEncryptionKey::read(file.as_ref())).collect();
        Self::new(keys?)
    }

    /// The id of the key that wraps new keys.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.first.id()
    }

    /// Creates a random key for a purpose and a scope, and its wrapped form. If another process stored one in the
    /// meantime, use that one.
    ///
    /// # Errors
    /// Fails if the system has no randomness.
    pub fn create_key(&self, purpose: &str, scope: &str) -> Result<(DataKey, WrappedKey)> {
        let key = DataKey::random()?;
        let wrapped = self.wrap(purpose, scope, &key)?;
        Ok((key, wrapped))
    }

    /// Unwraps a key that was created for this purpose and scope.
    ///
    /// # Errors
    /// `UnknownKey` if the key that wraps it is not configured; `Damaged` if it was changed, or belongs to another
    /// purpose or scope.
    pub fn unwrap_key(&self, purpose: &str, scope: &str, wrapped: &WrappedKey) -> Result<DataKey> {
        let wrapping = std::iter::once(&self.first)
            .chain(&self.others)
            .find(|key| key.id() == wrapped.key_id)
            .ok_or_else(|| Error::UnknownKey(wrapped.key_id.clone()))?;
        let place = place(purpose, scope);
        let plain = wrapping.key().open(&place, &wrapped.sealed)?;
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        if plain.len() != KEY_LEN {
            return Err(Error::Damaged { table: place.table.to_owned(), column: place.column.to_owned() });
        }
        bytes.copy_from_slice(&plain);
        DataKey::new(bytes)
    }

    /// Wraps a key under the first key of the vault; `None` if that wraps it already. Values that are sealed under
    /// the wrapped key stay as they are.
    ///
    /// # Errors
    /// As [`Vault::unwrap_key`].
    pub fn rewrap_key(&self, purpose: &str, scope: &str, wrapped: &WrappedKey) -> Result<Option<WrappedKey>> {
        if wrapped.key_id == self.first.id() {
            return Ok(None);
        }
        let key = self.unwrap_key(purpose, scope, wrapped)?;
        self.wrap(purpose, scope, &key).map(Some)
    }

    /// Counts a key of a store in a check, with what is wrong with it.
    pub fn check_key(&self, check: &mut Check, purpose: &str, scope: &str, wrapped: &WrappedKey) {
        check.keys += 1;
        check.to_rewrap += usize::from(wrapped.key_id != self.key_id());
        if let Err(error) = self.unwrap_key(purpose, scope, wrapped) {
            check.problems.push(format!("the key `{purpose}` of the scope `{scope}`: {error}"));
        }
    }

    fn wrap(&self, purpose: &str, scope: &str, key: &DataKey) -> Result<WrappedKey> {
        let sealed = self.first.key().seal(&place(purpose, scope), key.bytes())?;
        Ok(WrappedKey { key_id: self.first.id().to_owned(), sealed })
    }
}

/// The table in which both stores keep wrapped keys.
fn place<'a>(purpose: &'a str, scope: &'a str) -> Place<'a> {
    Place { table: "sealing_key", scope, row: purpose, column: "sealed" }
}
