//! A vendor's words and ours.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::conduct::{EnvelopePart, EnvelopeStage, RecipientField, RefKind};
use crate::model::{EnvelopeStatus, RecipientStatus, ReturnOutcome, Role};
use crate::webhook::WebhookEvent;

/// A vendor's words for one subject, each with our word. Sorted once; a lookup allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Words<T>(Vec<(String, T)>);

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Check + Deserialize<'de>> Deserialize<'de> for Words<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let rows = BTreeMap::<String, Checked<T>>::deserialize(from)?;
        Ok(Self(rows.into_iter().map(|(word, Checked(meaning))| (word, meaning)).collect()))
    }
}

impl<T> Words<T> {
    /// The meaning of a vendor's word; letter case and surrounding white space do not matter. The exact spelling of
    /// the file is found fastest.
    pub fn get(&self, word: &str) -> Option<&T> {
        self.row(word).map(|(_, meaning)| meaning)
    }

    /// A vendor's word in the spelling of the file, found like [`Words::get`].
    pub fn spelled(&self, word: &str) -> Option<&str> {
        self.row(word).map(|(known, _)| known.as_str())
    }

    fn row(&self, word: &str) -> Option<&(String, T)> {
        if let Ok(at) = self.0.binary_search_by(|(known, _)| known.as_str().cmp(word)) {
            return self.0.get(at);
        }
        let word = word.trim();
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))
    }

    /// The vendor's words and ours, in the vendor's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(word, meaning)| (word.as_str(), meaning))
    }
}

/// The vendor's words, as far as a table can translate them. The adapter handles what depends on more than the
/// word.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WordTables {
    /// Statuses of recipients.
    pub recipient_status: Words<RecipientStatus>,
    /// Kinds of recipients.
    pub role: Words<Role>,
    /// Statuses of envelopes.
    pub envelope_status: Words<EnvelopeStatus>,
    /// Events of webhooks.
    pub event: Words<WebhookEvent>,
    /// Entries of the audit trail.
    pub history: Words<WebhookEvent>,
}

/// What the format alone does not guarantee about a value in `vendor.toml`.
pub(super) trait Check {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A value that was checked where it stands, so that an error has its line.
pub(super) struct Checked<T>(pub(super) T);

impl<'de, T: Check + Deserialize<'de>> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = T::deserialize(from)?;
        value.check().map_err(D::Error::custom)?;
        Ok(Self(value))
    }
}

macro_rules! open {
    ($($ours:ident)*) => {
        $(impl Check for $ours {
            fn check(&self) -> Result<(), String> {
                let Self::Other(word) = self else { return Ok(()) };
                let named = Self::NAMED.map(|word| format!("`{word}`")).join(", ");
                Err(format!("unknown word `{word}`, expected one of {named}"))
            }
        }

        impl Words<$ours> {
            /// Our word for it, or the vendor's word unchanged.
            pub fn read(&self, word: &str) -> $ours {
                self.get(word).cloned().unwrap_or_else(|| $ours::Other(word.to_owned()))
            }
        })*
    };
}
open!(RecipientStatus Role EnvelopeStatus WebhookEvent ReturnOutcome);

impl Check for RefKind {}
impl Check for RecipientField {}
impl Check for EnvelopePart {}
impl Check for EnvelopeStage {}

/// The rows of a table, which name their words themselves.
pub(super) fn rows<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(BTreeMap::<String, T>::deserialize(from)?.into_values().collect())
}

/// The rows of all tables below a heading.
pub(super) fn rows_of_rows<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let tables: Vec<BTreeMap<String, T>> = rows(from)?;
    Ok(tables.into_iter().flat_map(BTreeMap::into_values).collect())
}
