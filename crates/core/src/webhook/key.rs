//! Identifies repeated webhook deliveries.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::InvalidValue;

/// Identifies one event at one vendor: two deliveries with the same key report the same event.
///
/// It is `vendor:id` if the vendor gives its events ids; otherwise `vendor:` and 32 hexadecimal digits of a SHA-256
/// over the parts of the message that a repeated delivery repeats. The same message always gives the same key. It
/// contains no names and no addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NotificationKey(String);

/// Longer ids are hashed.
const ID_BYTES: usize = 64;

/// `vendor:` and an id, with room for long vendor names.
const LONGEST: usize = 128;

impl NotificationKey {
    /// From the vendor's own id of the event.
    #[must_use]
    pub fn told(vendor: &str, id: &str) -> Self {
        if !id.is_empty() && id.len() <= ID_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Self(format!("{vendor}:{id}"));
        }
        Self::derived(vendor, &[id])
    }

    /// From the parts of a message that a repeated delivery repeats. The order matters.
    #[must_use]
    pub fn derived(vendor: &str, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // Includes the length, so that `ab, c` and `a, bc` differ.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let hex: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{vendor}:{hex}"))
    }

    /// The key as text: printable ASCII without blanks, at most 128 bytes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parses a stored key.
impl FromStr for NotificationKey {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let fits = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic());
        match text.split_once(':') {
            Some((vendor, id)) if fits && !vendor.is_empty() && !id.is_empty() => Ok(Self(text.to_owned())),
            _ => {
                let expected =
                    "a vendor's name, a colon and an id: at most 128 characters of printable ASCII";
                Err(InvalidValue::new("key", "is not the key of a notification", expected))
            }
        }
    }
}

impl fmt::Display for NotificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_stay_readable_and_odd_ones_are_hashed() {
        assert_eq!(NotificationKey::told("acme", "af-1").as_str(), "acme:af-1");
        for odd in ["", "a b", "é", "a\nb", &"x".repeat(65)] {
            let key = NotificationKey::told("acme", odd);
            assert_eq!(key.as_str().len(), "acme:".len() + 32, "{odd}");
        }
        assert_ne!(NotificationKey::derived("a", &["ab", "c"]), NotificationKey::derived("a", &["a", "bc"]));
        for bad in ["", "acme", ":x", "acme:", "acme:a b", &format!("acme:{}", "x".repeat(200))] {
            assert!(bad.parse::<NotificationKey>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_key_can_be_kept_and_read_back(id in "\\PC{0,80}") {
            let key = NotificationKey::told("acme", &id);
            prop_assert_eq!(key.as_str().parse::<NotificationKey>().unwrap(), key);
        }
    }
}
