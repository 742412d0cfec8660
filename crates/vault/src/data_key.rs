//! Seals and opens values, and keeps unwrapped keys at hand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use countersign_core::{hidden, locked};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// The length of every key, in bytes.
pub(crate) const KEY_LEN: usize = 32;
/// The form of a sealed value: this byte, the nonce, the ciphertext, the tag.
const FORM: u8 = 1;
const TAG_LEN: usize = 16;

/// Where a sealed value is kept. It opens only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// Whose row it is: a tenant or an account.
    pub scope: &'a str,
    /// The rest of the row's primary key.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

impl Place<'_> {
    /// The associated data: each part with its length, so that two places never have the same bytes.
    fn associated_data(&self) -> Vec<u8> {
        let parts = [self.table, self.scope, self.row, self.column];
        let mut bytes = Vec::with_capacity(1 + parts.iter().map(|part| 8 + part.len()).sum::<usize>());
        bytes.push(FORM);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// A random key of 256 bits that seals the values of one scope. It is wiped from memory when it is dropped.
pub struct DataKey {
    bytes: Zeroizing<[u8; KEY_LEN]>,
    cipher: RandomizedNonceKey,
}

hidden!(DataKey {});

impl DataKey {
    pub(crate) fn new(bytes: Zeroizing<[u8; KEY_LEN]>) -> Result<Self> {
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, bytes.as_slice())?;
        Ok(Self { bytes, cipher })
    }

    pub(crate) fn random() -> Result<Self> {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice())?;
        Self::new(bytes)
    }

    /// The key itself, for a purpose other than sealing, such as an HMAC.
    #[must_use]
    pub fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }

    /// Seals a value for one place. Two seals of the same value differ.
    ///
    /// # Errors
    /// Fails if the system has no randomness.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        // The capacity is exact: growing would leave a copy of the plaintext behind.
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plain.len() + TAG_LEN);
        sealed.push(FORM);
        sealed.extend_from_slice(&[0; NONCE_LEN]);
        sealed.extend_from_slice(plain);
        let aad = Aad::from(place.associated_data());
        let (nonce, tag) = self.cipher.seal_in_place_separate_tag(aad, &mut sealed[1 + NONCE_LEN..])?;
        sealed[1..=NONCE_LEN].copy_from_slice(nonce.as_ref());
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// `Damaged` if the value was changed, sealed for another place or under another key; `UnknownForm` if a newer
    /// version wrote it.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let damaged = || Error::Damaged { table: place.table.to_owned(), column: place.column.to_owned() };
        let (form, rest) = sealed.split_first().ok_or_else(damaged)?;
        if *form != FORM {
            return Err(Error::UnknownForm(*form));
        }
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        let aad = Aad::from(place.associated_data());
        let length = self.cipher.open_in_place(nonce, aad, &mut plain).map_err(|_| damaged())?.len();
        plain.truncate(length);
        Ok(plain)
    }
}

/// The unwrapped keys of the scopes in use. A store asks it before it reads and unwraps a key.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<HashMap<String, Arc<DataKey>>>);

/// The most keys in a cache: about four megabytes.
const CAPACITY: usize = 10_000;

impl KeyCache {
    /// The key of a scope.
    #[must_use]
    pub fn get(&self, scope: &str) -> Option<Arc<DataKey>> {
        locked(&self.0).get(scope).cloned()
    }

    /// Keeps the key of a scope. A full cache is emptied first: keys are cheap to unwrap again.
    pub fn put(&self, scope: &str, key: impl Into<Arc<DataKey>>) -> Arc<DataKey> {
        let key = key.into();
        let mut keys = locked(&self.0);
        if keys.len() >= CAPACITY {
            keys.clear();
        }
        keys.insert(scope.to_owned(), Arc::clone(&key));
        key
    }

    /// Removes all keys, for example after a transaction that created one was taken back.
    pub fn clear(&self) {
        locked(&self.0).clear();
    }
}

/// Seals and opens the columns of one row, under the key of its scope.
#[derive(Debug)]
pub struct Sealer<'a> {
    key: Arc<DataKey>,
    row: Place<'a>,
}

impl<'a> Sealer<'a> {
    /// For a row of a table, by its scope and the rest of its primary key.
    #[must_use]
    pub fn new(key: Arc<DataKey>, table: &'a str, scope: &'a str, row: &'a str) -> Self {
        Self { key, row: Place { table, scope, row, column: "" } }
    }

    /// Seals the value of a column.
    ///
    /// # Errors
    /// As [`DataKey::seal`].
    pub fn seal(&self, column: &str, plain: &[u8]) -> Result<Vec<u8>> {
        self.key.seal(&Place { column, ..self.row }, plain)
    }

    /// Opens the value of a column.
    ///
    /// # Errors
    /// As [`DataKey::open`].
    pub fn open(&self, column: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.key.open(&Place { column, ..self.row }, sealed)
    }

    /// Opens a text, if there is one.
    ///
    /// # Errors
    /// As [`DataKey::open`], or `Damaged` if it is no text.
    pub fn open_text(&self, column: &str, sealed: Option<&[u8]>) -> Result<Option<String>> {
        let damaged = |_| Error::Damaged { table: self.row.table.to_owned(), column: column.to_owned() };
        let open = |sealed| String::from_utf8(self.open(column, sealed)?.to_vec()).map_err(damaged);
        sealed.map(open).transpose()
    }
}
