//! Where tokens are kept that a person has signed in for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

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

/// Keeps the tokens of people who have signed in.
///
/// New tokens are handed to it before they are used: a refresh token that works once only would otherwise be lost with
/// the process. While [`TokenStore::save`] fails, calls fail with its error, and saving is tried again with the next.
/// Processes that share a store see each other's tokens; a renewal reads the store first.
///
/// Implementations should be quick, keep what they are given from everybody else, and must not show it in errors.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// The tokens under a key; `None` where there are none.
    ///
    /// # Errors
    /// When it cannot be known.
    async fn load(&self, key: &str) -> Result<Option<StoredTokens>>;

    /// Keeps these tokens under a key, in place of earlier ones. They are safe once this returns.
    ///
    /// # Errors
    /// When they are not kept; the earlier ones should then still be there.
    async fn save(&self, key: &str, tokens: &StoredTokens) -> Result<()>;

    /// Forgets what is under a key, if anything.
    ///
    /// # Errors
    /// When something may be left.
    async fn remove(&self, key: &str) -> Result<()>;
}

/// Keeps tokens as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryTokenStore {
    tokens: Mutex<HashMap<String, StoredTokens>>,
}

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, StoredTokens>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &str) -> Result<Option<StoredTokens>> {
        Ok(self.lock().get(key).cloned())
    }

    async fn save(&self, key: &str, tokens: &StoredTokens) -> Result<()> {
        self.lock().insert(key.to_owned(), tokens.clone());
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.lock().remove(key);
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

    /// The tokens that are there.
    ///
    /// # Errors
    /// As [`TokenStore::load`].
    pub async fn load(&self) -> Result<Option<StoredTokens>> {
        self.store.load(&self.key).await
    }

    /// Keeps these.
    ///
    /// # Errors
    /// As [`TokenStore::save`].
    pub async fn save(&self, tokens: &StoredTokens) -> Result<()> {
        self.store.save(&self.key, tokens).await
    }

    /// Forgets them.
    ///
    /// # Errors
    /// As [`TokenStore::remove`].
    pub async fn remove(&self) -> Result<()> {
        self.store.remove(&self.key).await
    }
}
