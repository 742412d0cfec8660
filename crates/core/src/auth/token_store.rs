//! Where tokens are kept that a person has signed in for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::SecretString;

use crate::error::Result;
use crate::model::Timestamp;

/// What one sign-in has given.
#[derive(Clone)]
#[non_exhaustive]
pub struct StoredTokens {
    /// The token that calls carry.
    pub access_token: SecretString,
    /// When that one was got; it is renewed before its end, but not before half of its life.
    pub obtained_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// What the next access token is got with. Some vendors take each only once and give a new one with every
    /// renewal.
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
}

impl fmt::Debug for StoredTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredTokens")
            .field("obtained_at", &self.obtained_at)
            .field("expires_at", &self.expires_at)
            .field("renewable", &self.refresh_token.is_some())
            .finish_non_exhaustive()
    }
}

/// The version of the tokens under one key. Each save makes a new one, which that key never had before, also after the
/// tokens were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenVersion(pub i64);

/// The result of [`TokenStore::save`].
#[derive(Debug, Clone)]
pub enum TokenSave {
    /// The tokens are safe, under this version.
    Kept(TokenVersion),
    /// Nothing was saved: the store holds another version than the expected one. `None` after a sign-out.
    Overtaken(Option<(StoredTokens, TokenVersion)>),
}

/// The exclusive right to renew the tokens under one key, for a limited time. Dropping it releases the right early; a store
/// that cannot do so at once lets the lease run out.
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

    /// The number of the lease. Each lease of a key has a greater one than those before it.
    #[must_use]
    pub fn fencing_token(&self) -> i64 {
        self.fencing_token
    }
}

impl fmt::Debug for RenewalLease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenewalLease").field("fencing_token", &self.fencing_token).finish_non_exhaustive()
    }
}

impl Drop for RenewalLease {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

/// Keeps the tokens of people who have signed in.
///
/// New tokens are handed to it before they are used: a refresh token that works once only would otherwise be lost with
/// the process. While [`TokenStore::save`] fails, calls fail with its error, and saving is tried again with the next.
///
/// Processes that share a store use each other's tokens. One of them renews at a time, the one that holds the
/// [`RenewalLease`]; the others poll [`TokenStore::load`] for the new version. Versions protect against a lease that ran out
/// too early: a late save does not replace tokens that its caller has not seen.
///
/// Implementations should be quick, keep what they are given from everybody else, and must not show it in errors. No
/// method waits for another process to renew.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// Returns the tokens under a key with their version, `None` where there are none.
    ///
    /// # Errors
    /// When it cannot be known.
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>>;

    /// Replaces the tokens under a key if they have the expected version. Without an expected version (after a sign-in),
    /// replaces whatever is there. Compares and replaces in one step, as seen by all processes. The tokens are safe once this
    /// returns [`TokenSave::Kept`].
    ///
    /// # Errors
    /// When they are not kept; the earlier ones should then still be there.
    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave>;

    /// Returns the lease for renewing the tokens under a key, `None` while another caller in any process holds it. The
    /// lease ends when it is dropped or after `duration`; where the store can tell, also with its process.
    ///
    /// # Errors
    /// When it cannot be known who holds it.
    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>>;

    /// Forgets what is under a key, if anything.
    ///
    /// # Errors
    /// When something may be left.
    async fn remove(&self, key: &str) -> Result<()>;
}

/// Keeps tokens as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    contents: Arc<Mutex<Contents>>,
}

#[derive(Debug, Default)]
struct Contents {
    tokens: HashMap<String, (StoredTokens, TokenVersion)>,
    /// The fencing token and the end of each lease.
    leases: HashMap<String, (i64, Instant)>,
    last: i64,
}

impl Contents {
    /// Returns a number that was never used before.
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

    fn lock(&self) -> MutexGuard<'_, Contents> {
        locked(&self.contents)
    }
}

fn locked(contents: &Mutex<Contents>) -> MutexGuard<'_, Contents> {
    contents.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        Ok(self.lock().tokens.get(key).cloned())
    }

    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave> {
        let mut contents = self.lock();
        let there = contents.tokens.get(key);
        if expected.is_some() && there.map(|(_, version)| *version) != expected {
            return Ok(TokenSave::Overtaken(there.cloned()));
        }
        let version = TokenVersion(contents.next_number());
        contents.tokens.insert(key.to_owned(), (tokens.clone(), version));
        Ok(TokenSave::Kept(version))
    }

    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>> {
        let mut contents = self.lock();
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
        self.lock().tokens.remove(key);
        Ok(())
    }
}

/// One place in a store: where the tokens of one account are.
#[derive(Clone)]
pub struct TokenSlot {
    store: Arc<dyn TokenStore>,
    key: String,
    account: Option<String>,
}

impl fmt::Debug for TokenSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSlot").field("key", &self.key).finish_non_exhaustive()
    }
}

impl TokenSlot {
    /// The place of this key. Give each signed-in user a key of their own.
    #[must_use]
    pub fn new(store: Arc<dyn TokenStore>, key: impl Into<String>) -> Self {
        Self { store, key: key.into(), account: None }
    }

    /// A place in memory that nobody else uses.
    #[must_use]
    pub fn memory() -> Self {
        Self::new(Arc::new(MemoryTokenStore::new()), "tokens")
    }

    /// Of an account with this name in the configuration.
    pub(crate) fn of_account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// The name of the account in the configuration, if it has one.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns the tokens with their version.
    ///
    /// # Errors
    /// As [`TokenStore::load`].
    pub async fn load(&self) -> Result<Option<(StoredTokens, TokenVersion)>> {
        self.store.load(&self.key).await
    }

    /// Replaces the tokens, if they have the expected version.
    ///
    /// # Errors
    /// As [`TokenStore::save`].
    pub async fn save(&self, tokens: &StoredTokens, expected: Option<TokenVersion>) -> Result<TokenSave> {
        self.store.save(&self.key, tokens, expected).await
    }

    /// Returns the lease for renewing the tokens, unless another caller holds it.
    ///
    /// # Errors
    /// As [`TokenStore::begin_renewal`].
    pub async fn begin_renewal(&self, duration: Duration) -> Result<Option<RenewalLease>> {
        self.store.begin_renewal(&self.key, duration).await
    }

    /// Forgets them.
    ///
    /// # Errors
    /// As [`TokenStore::remove`].
    pub async fn remove(&self) -> Result<()> {
        self.store.remove(&self.key).await
    }
}
