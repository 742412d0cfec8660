//! Stores the tokens of users who have signed in.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::auth::renew_at;
use crate::error::{Error, ErrorKind, Result};
use crate::locked;
use crate::model::Timestamp;
use crate::redact::hidden;
use crate::store::{read, write};

/// The tokens of one sign-in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredTokens {
    /// The token that calls carry.
    pub access_token: SecretString,
    /// When it was issued; it is renewed before it expires, but not before half of its lifetime.
    pub obtained_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The refresh token for the next access token. Some vendors accept each one only once and return a new one
    /// with every renewal.
    pub refresh_token: Option<SecretString>,
}

impl StoredTokens {
    /// An access token and its times.
    #[must_use]
    pub fn new(access_token: SecretString, obtained_at: Timestamp, expires_at: Timestamp) -> Self {
        Self { access_token, obtained_at, expires_at, refresh_token: None }
    }

    /// With a refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: Option<SecretString>) -> Self {
        self.refresh_token = refresh_token;
        self
    }

    /// The tokens as bytes, to be sealed by a store.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        write(&Stored {
            access_token: self.access_token.expose_secret().into(),
            obtained_at: self.obtained_at,
            expires_at: self.expires_at,
            refresh_token: self.refresh_token.as_ref().map(|token| token.expose_secret().into()),
        })
    }

    /// Reads the bytes back.
    ///
    /// # Errors
    /// `Unexpected` if they are not tokens of a known version. The error does not contain them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let unreadable = |_| Error::new(ErrorKind::Unexpected, "the stored tokens cannot be read");
        let stored: Stored<'_> = read(bytes).map_err(unreadable)?;
        let secret = |text: Cow<'_, str>| SecretString::from(text.into_owned());
        Ok(Self::new(secret(stored.access_token), stored.obtained_at, stored.expires_at)
            .with_refresh_token(stored.refresh_token.map(secret)))
    }

    /// Whether calls can carry the access token: it has not expired, and is not the one that the vendor refused.
    pub(crate) fn is_usable(&self, now: Timestamp, refused: Option<&SecretString>) -> bool {
        now < self.expires_at && refused.is_none_or(|refused| !same_token(refused, &self.access_token))
    }

    /// Whether it is too early to renew them.
    pub(crate) fn is_fresh(&self, now: Timestamp, early: Duration) -> bool {
        now < renew_at(self.obtained_at, self.expires_at, early)
    }
}

pub(super) fn same_token(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    obtained_at: Timestamp,
    expires_at: Timestamp,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Cow<'a, str>>,
}

/// The version of the tokens under one key. Each save creates a version that this key never had before, even after
/// the tokens were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenVersion(pub i64);

/// The result of [`TokenStore::save`].
#[derive(Debug, Clone)]
pub enum TokenSave {
    /// The tokens are stored, under this version.
    Kept(TokenVersion),
    /// Nothing was saved: the store holds another version than the expected one. `None` after a sign-out.
    Overtaken(Option<(StoredTokens, TokenVersion)>),
}

/// The exclusive right to renew the tokens under one key, for a limited time. Dropping it releases the right early;
/// if a store cannot do so at once, the lease ends by timeout. A store may also end it when new tokens are saved.
pub struct RenewalLease {
    fencing_token: i64,
    release: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl RenewalLease {
    /// A lease for a store to give out. `release` runs when the lease is dropped; it must not end a later lease of
    /// the same key.
    #[must_use]
    pub fn new(fencing_token: i64, release: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self { fencing_token, release: Some(Box::new(release)) }
    }

    /// The number of the lease. Each lease of a key has a greater number than all earlier ones.
    pub fn fencing_token(&self) -> i64 {
        self.fencing_token
    }
}

hidden!(RenewalLease { fencing_token });

impl Drop for RenewalLease {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

/// Stores the tokens of signed-in users.
///
/// New tokens are saved before they are used: a refresh token that works only once would otherwise be lost with the
/// process. While [`TokenStore::save`] fails, calls fail with its error, and the next call tries to save again.
///
/// Processes that share a store use each other's tokens. Only the process that holds the [`RenewalLease`] renews;
/// the others poll [`TokenStore::load`] for the new version. Versions protect against a lease that ended too early:
/// a late save does not replace tokens that its caller has not seen.
///
/// Implementations should be fast, protect the tokens from other users, and never show them in errors. No method
/// waits for another process to renew.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// Returns the tokens under a key with their version, or `None` if there are none.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>>;

    /// Replaces the tokens under a key if they have the expected version. Without an expected version (after a
    /// sign-in), replaces any tokens. Compares and replaces atomically for all processes. The tokens are stored
    /// durably once this returns [`TokenSave::Kept`].
    ///
    /// # Errors
    /// Fails if they are not stored; the earlier ones should then still be there.
    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave>;

    /// Returns the lease for renewing the tokens under a key, or `None` while another caller in any process holds
    /// it. The lease ends when it is dropped, after `duration`, or, if the store can detect that, with its process.
    ///
    /// # Errors
    /// Fails if the holder cannot be determined.
    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>>;

    /// Removes the tokens under a key, if there are any.
    ///
    /// # Errors
    /// Fails if some may remain.
    async fn remove(&self, key: &str) -> Result<()>;

    /// Whether applications keep the tokens here that they obtain for themselves, so that other processes use them.
    fn is_for_applications(&self) -> bool {
        true
    }
}

/// Stores tokens in memory for the lifetime of the process.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    contents: Arc<Mutex<Contents>>,
}

#[derive(Debug, Default)]
struct Contents {
    tokens: HashMap<String, (StoredTokens, TokenVersion)>,
    /// The fencing token and the expiry of each lease.
    leases: HashMap<String, (i64, Instant)>,
    last: i64,
}

impl Contents {
    /// Returns a number that was never returned before.
    fn next_number(&mut self) -> i64 {
        self.last += 1;
        self.last
    }
}

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        Ok(locked(&self.contents).tokens.get(key).cloned())
    }

    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave> {
        let mut contents = locked(&self.contents);
        let there = contents.tokens.get(key);
        if expected.is_some() && there.map(|(_, version)| *version) != expected {
            return Ok(TokenSave::Overtaken(there.cloned()));
        }
        let version = TokenVersion(contents.next_number());
        contents.tokens.insert(key.to_owned(), (tokens.clone(), version));
        Ok(TokenSave::Kept(version))
    }

    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>> {
        let mut contents = locked(&self.contents);
        let now = Instant::now();
        if contents.leases.get(key).is_some_and(|(_, until)| now < *until) {
            return Ok(None);
        }
        let fencing_token = contents.next_number();
        contents.leases.insert(key.to_owned(), (fencing_token, now + duration));
        let (contents, key) = (Arc::clone(&self.contents), key.to_owned());
        Ok(Some(RenewalLease::new(fencing_token, move || {
            let mut contents = locked(&contents);
            if contents.leases.get(&key).is_some_and(|(holder, _)| *holder == fencing_token) {
                contents.leases.remove(&key);
            }
        })))
    }

    async fn remove(&self, key: &str) -> Result<()> {
        locked(&self.contents).tokens.remove(key);
        Ok(())
    }
}

/// One entry of a store: the location of one account's tokens.
#[derive(Clone)]
pub struct TokenSlot {
    /// The store.
    pub store: Arc<dyn TokenStore>,
    /// The key of the entry.
    pub key: String,
    account: Option<String>,
}

// Without the store, which may be an application's own and show tokens.
hidden!(TokenSlot { key });

impl TokenSlot {
    /// The entry of this key. Use a separate key for each signed-in user.
    #[must_use]
    pub fn new(store: Arc<dyn TokenStore>, key: impl Into<String>) -> Self {
        Self { store, key: key.into(), account: None }
    }

    /// An entry in memory that nothing else uses.
    #[must_use]
    pub fn memory() -> Self {
        Self::new(Arc::new(MemoryTokenStore::new()), "tokens")
    }

    /// The entry of an account with this name in the configuration.
    pub(crate) fn of_account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// The entry for the tokens of an application: in memory if the store is for users only. Its key includes the
    /// application's secret, hashed: a token that was obtained with another secret must not hide that this one is
    /// wrong.
    #[must_use]
    pub fn of_application(self) -> Self {
        if self.store.is_for_applications() { self } else { Self::memory() }
    }

    /// The name of the account in the configuration, if it has one.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back_from_their_bytes() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (obtained, expires) = (at("2026-11-29T12:00:00.123456789Z"), at("2026-11-29T20:00:00Z"));
        for refresh in [None, Some("line\n\"quote\"")] {
            let tokens = StoredTokens::new(SecretString::from("ключ"), obtained, expires)
                .with_refresh_token(refresh.map(SecretString::from));
            let back = StoredTokens::from_bytes(&tokens.to_bytes()).unwrap();
            assert_eq!(back.access_token.expose_secret(), "ключ");
            assert_eq!((back.obtained_at, back.expires_at), (obtained, expires));
            assert_eq!(back.refresh_token.as_ref().map(ExposeSecret::expose_secret), refresh);
        }
    }

    #[test]
    fn bytes_of_another_version_are_an_error_without_them() {
        let bytes = br#"{"v":2,"access_token":"hunter2","obtained_at":"2026-11-29T12:00:00Z","expires_at":"2026-11-29T12:00:00Z"}"#;
        let error = StoredTokens::from_bytes(bytes).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
