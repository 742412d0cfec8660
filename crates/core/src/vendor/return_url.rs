//! What a browser that comes back from a signing page says of the visit. A hint, never a proof.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::redact::escape_control;

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

/// How a vendor tells a returning browser's outcome, as data. Part of a [`Descriptor`](crate::Descriptor).
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
