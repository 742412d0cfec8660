//! Reads what a browser brings back from a signing page. A hint, never proof.

use serde::Serialize;
use url::form_urlencoded;

use crate::model::{EnvelopeId, ReturnOutcome};

use crate::vendor::{Descriptor, ReturnSpec};

/// The maximum length, in characters, of a vendor word that is kept: it comes from a URL, which anyone can write.
const WORD: usize = 64;

/// A browser's return from a signing page, in the same words for every vendor.
///
/// **This is a hint.** It comes from a URL (or from a frame's message) that anyone can send, and a signer may sign
/// and close the browser without returning. Use it to show a page; base no decision on it. Only the vendor knows
/// the truth: verify a webhook, or ask the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SigningReturn {
    /// The vendor's short name.
    pub vendor: &'static str,
    /// The outcome of the visit; `None` if none was given.
    pub outcome: Option<ReturnOutcome>,
    /// The envelope's id, if the vendor appends it.
    pub envelope: Option<EnvelopeId>,
}

impl SigningReturn {
    /// Reads the URL with which a browser returned: a full URL, or path and query as web frameworks provide it.
    ///
    /// Never fails: an unreadable URL has no outcome. Vendors append their parameters, so the last non-empty value
    /// of a repeated parameter counts. A second `?` counts as `&`, because some vendors append `?name=value` to any
    /// URL. Names and words are compared without letter case. Fragments are not read.
    #[must_use]
    pub fn read(vendor: &Descriptor, url: &str) -> Self {
        let returns = &vendor.facts.returns;
        let outcome = returns.outcome_parameter.as_ref().and_then(|name| last(url, name));
        let envelope = returns.envelope_parameter.as_ref().and_then(|name| last(url, name));
        Self {
            vendor: vendor.name,
            outcome: outcome.map(|word| meaning(returns, &word)),
            envelope: envelope.and_then(|id| EnvelopeId::new(id).ok()),
        }
    }

    /// Reads the word of a message that the vendor's framed signing page posted to the surrounding page.
    ///
    /// Check the message's origin in the browser before passing it on; even then, it is only a hint.
    #[must_use]
    pub fn message(vendor: &Descriptor, word: &str) -> Self {
        let word = Some(word.trim()).filter(|word| !word.is_empty());
        let outcome = word.map(|word| meaning(&vendor.facts.returns, word));
        Self { vendor: vendor.name, outcome, envelope: None }
    }
}

fn meaning(returns: &ReturnSpec, word: &str) -> ReturnOutcome {
    let known = returns.words.get(word).and_then(|known| known.outcome.clone());
    known.unwrap_or_else(|| ReturnOutcome::Other(word.chars().take(WORD).collect()))
}

/// The last non-empty value of a query parameter, trimmed.
fn last(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split('#').next()?.split_once('?')?;
    query
        .split('?')
        .flat_map(|part| form_urlencoded::parse(part.as_bytes()))
        .filter(|(key, value)| key.eq_ignore_ascii_case(name) && !value.trim().is_empty())
        .last()
        .map(|(_, value)| value.trim().to_owned())
}
