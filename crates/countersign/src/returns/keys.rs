//! The keys that sign returns.

use countersign_core::{Error, ErrorKind, ExposeSecret, InvalidValue, Result, SecretString};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A key with its id. The secret is never shown, not even in `Debug`; the id is in every URL.
#[derive(Debug, Clone)]
pub struct ReturnKey {
    id: String,
    secret: SecretString,
}

impl ReturnKey {
    /// The longest id, in characters.
    pub const LONGEST_ID: usize = 32;

    /// The minimum length of a secret, in bytes: that of the signature's digest (RFC 2104, section 3).
    pub const SHORTEST_SECRET: usize = 32;

    /// Checks id and secret. The secret's bytes are the key, so use a random text, such as 32 random bytes in
    /// base64.
    ///
    /// # Errors
    /// [`InvalidValue`] for an id other than 1 to 32 of `A-Z a-z 0-9 . _ -`, and for a secret of less than 32
    /// bytes; the secret is not repeated.
    pub fn new(id: impl Into<String>, secret: SecretString) -> Result<Self, InvalidValue> {
        let id = id.into();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if id.is_empty() || id.len() > Self::LONGEST_ID || !id.chars().all(fits) {
            let expected = "1 to 32 letters, digits, dots, hyphens or underscores";
            return Err(InvalidValue::new("id of the return key", "cannot be used", expected));
        }
        let length = secret.expose_secret().len();
        if length < Self::SHORTEST_SECRET {
            let problem = format!("has {length} bytes");
            return Err(InvalidValue::new("secret of the return key", problem, "at least 32 random bytes"));
        }
        Ok(Self { id, secret })
    }

    /// A random key that is lost when the process ends, which invalidates every open return URL. For trials and
    /// tests.
    ///
    /// # Errors
    /// As [`ReturnKey::new`] for the id; `Unexpected` if the system provides no random numbers.
    pub fn random(id: impl Into<String>) -> Result<Self> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|_| no_randomness())?;
        let secret = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(Self::new(id, SecretString::from(secret))?)
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A signature in progress. Its own prefix separates it from other uses of the same key.
    fn mac(&self) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes()).ok()?;
        mac.update(b"countersign return 1\0");
        Some(mac)
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Option<[u8; 32]> {
        let mut mac = self.mac()?;
        mac.update(bytes);
        Some(mac.finalize().into_bytes().into())
    }

    /// Compares in constant time.
    pub(super) fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        self.mac().is_some_and(|mut mac| {
            mac.update(bytes);
            mac.verify_slice(signature).is_ok()
        })
    }
}

pub(super) fn no_randomness() -> Error {
    Error::new(ErrorKind::Unexpected, "the operating system provides no random numbers")
}

/// The keys of an application: the first signs, all verify.
///
/// To rotate keys, put a new one first and keep the old one while returns signed with it may arrive; then remove
/// it.
#[derive(Debug, Clone)]
pub struct ReturnKeys {
    pub(super) newest: ReturnKey,
    older: Vec<ReturnKey>,
}

impl ReturnKeys {
    /// One key.
    #[must_use]
    pub fn new(newest: ReturnKey) -> Self {
        Self { newest, older: Vec::new() }
    }

    /// Adds an older key, which verifies and does not sign.
    ///
    /// # Errors
    /// [`InvalidValue`] if there already is a key with this id.
    pub fn with_older(mut self, key: ReturnKey) -> Result<Self, InvalidValue> {
        if self.get(key.id()).is_some() {
            let expected = "a different id for each key";
            return Err(InvalidValue::new("id of the return key", "occurs twice", expected));
        }
        self.older.push(key);
        Ok(self)
    }

    pub(super) fn get(&self, id: &str) -> Option<&ReturnKey> {
        std::iter::once(&self.newest).chain(&self.older).find(|key| key.id == id)
    }
}
