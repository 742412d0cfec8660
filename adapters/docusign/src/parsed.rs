//! Scalars that mean a number or an instant: read from their text without a copy of it, and kept as text where they
//! cannot be read.

use std::borrow::Cow;
use std::fmt;

use countersign_core::Timestamp;
use serde::de::{Deserializer, Visitor};

use crate::lenient::{Scalar, blank};

/// A number in whatever form it comes.
pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Parsed<u32>>, D::Error> {
    parsed(from, |text| text.trim().parse().ok())
}

/// An instant of up to nine fractional digits (DocuSign writes seven); one without a zone is taken as UTC, which is
/// what DocuSign's instants are in.
pub(crate) fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Parsed<Timestamp>>, D::Error> {
    parsed(from, as_instant)
}

/// A recipient's status, word for word; the words that the reference names are not copied.
pub(crate) fn status<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'static, str>>, D::Error> {
    const WORDS: [&str; 7] =
        ["created", "sent", "delivered", "signed", "completed", "declined", "autoresponded"];
    word(from, &WORDS)
}

/// A recipient's type, word for word; the most frequent one is not copied.
pub(crate) fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'static, str>>, D::Error> {
    word(from, &["signer"])
}

fn word<'de, D: Deserializer<'de>>(
    from: D,
    words: &'static [&'static str],
) -> Result<Option<Cow<'static, str>>, D::Error> {
    let read = parsed(from, |text| words.iter().find(|word| **word == text).copied())?;
    Ok(read.map(|read| match read {
        Parsed::Value(word) => Cow::Borrowed(word),
        Parsed::Text(text) => Cow::Owned(text),
    }))
}

/// A scalar by a reader of its text; absent, `null` and blank are `None`.
pub(crate) fn parsed<'de, T, D: Deserializer<'de>>(
    from: D,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<Parsed<T>>, D::Error> {
    from.deserialize_any(Reading(read))
}

pub(crate) fn as_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}Z").parse().ok())
}

/// Reads a scalar by its text, without a copy of it where it can be read.
struct Reading<F>(F);

impl<T, F: FnOnce(&str) -> Option<T>> Reading<F> {
    fn take(self, text: &str) -> Option<Parsed<T>> {
        if blank(text) {
            return None;
        }
        Some(self.0(text).map_or_else(|| Parsed::Text(text.to_owned()), Parsed::Value))
    }
}

impl<T, F: FnOnce(&str) -> Option<T>> Visitor<'_> for Reading<F> {
    type Value = Option<Parsed<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Scalar.expecting(f)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.take(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(self.take(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(self.take(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(self.take(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(self.take(&value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A value that was read from its text, or the text that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parsed<T> {
    Value(T),
    Text(String),
}

impl<T: Copy> Parsed<T> {
    pub(crate) fn value(&self) -> Option<T> {
        match self {
            Parsed::Value(value) => Some(*value),
            Parsed::Text(_) => None,
        }
    }

    /// The text, where it could not be read.
    pub(crate) fn unread(self) -> Option<String> {
        if let Parsed::Text(text) = self { Some(text) } else { None }
    }
}
