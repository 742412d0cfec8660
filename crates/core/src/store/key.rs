//! The caller's idempotency key, and the name space that it belongs to.

use sha2::{Digest, Sha256};

use crate::model::{InvalidValue, refuse, shown};
use crate::redact::has_harmful;

/// Identifies one operation to be done once, such as the id of a job or of an outbox row: 1 to 128 visible ASCII
/// characters.
///
/// No vendor supports such keys, so it is never sent; a [`Ledger`](super::Ledger) records it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX: usize = 128;

    /// Checks the key.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = text.into();
        const EXPECTED: &str = "1 to 128 visible ASCII characters, such as the id of the job";
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let other = "contains a blank, a control character or something other than ASCII";
        refuse(
            "idempotency key",
            EXPECTED,
            [
                (text.is_empty(), format_args!("is empty")),
                (!is_visible, format_args!("{other}")),
                (text.len() > Self::MAX, format_args!("is {} characters long", text.len())),
            ],
        )?;
        Ok(Self(text))
    }
}

shown!(IdempotencyKey);

/// The name space of a store's keys, usually a tenant or an account: the same key in two scopes is two keys. 1 to
/// 128 bytes without control characters. Visible in logs, so use no secret and no address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(String);

impl Scope {
    /// The longest scope, in bytes.
    pub const MAX: usize = 128;

    /// Checks the scope.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = text.into();
        refuse(
            "scope",
            "1 to 128 bytes without control characters",
            [
                (text.is_empty(), format_args!("is empty")),
                (has_harmful(&text), format_args!("contains a control character")),
                (text.len() > Self::MAX, format_args!("is {} bytes long", text.len())),
            ],
        )?;
        Ok(Self(text))
    }

    /// The scope of an account with this name in the configuration, `-` without a name. A name that is no valid
    /// scope is replaced by its SHA-256.
    #[must_use]
    pub fn of_account(name: Option<&str>) -> Self {
        let name = name.unwrap_or("-");
        Self::new(name).unwrap_or_else(|_| {
            let digest = Sha256::digest(name.as_bytes());
            Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
        })
    }
}

shown!(Scope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_name_has_a_scope_of_its_own() {
        let long = "x".repeat(200);
        let names = [None, Some("sales"), Some("a\nb"), Some("a b"), Some(long.as_str()), Some("")];
        let scopes = names.map(Scope::of_account);
        assert_eq!(scopes[0].as_str(), "-");
        assert_eq!(scopes[1].as_str(), "sales");
        for (at, scope) in scopes.iter().enumerate() {
            assert_eq!(Scope::new(scope.as_str()).as_ref(), Ok(scope));
            assert!(!scopes.iter().skip(at + 1).any(|other| other == scope), "{scope}");
        }
    }

    #[test]
    fn a_key_and_a_scope_are_checked() {
        for bad in ["", "a b", "é", "a\n", &"k".repeat(129)] {
            assert!(IdempotencyKey::new(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "a\nb", "a\u{202e}", &"s".repeat(129)] {
            assert!(Scope::new(bad).is_err(), "{bad:?}");
        }
        assert!(Scope::new("Zoë & Söhne").is_ok());
    }
}
