//! Reads what a browser brings back from a signing page. A hint, never a proof.

use serde::Serialize;
use url::form_urlencoded;

use crate::model::EnvelopeId;
use crate::vendor::Descriptor;
use crate::vendor::return_url::{ReturnOutcome, ReturnWord};

/// The longest word of a vendor that is kept, in characters: it comes from a URL, and so from anybody.
const WORD: usize = 64;

/// A browser's return from a signing page, in the same words for every vendor.
///
/// **A hint.** It comes from a URL (or from a message of a frame) that anybody can type, and a signer may sign and close
/// the browser without ever coming back. Show a friendly page by it; decide nothing by it. What is true, the vendor
/// says: in a verified webhook, or when it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SigningReturn {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// What the visit came to; `None` where no outcome was given.
    pub outcome: Option<ReturnOutcome>,
    /// The envelope's id, where the vendor appends it.
    pub envelope: Option<EnvelopeId>,
}

impl SigningReturn {
    /// Reads the URL with which a browser came back: a whole one, or path and query as web frameworks give it.
    ///
    /// Never fails: what cannot be read has no outcome. Vendors append their parameters, so of a repeated one the last
    /// that is not empty counts. A second `?` counts as `&`, since there are vendors that append `?name=value` to
    /// whatever the URL was. Names and words compare without letter case. Fragments are not read.
    #[must_use]
    pub fn read(vendor: &Descriptor, url: &str) -> Self {
        let returns = &vendor.returns;
        let outcome = returns.outcome_parameter.and_then(|name| last(url, name));
        let envelope = returns.envelope_parameter.and_then(|name| last(url, name));
        Self {
            vendor: vendor.name,
            outcome: outcome.map(|word| meaning(returns.words, &word)),
            envelope: envelope.and_then(|id| EnvelopeId::new(id).ok()),
        }
    }

    /// Reads the word of a message that the vendor's signing page, shown in a frame, posted to the page around it.
    ///
    /// Check the message's origin in the browser before passing it on; even so, it stays a hint.
    #[must_use]
    pub fn message(vendor: &Descriptor, word: &str) -> Self {
        let word = Some(word.trim()).filter(|word| !word.is_empty());
        let outcome = word.map(|word| meaning(vendor.returns.messages, word));
        Self { vendor: vendor.name, outcome, envelope: None }
    }
}

fn meaning(words: &[ReturnWord], word: &str) -> ReturnOutcome {
    let known = words.iter().find(|known| known.word.eq_ignore_ascii_case(word));
    known
        .and_then(|known| known.outcome.clone())
        .unwrap_or_else(|| ReturnOutcome::Other(word.chars().take(WORD).collect()))
}

/// The last value of a query parameter that is not empty, trimmed.
fn last(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    query
        .split('?')
        .flat_map(|part| form_urlencoded::parse(part.as_bytes()))
        .filter(|(key, value)| key.eq_ignore_ascii_case(name) && !value.trim().is_empty())
        .last()
        .map(|(_, value)| value.trim().to_owned())
}
