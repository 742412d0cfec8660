//! Scalars: texts, flags, numbers, times and fixed words.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};

use crate::model::{Timestamp, read_instant};

/// A text, number or boolean as text; absent, `null` and blank are `None`. The text itself is unchanged, because
/// some vendors compare names exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Option<String>);

/// A text, number or boolean as a boolean; any other value is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flag(pub Option<bool>);

/// A number in any form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number(pub Option<Parsed<u32>>);

/// A time: a text with up to nine fractional digits (UTC if it has no zone), or epoch seconds as a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instant(pub Option<Parsed<Timestamp>>);

/// An exact text; those that the adapter lists as frequent are not copied. Absent, `null` and blank are `None`.
#[derive(Debug, Clone)]
pub struct Word<W>(pub Option<Cow<'static, str>>, pub(super) PhantomData<W>);

/// The words that nearly every recipient of a vendor has.
pub trait Frequent {
    /// The words, as the vendor spells them.
    const WORDS: &'static [&'static str];

    /// A word of the list.
    #[must_use]
    fn known(text: &str) -> Option<&'static str> {
        Self::WORDS.iter().copied().find(|word| *word == text)
    }
}

impl<W> Default for Word<W> {
    fn default() -> Self {
        Self(None, PhantomData)
    }
}

/// A value that was read from its text, or the text that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed<T> {
    /// The value.
    Value(T),
    /// The text.
    Text(String),
}

impl<T> Parsed<T> {
    /// The value, if it could be read.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Parsed::Value(value) => Some(value),
            Parsed::Text(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(parsed(from, |text| Some(text.to_owned()))?.and_then(Parsed::value)))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = |text: &str| {
            let bare = text.trim();
            let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(bare));
            if is(&["true", "1", "yes"]) { Some(true) } else { is(&["false", "0", "no"]).then_some(false) }
        };
        Ok(Self(parsed(from, read)?.and_then(Parsed::value)))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parsed(from, |text| text.parse().ok().or_else(|| text.trim().parse().ok())).map(Self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        parsed(from, instant).map(Self)
    }
}

impl<'de, W: Frequent> Deserialize<'de> for Word<W> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = parsed(from, W::known)?;
        let word = read.map(|read| match read {
            Parsed::Value(word) => Cow::Borrowed(word),
            Parsed::Text(text) => Cow::Owned(text),
        });
        Ok(Self(word, PhantomData))
    }
}

/// The text without white space around it, if there is any left.
#[must_use]
pub fn filled(text: &Option<impl AsRef<str>>) -> Option<&str> {
    text.as_ref().map(AsRef::as_ref).map(str::trim).filter(|text| !text.is_empty())
}

/// The same for a text that is not needed any more.
#[must_use]
pub fn trimmed(text: String) -> Option<String> {
    match text.trim() {
        "" => None,
        bare if bare.len() == text.len() => Some(text),
        bare => Some(bare.to_owned()),
    }
}

/// Whether a text holds nothing but white space. Most texts begin with something else.
pub(super) fn blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

pub(super) fn instant(text: &str) -> Option<Timestamp> {
    read_instant(text).or_else(|| {
        let text = text.trim();
        let seconds = || text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        read_instant(text).or_else(|| read_instant(&format!("{text}Z"))).or_else(seconds)
    })
}

/// A scalar, parsed from its text without copying it; absent, `null` and blank are `None`.
fn parsed<'de, T, D: Deserializer<'de>>(
    from: D,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<Parsed<T>>, D::Error> {
    from.deserialize_any(Reading(read))
}

/// The methods of a visitor that take a scalar and cannot fail.
macro_rules! visits {
    ($($visit:ident: $scalar:ty => |$self:ident, $value:pat_param| $read:expr;)*) => {
        $(fn $visit<E>($self, $value: $scalar) -> Result<Self::Value, E> {
            Ok($read)
        })*
    };
}
pub(super) use visits;

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
        f.write_str("a string, number, boolean or null")
    }

    visits! {
        visit_str: &str => |self, text| self.take(text);
        visit_bool: bool => |self, value| self.take(if value { "true" } else { "false" });
        visit_i64: i64 => |self, value| self.take(&value.to_string());
        visit_u64: u64 => |self, value| self.take(&value.to_string());
        // `1.0` is written as `1`, which is what a routing order of 1.0 means.
        visit_f64: f64 => |self, value| self.take(&value.to_string());
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;

    fn read<T: DeserializeOwned>(value: Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn every_form_of_a_scalar_is_read() {
        for (value, expected) in [
            (json!("2"), Some("2")),
            (json!(2), Some("2")),
            (json!(1.0), Some("1")),
            (json!(true), Some("true")),
            (json!(" Jon "), Some(" Jon ")),
            (json!("  "), None),
            (Value::Null, None),
        ] {
            assert_eq!(read::<Text>(value).0.as_deref(), expected);
        }
        for (value, expected) in [
            (json!("True"), Some(true)),
            (json!(false), Some(false)),
            (json!(1), Some(true)),
            (json!("maybe"), None),
            (json!(""), None),
        ] {
            assert_eq!(read::<Flag>(value).0, expected);
        }
    }

    #[test]
    fn instants_come_as_texts_with_and_without_zone_and_as_seconds() {
        let at = Timestamp::from_second(1_732_269_600).unwrap();
        for value in [
            json!("2024-11-22T10:00:00.0000000Z"),
            json!(" 2024-11-22T10:00:00 "),
            json!("2024-11-22T12:00:00+02:00"),
            json!(1_732_269_600),
            json!("1732269600"),
        ] {
            assert_eq!(read::<Instant>(value).0, Some(Parsed::Value(at)));
        }
        assert_eq!(read::<Instant>(json!("soon")).0, Some(Parsed::Text("soon".to_owned())));
        assert_eq!(read::<Instant>(json!("")).0, None);
    }

    #[test]
    fn a_frequent_word_is_not_copied() {
        struct Usual;
        impl Frequent for Usual {
            const WORDS: &'static [&'static str] = &["sent"];
        }
        assert!(matches!(read::<Word<Usual>>(json!("sent")).0, Some(Cow::Borrowed("sent"))));
        assert!(matches!(read::<Word<Usual>>(json!("Sent")).0, Some(Cow::Owned(_))));
        assert_eq!(read::<Word<Usual>>(json!(" ")).0, None);
    }

    proptest! {
        #[test]
        fn a_text_is_read_back_word_for_word(word in "\\PC{1,40}") {
            prop_assume!(!word.trim().is_empty());
            prop_assert_eq!(read::<Text>(json!(&word)).0, Some(word));
        }

        #[test]
        fn numbers_read_like_their_texts(number in any::<i64>()) {
            prop_assert_eq!(read::<Text>(json!(number)), read::<Text>(json!(number.to_string())));
        }
    }
}
