//! Reading scalars in whatever form they come.
//!
//! DocuSign writes every scalar of its recipient models as a string (`"true"`, `"300"`), other parts of its API
//! write real booleans and numbers, and absent values come as absent, `null` or `""`. All forms are taken.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::parsed::{Parsed, parsed};

/// A text, number or boolean as text; absent, `null` and blank are `None`. The text itself is kept word for word,
/// since DocuSign compares names letter by letter.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(Scalar)
}

/// A text, number or boolean as boolean; what is neither true nor false is `None`.
pub(crate) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    let read = |text: &str| {
        let bare = text.trim();
        let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(bare));
        if is(&["true", "1", "yes"]) { Some(true) } else { is(&["false", "0", "no"]).then_some(false) }
    };
    Ok(parsed(from, read)?.and_then(Parsed::value))
}

/// [`text`] as a type.
#[derive(Deserialize)]
pub(crate) struct Text(#[serde(deserialize_with = "text")] pub(crate) Option<String>);

/// [`flag`] as a type.
#[derive(Deserialize)]
pub(crate) struct Flag(#[serde(deserialize_with = "flag")] pub(crate) Option<bool>);

/// Whether a text holds nothing but white space. Most texts begin with something else.
pub(crate) fn blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

pub(crate) struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, number, boolean or null")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!blank(text)).then(|| text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok((!blank(&text)).then_some(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        // `1.0` prints as `1`, which is what a routing order of 1.0 means.
        Ok(Some(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

/// A JSON object and nothing else. Structs of serde take an array as well, member by member, so that `[]` would read
/// as an empty success.
#[derive(Debug, Clone, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        from.deserialize_map(Members(PhantomData))
    }
}

/// Whether a member holds anything. What it holds is dropped at once, never kept: that is how an access code that
/// the vendor returns in clear is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Presence(pub(crate) bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Anything).map(Presence)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(!blank(text))
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_none<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut any = false;
        while let Some(Presence(item)) = items.next_element()? {
            any |= item;
        }
        Ok(any)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let mut any = false;
        while let Some((_, Presence(member))) = members.next_entry::<IgnoredAny, Presence>()? {
            any |= member;
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "flag")]
        flag: Option<bool>,
        any: Presence,
    }

    fn read(value: Value) -> Sample {
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
            assert_eq!(read(json!({"text": value})).text.as_deref(), expected);
        }
        for (value, expected) in [
            (json!("True"), Some(true)),
            (json!(false), Some(false)),
            (json!(1), Some(true)),
            (json!("maybe"), None),
            (json!(""), None),
        ] {
            assert_eq!(read(json!({"flag": value})).flag, expected);
        }
        assert_eq!(read(json!({})).text, None);
    }

    #[test]
    fn presence_looks_through_empty_shells() {
        for (value, expected) in [
            (json!("1234"), true),
            (json!(""), false),
            (Value::Null, false),
            (json!({}), false),
            (json!({"workflowId": ""}), false),
            (json!({"workflowId": "w"}), true),
            (json!([null, "", {"a": []}]), false),
            (json!([0]), true),
        ] {
            assert_eq!(read(json!({"any": value})).any.0, expected);
        }
    }

    proptest! {
        #[test]
        fn a_text_is_read_back_word_for_word(word in "\\PC{1,40}") {
            prop_assume!(!word.trim().is_empty());
            prop_assert_eq!(read(json!({"text": &word})).text, Some(word));
        }

        #[test]
        fn numbers_read_like_their_texts(number in any::<i64>()) {
            prop_assert_eq!(read(json!({"text": number})).text, read(json!({"text": number.to_string()})).text);
        }
    }
}
