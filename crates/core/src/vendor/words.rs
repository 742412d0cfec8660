//! A vendor's words and ours.

use serde::Serialize;

use crate::model::{EnvelopeStatus, RecipientStatus, Role};
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

impl<T> Words<T> {
    pub(super) fn new(mut rows: Vec<(String, T)>) -> Self {
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(rows)
    }

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
#[derive(Debug, Default, Serialize)]
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

macro_rules! read {
    ($($ours:ident)*) => {
        $(impl Words<$ours> {
            /// Our word for it, or the vendor's word unchanged.
            pub fn read(&self, word: &str) -> $ours {
                self.get(word).cloned().unwrap_or_else(|| $ours::Other(word.to_owned()))
            }
        })*
    };
}
read!(RecipientStatus Role EnvelopeStatus WebhookEvent);
