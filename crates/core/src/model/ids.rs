//! Values that are checked once, when they are created, and valid from then on.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

use crate::redact::{has_harmful, hidden};

/// A value that cannot be used: the field, the problem, and what is expected. Never contains the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}; expected {expected}")]
pub struct InvalidValue {
    field: &'static str,
    problem: String,
    expected: &'static str,
}

impl InvalidValue {
    /// An error: `field` has a `problem`, and this is `expected` instead.
    #[must_use]
    pub fn new(field: &'static str, problem: impl Into<String>, expected: &'static str) -> Self {
        Self { field, problem: problem.into(), expected }
    }

    /// The name of the field.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What is expected.
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

/// Fails with the first of these problems that a value has. They are written only then.
pub(crate) fn refuse<const N: usize>(
    field: &'static str,
    expected: &'static str,
    problems: [(bool, fmt::Arguments<'_>); N],
) -> Result<(), InvalidValue> {
    let found = problems.into_iter().find(|(is_so, _)| *is_so);
    found.map_or(Ok(()), |(_, problem)| Err(InvalidValue::new(field, problem.to_string(), expected)))
}

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
        return bad(format!("is `{text}`, which is a relative path segment in a URL"));
    }
    if has_harmful(text) {
        return bad("contains a control character".to_owned());
    }
    if text.trim() != text {
        return bad("starts or ends with white space".to_owned());
    }
    Ok(())
}

/// A value that is read from a text and shown as one: as the text of its first member, or as its own `as_str`.
macro_rules! shown {
    ($name:ident) => {
        impl $name {
            /// The value as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        $crate::model::shown!($name by its own as_str);
    };
    ($name:ident by its own as_str) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::model::InvalidValue;

            fn from_str(text: &str) -> Result<Self, crate::model::InvalidValue> {
                Self::new(text)
            }
        }
    };
}
pub(crate) use shown;

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
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
                let text = text.into();
                check_id($field, &text)?;
                Ok(Self(text))
            }
        }

        shown!($name);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// The vendor's id of an envelope: the documents and recipients of one signing process. Some vendors call it a
    /// document.
    ///
    /// Stored and sent as written. Two GUIDs are equal regardless of letter case, at every vendor: GUIDs are
    /// case-insensitive (RFC 9562, 4), and no vendor creates two that differ only in case.
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
    /// Identifies one recipient within one envelope. If a vendor has no such id, the adapter creates a stable one.
    #[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
    RecipientId,
    "recipient id"
);

impl EnvelopeId {
    /// Whether the id begins with this text, compared like ids.
    pub fn starts_with(&self, prefix: &str) -> bool {
        let start = self.0.get(..prefix.len());
        start.is_some_and(|start| start == prefix || (is_guid(&self.0) && start.eq_ignore_ascii_case(prefix)))
    }

    /// The common spelling of equal ids, for the key of a store.
    pub fn common(&self) -> Cow<'_, str> {
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
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// An e-mail address of at most 254 characters, without a display name, with a dot in its domain.
///
/// Compared as written: vendors decide whether letter case matters, and a lookup that fails only because of letter
/// case reports that.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// Checks the address.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "an address such as anna@example.com, without a name, at most 254 characters";
        let text = text.into();
        let length = text.chars().count();
        refuse(
            "e-mail",
            EXPECTED,
            [
                (length == 0, format_args!("is empty")),
                (length > 254, format_args!("is {length} characters long")),
                (has_harmful(&text), format_args!("contains a control character")),
            ],
        )?;
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        match email_address::EmailAddress::parse_with_options(&text, options) {
            Ok(_) => Ok(Self(text)),
            Err(problem) => {
                let problem = problem.to_string().to_lowercase();
                let problem = format!("is not an address ({})", problem.trim_end_matches('.'));
                Err(InvalidValue::new("e-mail", problem, EXPECTED))
            }
        }
    }
}
shown!(Email);

/// A phone number in international form: `+` and 7 to 15 digits (E.164), kept without spaces and punctuation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Checks the number; blanks, dots, hyphens and brackets between digits are dropped.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "a number such as +4930123456: `+` and 7 to 15 digits";
        let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = number.strip_prefix('+').unwrap_or_default();
        refuse(
            "phone number",
            EXPECTED,
            [
                (!number.starts_with('+'), format_args!("does not start with `+` and a country code")),
                (
                    !digits.chars().all(|c| c.is_ascii_digit()),
                    format_args!("contains something other than digits"),
                ),
                (!(7..=15).contains(&digits.len()), format_args!("has too few or too many digits")),
            ],
        )?;
        Ok(Self(number))
    }

    /// A country code and a number as one international number: `+` and their digits. `None` if either has no
    /// digits, because a number without a country code is incomplete.
    #[must_use]
    pub fn joined(country: Option<&str>, number: Option<&str>) -> Option<String> {
        let mut joined = String::from("+");
        for part in [country?, number?] {
            let before = joined.len();
            joined.extend(part.chars().filter(char::is_ascii_digit));
            if joined.len() == before {
                return None;
            }
        }
        Some(joined)
    }
}
shown!(Phone);

/// The code that a signer has to enter before the documents open: 1 to 255 characters, no control characters, no
/// surrounding white space.
///
/// A secret: `Debug` hides it, and it has no `Display`. Vendors have stricter rules, which are checked when a call
/// is made ([`Facts::check_code`](crate::vendor::Facts::check_code)).
#[derive(Clone)]
pub struct AccessCode(SecretString);

impl AccessCode {
    /// Checks the code.
    ///
    /// # Errors
    /// [`InvalidValue`] with the reason, without the code.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidValue> {
        const EXPECTED: &str = "1 to 255 characters without control characters or surrounding spaces";
        let text = SecretString::from(text.into());
        let code = text.expose_secret();
        let length = code.chars().count();
        let has_control = code.chars().any(char::is_control);
        refuse(
            "access code",
            EXPECTED,
            [
                (length == 0, format_args!("is empty")),
                (length > 255, format_args!("is {length} characters long")),
                (has_control, format_args!("contains a control character (perhaps a line break)")),
                (code.trim() != code, format_args!("starts or ends with white space")),
            ],
        )?;
        Ok(Self(text))
    }

    /// The code itself, for the request that sets it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The code as a secret, to redact it in the vendor's texts.
    pub fn secret(&self) -> SecretString {
        self.0.clone()
    }
}

/// Hashes the code itself. Use no hasher whose result can be reversed or guessed.
impl Hash for AccessCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

hidden!(AccessCode);

impl FromStr for AccessCode {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::new(text)
    }
}
