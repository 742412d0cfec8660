//! What a browser that comes back from a signing page says of the visit. A hint, never a proof.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use url::form_urlencoded;

use crate::model::EnvelopeId;
use crate::redact::escape_control;
use crate::vendor::Descriptor;

/// The longest word of a vendor that is kept, in characters: it comes from a URL, and so from anybody.
const WORD: usize = 64;

/// What a visit to the signing page came to, as told by the browser that comes back. Open: an unknown word survives as
/// [`ReturnOutcome::Other`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReturnOutcome {
    /// They finished signing.
    Signed,
    /// They had nothing to sign and finished reading.
    Viewed,
    /// They left without finishing ("finish later"); they can come back.
    Cancelled,
    /// They refused to sign.
    Declined,
    /// They typed wrong access codes, or said that they have none, and are locked out.
    AccessCodeFailed,
    /// They failed another identity check.
    IdentityCheckFailed,
    /// They did nothing for too long. A new link helps.
    SessionTimedOut,
    /// The link was too old, or was used before. A new link helps.
    LinkExpired,
    /// Something went wrong at the vendor.
    Failed,
    /// A word without a neutral meaning, as it came, of at most 64 characters.
    Other(String),
}

impl ReturnOutcome {
    /// Every outcome that has a name, in the order of the documentation.
    pub const NAMED: [ReturnOutcome; 9] = [
        ReturnOutcome::Signed,
        ReturnOutcome::Viewed,
        ReturnOutcome::Cancelled,
        ReturnOutcome::Declined,
        ReturnOutcome::AccessCodeFailed,
        ReturnOutcome::IdentityCheckFailed,
        ReturnOutcome::SessionTimedOut,
        ReturnOutcome::LinkExpired,
        ReturnOutcome::Failed,
    ];

    /// The stable word, or the vendor's for [`ReturnOutcome::Other`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            ReturnOutcome::Signed => "signed",
            ReturnOutcome::Viewed => "viewed",
            ReturnOutcome::Cancelled => "cancelled",
            ReturnOutcome::Declined => "declined",
            ReturnOutcome::AccessCodeFailed => "access_code_failed",
            ReturnOutcome::IdentityCheckFailed => "identity_check_failed",
            ReturnOutcome::SessionTimedOut => "session_timed_out",
            ReturnOutcome::LinkExpired => "link_expired",
            ReturnOutcome::Failed => "failed",
            ReturnOutcome::Other(word) => word,
        }
    }
}

/// A word that came from outside stands with its control characters escaped.
impl fmt::Display for ReturnOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape_control(self.as_str()))
    }
}

impl Serialize for ReturnOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How a vendor tells a returning browser's outcome, as data. Part of a [`Descriptor`].
///
/// [`Returns::silent`] is a vendor that tells nothing; the other functions add to it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Returns {
    /// The query parameter of the return URL that has the outcome.
    pub outcome_parameter: Option<&'static str>,
    /// Its words.
    pub words: &'static [ReturnWord],
    /// The query parameter of the return URL that has the envelope's id.
    pub envelope_parameter: Option<&'static str>,
    /// The words of the messages that the signing page posts to a page that frames it.
    pub messages: &'static [ReturnWord],
    /// The least time between two reads of one envelope, where the vendor has such a rule.
    pub polling: Option<Duration>,
}

impl Returns {
    /// A vendor whose returns tell nothing, without a rule against frequent reads.
    #[must_use]
    pub const fn silent() -> Self {
        Self { outcome_parameter: None, words: &[], envelope_parameter: None, messages: &[], polling: None }
    }

    /// The outcome stands in this query parameter, in one of these words.
    #[must_use]
    pub const fn outcome_in(mut self, parameter: &'static str, words: &'static [ReturnWord]) -> Self {
        self.outcome_parameter = Some(parameter);
        self.words = words;
        self
    }

    /// The envelope's id stands in this query parameter.
    #[must_use]
    pub const fn envelope_in(mut self, parameter: &'static str) -> Self {
        self.envelope_parameter = Some(parameter);
        self
    }

    /// A signing page in a frame posts these words.
    #[must_use]
    pub const fn posts(mut self, messages: &'static [ReturnWord]) -> Self {
        self.messages = messages;
        self
    }

    /// The vendor wants at least this time between two reads of one envelope.
    #[must_use]
    pub const fn polled_every(mut self, interval: Duration) -> Self {
        self.polling = Some(interval);
        self
    }
}

/// One word of a vendor for what a visit came to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReturnWord {
    /// The vendor's word; compared without letter case.
    pub word: &'static str,
    /// What it means; `None` where no neutral outcome says it, so that it is kept as [`ReturnOutcome::Other`].
    pub outcome: Option<ReturnOutcome>,
    /// What happened, in a sentence of ours.
    pub meaning: &'static str,
    /// Where the fact is from: a docs page or an issue.
    pub source: &'static str,
}

impl ReturnWord {
    /// A word and its meaning.
    #[must_use]
    pub const fn new(
        word: &'static str,
        outcome: Option<ReturnOutcome>,
        meaning: &'static str,
        source: &'static str,
    ) -> Self {
        Self { word, outcome, meaning, source }
    }
}

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
