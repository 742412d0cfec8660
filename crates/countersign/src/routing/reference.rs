//! Refers to an envelope together with the account that owns it.

use std::fmt;
use std::str::FromStr;

use countersign_core::{EnvelopeId, InvalidValue, is_harmful};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An envelope and the account that owns it. In text and JSON `account:envelope`.
///
/// The account is its name in the configuration: 1 to 64 bytes without colon, white space and control characters.
/// Everything after the first colon is the envelope's id, including further colons.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvelopeRef {
    account: String,
    envelope: EnvelopeId,
}

const EXPECTED: &str = "`account:envelope`, such as `acme:5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001`";

impl EnvelopeRef {
    /// An envelope of an account.
    ///
    /// # Errors
    /// [`InvalidValue`] if the account's name cannot be used before a colon.
    pub fn new(account: impl Into<String>, envelope: EnvelopeId) -> Result<Self, InvalidValue> {
        let account = account.into();
        let bad = |problem: &str| Err(InvalidValue::new("envelope's account", problem, EXPECTED));
        if account.is_empty() {
            return bad("is empty");
        }
        if account.len() > 64 {
            return bad("is longer than 64 bytes");
        }
        if account.contains(|c: char| c == ':' || c.is_whitespace() || is_harmful(c)) {
            return bad("contains a colon, white space or a control character");
        }
        Ok(Self { account, envelope })
    }

    /// The account's name.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The vendor's id.
    pub fn envelope(&self) -> &EnvelopeId {
        &self.envelope
    }
}

impl fmt::Display for EnvelopeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.account, self.envelope)
    }
}

impl FromStr for EnvelopeRef {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let Some((account, envelope)) = text.split_once(':') else {
            return Err(InvalidValue::new("envelope", "has no account and colon in front", EXPECTED));
        };
        Self::new(account, EnvelopeId::new(envelope)?)
    }
}

impl Serialize for EnvelopeRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EnvelopeRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_behind_the_first_colon_is_the_id() {
        let reference: EnvelopeRef = "old:a:b".parse().unwrap();
        assert_eq!((reference.account(), reference.envelope().as_str()), ("old", "a:b"));
        assert_eq!(serde_json::to_string(&reference).unwrap(), "\"old:a:b\"");
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_would_be_right() {
        let errors: Vec<String> =
            ["5e29dc8d", ":5e29", "a b:5e29", "old:", "old:..", &format!("{}:e", "x".repeat(65))]
                .into_iter()
                .map(|text| text.parse::<EnvelopeRef>().unwrap_err().to_string())
                .collect();
        insta::assert_snapshot!(errors.join("\n"));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(account in "[^:\\s\\p{C}]{1,16}", id in "[^\\s\\p{C}][^\\p{C}\\p{Zl}\\p{Zp}]{0,20}[^\\s\\p{C}]") {
            prop_assume!(id != "..");
            let envelope = EnvelopeId::new(id).unwrap();
            let reference = EnvelopeRef::new(account, envelope).unwrap();
            prop_assert_eq!(&reference.to_string().parse::<EnvelopeRef>().unwrap(), &reference);
            let json = serde_json::to_string(&reference).unwrap();
            prop_assert_eq!(serde_json::from_str::<EnvelopeRef>(&json).unwrap(), reference);
        }

        #[test]
        fn any_text_is_read_or_refused_without_its_words(text in "\\PC{0,40}") {
            match text.parse::<EnvelopeRef>() {
                Ok(reference) => prop_assert_eq!(reference.to_string(), text),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
