//! The caller's name for one intention, and what tells whether two requests are the same without keeping them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use countersign_core::InvalidValue;
use sha2::{Digest, Sha256};

/// Names one thing that is to be done once, such as the id of a job or of a row in an outbox: 1 to 128 visible ASCII
/// characters.
///
/// Neither vendor has such keys, so it stays in this process and its [`Ledger`](crate::Ledger).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX: usize = 128;

    /// Checks the key.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = text.into();
        let bad = |problem: String| {
            let expected = "1 to 128 visible ASCII characters, such as the id of the job";
            Err(InvalidValue::new("idempotency key", problem, expected))
        };
        if text.is_empty() {
            return bad("is empty".to_owned());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return bad("contains a blank, a control character or something other than ASCII".to_owned());
        }
        if text.len() > Self::MAX {
            return bad(format!("is {} characters long", text.len()));
        }
        Ok(Self(text))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

/// Stands for one request to one account: SHA-256 over the key, the vendor, the account, the operation and every
/// field of the request. Nothing can be read back from it, access codes included; but an access code of four digits
/// can be guessed by whoever has the fingerprint *and* the rest of the request, so keep a durable ledger as safe as the
/// requests themselves.
///
/// It is the same in every process of one build. Another build of this library may compute another one; a call that
/// is then made under a key from before is refused, never doubled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(key: &IdempotencyKey, call: impl Hash) -> Self {
        let mut hasher = Sha(Sha256::new());
        (key, call).hash(&mut hasher);
        Self(hasher.0.finalize().into())
    }

    /// The bytes, to be kept by a durable ledger.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From the bytes that a durable ledger kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// Feeds what `Hash` tells into SHA-256; every field of a request goes through its derived `Hash`.
struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not used: the whole digest is taken.
    fn finish(&self) -> u64 {
        0
    }
}
