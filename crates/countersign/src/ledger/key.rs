//! The caller's name for one intention.

use std::fmt;
use std::str::FromStr;

use countersign_core::InvalidValue;

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
