//! Keys of callers: `cs_live_` or `cs_test_`, eight characters that identify the key, `_`, and the secret with a check
//! sum, so that a mistyped key is noticed without a look-up and scanners recognise a leaked one.

use std::fmt;

use countersign::secrecy::{ExposeSecret, SecretString};
use countersign::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

/// Characters of the public part.
const ID: usize = 8;
/// Characters of the secret: 43 of 62 are more than 256 bits.
const SECRET: usize = 43;
/// Characters of the check sum.
const SUM: usize = 6;

const DIGITS: &[u8] =
    concat!("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz").as_bytes();

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// List recipients and plan calls.
    EnvelopesRead,
    /// Create signing links.
    ViewsWrite,
    /// Resend, change access codes, unlock.
    EnvelopesWrite,
    /// See calls under idempotency keys.
    CallsRead,
    /// Say whether a call with an unknown outcome happened.
    CallsResolve,
    /// Read what vendors reported by webhooks.
    EventsRead,
    /// Read the texts of webhooks that could not be read, which may name people.
    EventsText,
    /// See endpoints, to which events go out, and their deliveries.
    EndpointsRead,
    /// Create, change, test and delete endpoints.
    EndpointsWrite,
    /// List and check accounts.
    AccountsRead,
    /// Create, change and delete accounts.
    AccountsWrite,
    /// Read who changed what.
    AuditRead,
    /// Erase what is kept about an envelope.
    DataErase,
}

impl KeyScope {
    /// All scopes.
    pub const ALL: [Self; 13] = [
        Self::EnvelopesRead,
        Self::ViewsWrite,
        Self::EnvelopesWrite,
        Self::CallsRead,
        Self::CallsResolve,
        Self::EventsRead,
        Self::EventsText,
        Self::EndpointsRead,
        Self::EndpointsWrite,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::AuditRead,
        Self::DataErase,
    ];

    /// The stable word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EnvelopesRead => "envelopes:read",
            Self::ViewsWrite => "views:write",
            Self::EnvelopesWrite => "envelopes:write",
            Self::CallsRead => "calls:read",
            Self::CallsResolve => "calls:resolve",
            Self::EventsRead => "events:read",
            Self::EventsText => "events:text",
            Self::EndpointsRead => "endpoints:read",
            Self::EndpointsWrite => "endpoints:write",
            Self::AccountsRead => "accounts:read",
            Self::AccountsWrite => "accounts:write",
            Self::AuditRead => "audit:read",
            Self::DataErase => "data:erase",
        }
    }

    /// Whether it is always about all accounts of the tenant, so that a key for some accounts cannot use it.
    pub(crate) fn is_of_all_accounts(self) -> bool {
        matches!(self, Self::EndpointsRead | Self::EndpointsWrite | Self::AuditRead)
    }

    /// The scope with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A key in clear. It is shown once, when it is created; the database has only its hash.
pub struct ApiKey {
    id: String,
    text: SecretString,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl ApiKey {
    /// A random key. `test` is a label for readers and scanners; it changes nothing else.
    ///
    /// # Errors
    /// Fails if the system has no randomness.
    pub fn random(test: bool) -> Result<Self> {
        let kind = if test { "test" } else { "live" };
        let start = format!("cs_{kind}_{}_{}", digits(ID)?, digits(SECRET)?);
        let sum = check_sum(&start);
        Self::parse(&(start + &sum))
            .ok_or_else(|| Error::new(ErrorKind::Unexpected, "the new key is invalid"))
    }

    /// Reads a key; `None` if it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("cs_live_").or_else(|| text.strip_prefix("cs_test_"))?;
        let (id, secret) = rest.split_once('_')?;
        let is_digits = |part: &str| part.bytes().all(|byte| DIGITS.contains(&byte));
        if id.len() != ID || secret.len() != SECRET + SUM || !is_digits(id) || !is_digits(secret) {
            return None;
        }
        let (start, sum) = text.split_at_checked(text.len() - SUM)?;
        (check_sum(start) == sum).then(|| Self { id: id.to_owned(), text: SecretString::from(text) })
    }

    /// The public part.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key in clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What the database has. The secret is random and long, so a fast hash is enough.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }
}

/// Random digits, each as likely as the others.
fn digits(count: usize) -> Result<String> {
    let failed = |_| Error::new(ErrorKind::Unexpected, "the system has no randomness");
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(failed)?;
        // 248 is the largest multiple of 62 below 256.
        let fair =
            bytes.iter().filter(|byte| **byte < 248).filter_map(|byte| DIGITS.get(usize::from(byte % 62)));
        text.extend(fair.take(count - text.len()).map(|digit| char::from(*digit)));
    }
    Ok(text)
}

/// CRC-32 in base 62.
fn check_sum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut sum = [b'0'; SUM];
    for digit in sum.iter_mut().rev() {
        *digit = DIGITS.get(rest as usize % DIGITS.len()).copied().unwrap_or(b'0');
        rest /= 62;
    }
    sum.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_and_a_mistyped_one_is_not() {
        let key = ApiKey::random(true).unwrap();
        let text = key.expose().to_owned();
        assert!(text.starts_with("cs_test_") && text.len() == 8 + ID + 1 + SECRET + SUM);
        assert_eq!(ApiKey::parse(&text).map(|read| read.hash()), Some(key.hash()));
        for (at, _) in text.char_indices() {
            let mut other = text.clone();
            other.replace_range(at..=at, if text[at..].starts_with('x') { "y" } else { "x" });
            assert!(ApiKey::parse(&other).is_none(), "{at}");
        }
        assert!(ApiKey::parse("").is_none() && ApiKey::parse("cs_live_").is_none());
    }

    #[test]
    fn a_key_is_not_shown_by_debug() {
        let key = ApiKey::random(false).unwrap();
        assert!(!format!("{key:?}").contains(&key.expose()[20..]));
    }

    #[test]
    fn the_check_sum_is_crc_32() {
        // 0xCBF43926 is the published check value of "123456789".
        let mut value: u64 = 0;
        for byte in check_sum("123456789").bytes() {
            value = value * 62 + DIGITS.iter().position(|digit| *digit == byte).unwrap() as u64;
        }
        assert_eq!(value, 0xCBF4_3926);
    }
}
