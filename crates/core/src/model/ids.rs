//! Values that are checked once, where they enter, and valid ever after.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::redact::is_harmful;

/// A value that cannot be used: which field, what is wrong, what would be right. Never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    field: &'static str,
    problem: String,
    expected: &'static str,
}

impl InvalidValue {
    /// Says that `field` has a `problem`, and what is `expected` in its place.
    #[must_use]
    pub fn new(field: &'static str, problem: impl Into<String>, expected: &'static str) -> Self {
        Self { field, problem: problem.into(), expected }
    }

    /// The name of the field.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What would be right.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}; expected {}", self.field, self.problem, self.expected)
    }
}

impl std::error::Error for InvalidValue {}

const ID_BYTES: usize = 256;
const ID_EXPECTED: &str =
    "an id of 1 to 256 bytes without control characters or surrounding spaces, other than `.` and `..`";

fn check_id(field: &'static str, text: &str) -> Result<(), InvalidValue> {
    let bad = |problem: String| Err(InvalidValue::new(field, problem, ID_EXPECTED));
    if text.trim().is_empty() {
        return bad("is empty".to_owned());
    }
    if text.len() > ID_BYTES {
        return bad(format!("is {} bytes long", text.len()));
    }
    if text == "." || text == ".." {
        return bad(format!("is `{text}`, which means a folder in a URL"));
    }
    if text.contains(is_harmful) {
        return bad("contains a control character".to_owned());
    }
    if text.trim() != text {
        return bad("starts or ends with white space".to_owned());
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        ///
        /// 1 to 256 bytes, no control characters, no surrounding white space, neither `.` nor `..`. Anything else,
        /// such as `/` or `?`, is allowed and percent-encoded where it becomes part of a URL.
        #[derive(Debug, Clone)]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`InvalidValue`] with the reason.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                check_id($field, &text)?;
                Ok(Self(text))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// The vendor's id of an envelope: the documents and people of one signing. Some vendors say "document".
    ///
    /// Kept and sent as written. Two that are GUIDs are equal whatever their letter case, at every vendor: a GUID is
    /// read without it (RFC 9562, 4), and no vendor makes two that differ in nothing else.
    EnvelopeId,
    "envelope id"
);
id!(
    /// The vendor's id of the account that owns envelopes.
    #[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
    AccountId,
    "account id"
);
id!(
    /// Names one recipient within one envelope. Where a vendor has no such id, the adapter makes a stable one.
    #[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
    RecipientId,
    "recipient id"
);

impl EnvelopeId {
    /// Whether the id begins so, compared as ids are.
    #[must_use]
    pub fn starts_with(&self, prefix: &str) -> bool {
        let start = self.0.get(..prefix.len());
        start.is_some_and(|start| start == prefix || (is_guid(&self.0) && start.eq_ignore_ascii_case(prefix)))
    }

    /// The spelling that equal ids have in common.
    fn common(&self) -> Cow<'_, str> {
        if is_guid(&self.0) && self.0.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(self.0.to_ascii_lowercase())
        } else {
            Cow::Borrowed(&self.0)
        }
    }
}

impl PartialEq for EnvelopeId {
    fn eq(&self, other: &Self) -> bool {
        self.common() == other.common()
    }
}

impl Eq for EnvelopeId {}

impl Hash for EnvelopeId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.common().hash(state);
    }
}

impl Ord for EnvelopeId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.common().cmp(&other.common())
    }
}

impl PartialOrd for EnvelopeId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `8-4-4-4-12` hexadecimal digits, of any version.
fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// An e-mail address of at most 254 characters, without display name, with a dotted domain.
///
/// Compared as written: whether letter case matters is the vendor's business, and a look-up that fails for letter
/// case alone says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// Checks the address.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an address such as anna@example.com, without a name, at most 254 characters";
        let text = text.into();
        let bad = |problem: String| Err(InvalidValue::new("e-mail", problem, EXPECTED));
        if text.is_empty() {
            return bad("is empty".to_owned());
        }
        if text.chars().count() > 254 {
            return bad(format!("is {} characters long", text.chars().count()));
        }
        if text.contains(is_harmful) {
            return bad("contains a control character".to_owned());
        }
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        match email_address::EmailAddress::parse_with_options(&text, options) {
            Ok(_) => Ok(Self(text)),
            Err(problem) => bad(format!(
                "is not an address ({})",
                problem.to_string().to_lowercase().trim_end_matches('.')
            )),
        }
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A phone number in international form: `+` and 7 to 15 digits (E.164), kept without spaces and punctuation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Checks the number; blanks, dots, hyphens and brackets between digits are dropped.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        let bad = |problem: &str| {
            Err(InvalidValue::new(
                "phone number",
                problem,
                "a number such as +4930123456: `+` and 7 to 15 digits",
            ))
        };
        let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let Some(digits) = number.strip_prefix('+') else {
            return bad("does not start with `+` and the country");
        };
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return bad("contains something other than digits");
        }
        if !(7..=15).contains(&digits.len()) {
            return bad("has too few or too many digits");
        }
        Ok(Self(number))
    }

    /// The number with its `+`, digits only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The code a signer has to type before the documents open: 1 to 50 characters, no control characters.
///
/// A secret: `Debug` hides it, and it has no `Display`. Vendors have further rules of their own; their adapters
/// check those.
#[derive(Clone)]
pub struct AccessCode(SecretString);

impl AccessCode {
    /// Checks the code.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason, without the code.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        let text = SecretString::from(text.into());
        let bad = |problem: String| {
            Err(InvalidValue::new("access code", problem, "1 to 50 characters without control characters"))
        };
        let length = text.expose_secret().chars().count();
        if length == 0 {
            return bad("is empty".to_owned());
        }
        if length > 50 {
            return bad(format!("is {length} characters long"));
        }
        if text.expose_secret().chars().any(char::is_control) {
            return bad("contains a control character (a line end, perhaps)".to_owned());
        }
        Ok(Self(text))
    }

    /// The code itself, for the request that sets it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The code as a secret, to be taken out of texts that come back.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        self.0.clone()
    }
}

/// Feeds the code itself: hash it with nothing that can be turned back or guessed from.
impl Hash for AccessCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessCode([redacted])")
    }
}

impl FromStr for AccessCode {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}
