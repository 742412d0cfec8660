//! Members of objects that are described nowhere: whatever has another form than expected is passed over.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::parsed::frequent;

/// An object, or `None` for everything else.
#[derive(Debug)]
pub(crate) struct Loose<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_any(Anything(PhantomData))? {
            Found::Object(object) => Ok(Self(Some(object))),
            Found::Text(_) | Found::Nothing => Ok(Self(None)),
        }
    }
}

/// A text, or `None` for everything else.
pub(crate) struct LooseText(pub(crate) Option<Cow<'static, str>>);

impl<'de> Deserialize<'de> for LooseText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_any(Anything::<IgnoredAny>(PhantomData))? {
            Found::Text(text) => Ok(Self(Some(text))),
            Found::Object(_) | Found::Nothing => Ok(Self(None)),
        }
    }
}

enum Found<T> {
    Text(Cow<'static, str>),
    Object(T),
    Nothing,
}

struct Anything<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Anything<T> {
    type Value = Found<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Found<T>, E> {
        Ok(Found::Text(frequent(text).map_or_else(|| Cow::Owned(text.to_owned()), Cow::Borrowed)))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Found<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Found::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Found<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Found<T>, E> {
        Ok(Found::Nothing)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Found<T>, E> {
        Ok(Found::Nothing)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Found<T>, E> {
        Ok(Found::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Found<T>, E> {
        Ok(Found::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Found<T>, E> {
        Ok(Found::Nothing)
    }
}
