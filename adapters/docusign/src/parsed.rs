//! Scalars that mean a number or an instant: read from their text without a copy of it, and kept as text where they
//! cannot be read.

use std::borrow::Cow;
use std::fmt;

use countersign_core::{Timestamp, read_instant};
use serde::de::{Deserialize, Deserializer, Visitor};

use crate::lenient::{Scalar, blank};

/// A number in whatever form it comes.
pub(crate) struct Number(pub(crate) Option<Parsed<u32>>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parsed(from, |text| text.parse().ok().or_else(|| text.trim().parse().ok())).map(Self)
    }
}

/// An instant of up to nine fractional digits (DocuSign writes seven); one without a zone is taken as UTC, which is
/// what DocuSign's instants are in.
pub(crate) struct Instant(pub(crate) Option<Parsed<Timestamp>>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parsed(from, as_instant).map(Self)
    }
}

/// A text word for word. Those that nearly every recipient has are not copied.
pub(crate) struct Word(pub(crate) Option<Cow<'static, str>>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = parsed(from, frequent)?;
        Ok(Self(read.map(|read| match read {
            Parsed::Value(word) => Cow::Borrowed(word),
            Parsed::Text(text) => Cow::Owned(text),
        })))
    }
}

/// The words of recipients' statuses, types, ways of delivery and results, as DocuSign writes them.
pub(crate) fn frequent(text: &str) -> Option<&'static str> {
    const WORDS: [&str; 11] = [
        "sent",
        "completed",
        "created",
        "delivered",
        "signed",
        "declined",
        "autoresponded",
        "signer",
        "email",
        "Passed",
        "Failed",
    ];
    WORDS.into_iter().find(|word| *word == text)
}

/// A scalar by a reader of its text; absent, `null` and blank are `None`.
pub(crate) fn parsed<'de, T, D: Deserializer<'de>>(
    from: D,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<Parsed<T>>, D::Error> {
    from.deserialize_any(Reading(read))
}

pub(crate) fn as_instant(text: &str) -> Option<Timestamp> {
    read_instant(text).or_else(|| {
        let text = text.trim();
        read_instant(text).or_else(|| read_instant(&format!("{text}Z")))
    })
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

impl<T> Parsed<T> {
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Parsed::Value(value) => Some(value),
            Parsed::Text(_) => None,
        }
    }
}
