//! Values by the vendor's member names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Texts by member name, in the order of the names. There are few per recipient, so they are stored in one list: a
/// tree would cost more than all other parts of reading a recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldMap(Vec<(Cow<'static, str>, Cow<'static, str>)>);

impl FieldMap {
    /// With capacity for this many.
    #[must_use]
    pub fn with_capacity(many: usize) -> Self {
        Self(Vec::with_capacity(many))
    }

    /// Of these, those with more than white space. Cheapest in the order of the names, each of which occurs once.
    #[must_use]
    pub fn filled<const N: usize>(texts: [(&'static str, Option<Cow<'static, str>>); N]) -> Self {
        let mut fields = Vec::with_capacity(texts.iter().filter(|(_, text)| text.is_some()).count());
        let filled = texts.into_iter().filter_map(|(name, text)| Some((Cow::Borrowed(name), text?)));
        fields.extend(filled.filter(|(_, text)| !text.chars().all(char::is_whitespace)));
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(fields)
    }

    /// The text under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    /// Whether there is a text under a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets the text under a name, replacing any previous one. Static words are not copied.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) {
        let (name, text) = (name.into(), text.into());
        // Most lists are built in the order of their names.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, text));
            return;
        }
        match self.0.binary_search_by(|(known, _)| known.as_ref().cmp(name.as_ref())) {
            Ok(at) => {
                if let Some(place) = self.0.get_mut(at) {
                    place.1 = text;
                }
            }
            Err(at) => self.0.insert(at, (name, text)),
        }
    }

    /// The names and texts, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_ref(), text.as_ref()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for FieldMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for FieldMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map: BTreeMap<String, String> = BTreeMap::deserialize(deserializer)?;
        Ok(Self(map.into_iter().map(|(name, text)| (Cow::Owned(name), Cow::Owned(text))).collect()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_without_more_than_white_space_are_left_out_and_names_are_sorted() {
        let text = |text| Some(Cow::Borrowed(text));
        let fields =
            FieldMap::filled([("c", text("3")), ("b", text(" \u{a0}")), ("d", None), ("a", text(" 1"))]);
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("a", " 1"), ("c", "3")]);
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_would(pairs in proptest::collection::vec(("[a-d]{1,2}", "[x-z]{0,2}"), 0..20)) {
            let (mut words, mut map) = (FieldMap::default(), BTreeMap::new());
            for (name, text) in pairs {
                words.insert(name.clone(), text.clone());
                map.insert(name, text);
            }
            let expected: Vec<(&str, &str)> = map.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            prop_assert_eq!(words.iter().collect::<Vec<_>>(), expected);
            let written = serde_json::to_string(&words).unwrap();
            prop_assert_eq!(&written, &serde_json::to_string(&map).unwrap());
            prop_assert_eq!(&serde_json::from_str::<FieldMap>(&written).unwrap(), &words);
            for name in ["a", "bb", "e"] {
                prop_assert_eq!(words.get(name), map.get(name).map(String::as_str));
            }
        }
    }
}
