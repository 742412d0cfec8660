//! Members of uncertain form: an object only, any value, or whether there is a value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::scalar::{Frequent, Word, blank, instant, visits};
use crate::model::Timestamp;

/// A JSON object only. Serde's structs also accept an array, member by member, so that `[]` would be read as an
/// empty success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object<T>(pub T);

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

/// An object, or `None` for any other value.
#[derive(Debug, Clone)]
pub struct Loose<T>(pub Option<T>);

/// A text, or `None` for any other value. Frequent words are not copied.
#[derive(Debug, Clone)]
pub struct LooseWord<W>(pub Option<Cow<'static, str>>, PhantomData<W>);

/// A time as [`Instant`](super::Instant) reads it, or `None` for any other value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LooseInstant(pub Option<Timestamp>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_any(Anything::<T, _>(|_: Scalar<'_>| None::<()>, PhantomData))? {
            Found::Object(object) => Ok(Self(Some(object))),
            Found::Scalar(_) | Found::Nothing => Ok(Self(None)),
        }
    }
}

impl<'de, W: Frequent> Deserialize<'de> for LooseWord<W> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = |scalar: Scalar<'_>| match scalar {
            Scalar::Text(text) => {
                Some(W::known(text).map_or_else(|| Cow::Owned(text.to_owned()), Cow::Borrowed))
            }
            Scalar::Number(_) => None,
        };
        Ok(Self(from.deserialize_any(Anything::<IgnoredAny, _>(read, PhantomData))?.scalar(), PhantomData))
    }
}

impl<'de> Deserialize<'de> for LooseInstant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = |scalar: Scalar<'_>| match scalar {
            Scalar::Text(text) => instant(text),
            Scalar::Number(seconds) => Timestamp::from_second(seconds).ok(),
        };
        Ok(Self(from.deserialize_any(Anything::<IgnoredAny, _>(read, PhantomData))?.scalar()))
    }
}

/// A value that may be a scalar with a meaning.
enum Scalar<'t> {
    Text(&'t str),
    Number(i64),
}

enum Found<T, S> {
    Scalar(S),
    Object(T),
    Nothing,
}

impl<T, S> Found<T, S> {
    fn scalar(self) -> Option<S> {
        if let Found::Scalar(scalar) = self { Some(scalar) } else { None }
    }
}

struct Anything<T, F>(F, PhantomData<T>);

impl<T, S, F: FnOnce(Scalar<'_>) -> Option<S>> Anything<T, F> {
    fn take(self, scalar: Scalar<'_>) -> Found<T, S> {
        (self.0)(scalar).map_or(Found::Nothing, Found::Scalar)
    }
}

impl<'de, T: Deserialize<'de>, S, F: FnOnce(Scalar<'_>) -> Option<S>> Visitor<'de> for Anything<T, F> {
    type Value = Found<T, S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    visits! {
        visit_str: &str => |self, text| self.take(Scalar::Text(text));
        visit_bool: bool => |self, _| Found::Nothing;
        visit_i64: i64 => |self, number| self.take(Scalar::Number(number));
        visit_u64: u64 => |self, number| {
            i64::try_from(number).map_or(Found::Nothing, |number| self.take(Scalar::Number(number)))
        };
        visit_f64: f64 => |self, _| Found::Nothing;
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Found::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Found::Nothing)
    }
}

/// An object with an open set of member names: each member is passed on with its name, in the order of the text.
pub trait OpenObject<'de>: Sized {
    /// The names that are not copied.
    type Names: Frequent;

    /// Handles one member. Its value must be read, or skipped as [`IgnoredAny`].
    ///
    /// # Errors
    /// The error of reading the value.
    fn take<A: MapAccess<'de>>(&mut self, name: Cow<'static, str>, members: &mut A) -> Result<(), A::Error>;
}

/// An [`OpenObject`], read from its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open<T>(pub T);

impl<'de, T: OpenObject<'de> + Default> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(T);

        impl<'de, T: OpenObject<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<T, A::Error> {
                while let Some(Word(name, _)) = members.next_key::<Word<T::Names>>()? {
                    self.0.take(name.unwrap_or_default(), &mut members)?;
                }
                Ok(self.0)
            }
        }

        from.deserialize_map(Members(T::default())).map(Self)
    }
}

/// The items of an array, each passed on as soon as it is read; `null` is an empty array.
pub struct Each<T, F>(F, PhantomData<T>);

impl<T, F> fmt::Debug for Each<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Each")
    }
}

impl<T, F: FnMut(T)> Each<T, F> {
    /// Passes the items to this function.
    pub fn new(take: F) -> Self {
        Self(take, PhantomData)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or null")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }
}

/// Whether a member has a value. The value is dropped immediately, never kept: this is how an access code that the
/// vendor returns in clear is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Presence(pub bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Whether).map(Presence)
    }
}

struct Whether;

impl<'de> Visitor<'de> for Whether {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    visits! {
        visit_str: &str => |self, text| !blank(text);
        visit_bool: bool => |self, _| true;
        visit_i64: i64 => |self, _| true;
        visit_u64: u64 => |self, _| true;
        visit_f64: f64 => |self, _| true;
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
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
    use serde_json::{Value, json};

    use super::*;

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
            assert_eq!(serde_json::from_value::<Presence>(value).unwrap().0, expected);
        }
    }

    #[test]
    fn an_odd_form_is_passed_over() {
        for value in
            [json!([1, {"a": 2}]), json!({"a": 1}), json!(true), json!(1.5), Value::Null, json!(u64::MAX)]
        {
            assert_eq!(serde_json::from_value::<LooseInstant>(value).unwrap().0, None);
        }
        assert!(serde_json::from_value::<LooseInstant>(json!(5)).unwrap().0.is_some());
        assert!(serde_json::from_value::<Object<Value>>(json!([])).is_err());
        assert!(serde_json::from_value::<Loose<Value>>(json!([])).unwrap().0.is_none());
    }

    #[test]
    fn an_open_object_hands_over_every_member_and_its_items() {
        struct None;
        impl Frequent for None {
            const WORDS: &'static [&'static str] = &["known"];
        }

        #[derive(Default)]
        struct Lists(Vec<(bool, usize)>);
        impl<'de> OpenObject<'de> for Lists {
            type Names = None;

            fn take<A: MapAccess<'de>>(
                &mut self,
                name: Cow<'static, str>,
                members: &mut A,
            ) -> Result<(), A::Error> {
                let mut count = 0;
                members.next_value_seed(Each::new(|_: Value| count += 1))?;
                self.0.push((matches!(name, Cow::Borrowed(_)), count));
                Ok(())
            }
        }

        let read = |text: &str| serde_json::from_str::<Open<Lists>>(text);
        assert_eq!(read(r#"{"known":[1,2],"new":null}"#).unwrap().0.0, [(true, 2), (false, 0)]);
        assert!(read(r#"{"known":{}}"#).is_err() && read("[]").is_err());
    }
}
