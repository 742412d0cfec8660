//! The one error type: what kind, whose words, did it happen, may it be repeated, what to do next.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::error::{ErrorKind, Problem};
use crate::model::{InvalidValue, Operation};
use crate::redact::{escape_control, sentence};

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Did it happen?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing happened: nothing was sent, or only things were read.
    NoEffect,
    /// The vendor was asked and refused; nothing happened.
    Refused,
    /// It may have happened or not. Look before repeating.
    Unknown,
}

/// May the same call be made again? Already weighed with what the call does: a mail that may have gone out is never
/// offered for repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Not as it stands.
    Never,
    /// Yes, after the time the vendor named, or after a pause of the caller's choice where it named none.
    After(Option<Duration>),
}

/// One difference between what was asked and what is there. May hold names and addresses: show it to the user who
/// asked, do not log it.
///
/// The members are word for word; as JSON, control characters in them stand as visible escapes.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Detail {
    /// What differs: `name`, `e-mail`, `order`, `client user id`, or a word about a candidate.
    pub field: Cow<'static, str>,
    /// What was asked for or sent.
    #[serde(serialize_with = "escaped")]
    pub sent: Option<String>,
    /// What the envelope has.
    #[serde(serialize_with = "escaped")]
    pub present: Option<String>,
}

fn escaped<S: Serializer>(text: &Option<String>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    text.as_deref().map(escape_control).serialize(serializer)
}

impl Detail {
    /// A difference in one field.
    #[must_use]
    pub fn new(field: impl Into<Cow<'static, str>>, sent: Option<String>, present: Option<String>) -> Self {
        Self { field: field.into(), sent, present }
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detail({})", self.field)
    }
}

/// Why a call did not do what was asked.
///
/// `Display` is one line without bodies, URLs and addresses, fit for a log: no secret, no control character. [`Error::details`] and
/// [`Error::problem`] have the rest.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    outcome: Outcome,
    retry: Retry,
    attempts: u32,
    vendor: Option<&'static str>,
    operation: Option<Operation>,
    message: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    problem: Option<Problem>,
    details: Vec<Detail>,
    source: Option<Arc<dyn StdError + Send + Sync + 'static>>,
}

impl Error {
    /// An error found before anything was sent: no effect, not to be repeated as it stands.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            outcome: Outcome::NoEffect,
            retry: Retry::Never,
            attempts: 0,
            vendor: None,
            operation: None,
            message: sentence(message.into()),
            hint: None,
            problem: None,
            details: Vec::new(),
            source: None,
        }))
    }

    /// Says what to do next, better than the kind alone can.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(sentence(hint.into()));
        self
    }

    /// Says whose error it is and in which operation; keeps what is already known.
    #[must_use]
    pub fn in_operation(mut self, vendor: &'static str, operation: Operation) -> Self {
        self.0.vendor.get_or_insert(vendor);
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Says whether it happened, and whether the call may be repeated.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome, retry: Retry) -> Self {
        self.0.outcome = outcome;
        self.0.retry = retry;
        self
    }

    /// Keeps the vendor's own account.
    #[must_use]
    pub fn with_problem(mut self, problem: Problem) -> Self {
        self.0.problem = Some(problem);
        self
    }

    /// Adds what differs between the request and the envelope.
    #[must_use]
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.0.details = details;
        self
    }

    /// Says how many requests were sent.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Says it in other words, under another kind, and keeps all the rest.
    #[must_use]
    pub fn reworded(mut self, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.kind = kind;
        self.0.message = sentence(message.into());
        self
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Did it happen?
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// May the same call be made again?
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// How many requests were sent for the step that failed, in all rounds of the call; 0 when nothing was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The vendor's short name.
    #[must_use]
    pub fn vendor(&self) -> Option<&'static str> {
        self.0.vendor
    }

    /// What was asked.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// What happened, in a sentence without addresses.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The next step.
    #[must_use]
    pub fn hint(&self) -> &str {
        self.0.hint.as_deref().unwrap_or_else(|| self.0.kind.remedy())
    }

    /// The vendor's own account, if it came that far.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// The vendor's code.
    #[must_use]
    pub fn provider_code(&self) -> Option<&str> {
        self.problem()?.code.as_deref()
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// The id under which the vendor's support finds the call.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.problem()?.request_id.as_deref()
    }

    /// What differs between the request and the envelope. May hold names and addresses.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(vendor) = self.0.vendor {
            write!(f, "{vendor} ")?;
        }
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}")?;
        }
        if self.0.vendor.is_some() || self.0.operation.is_some() {
            f.write_str(": ")?;
        }
        write!(f, "{}: {}", self.0.kind.short(), self.0.message)?;
        match (self.status(), self.provider_code()) {
            (Some(status), Some(code)) => write!(f, " ({status} {code})"),
            (Some(status), None) => write!(f, " ({status})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("outcome", &self.0.outcome)
            .field("retry", &self.0.retry)
            .field("attempts", &self.0.attempts)
            .field("vendor", &self.0.vendor)
            .field("operation", &self.0.operation)
            .field("message", &self.0.message)
            .field("hint", &self.hint())
            .field("problem", &self.0.problem)
            .field("details", &self.0.details)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<InvalidValue> for Error {
    fn from(invalid: InvalidValue) -> Self {
        let message = format!("the {} {}", invalid.field(), invalid.problem());
        Error::new(ErrorKind::InvalidRequest, message)
            .with_hint(format!("give {}", invalid.expected()))
            .with_source(invalid)
    }
}

/// One stable document, for programs: the same members always, `null` where nothing is known.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (repeat, wait) = match self.0.retry {
            Retry::Never => (false, None),
            Retry::After(wait) => (true, wait.map(|wait| wait.as_secs())),
        };
        let mut out = serializer.serialize_struct("Error", 14)?;
        out.serialize_field("kind", &self.0.kind)?;
        out.serialize_field("message", &self.0.message)?;
        out.serialize_field("hint", self.hint())?;
        out.serialize_field("outcome", &self.0.outcome)?;
        out.serialize_field("retry", &repeat)?;
        out.serialize_field("retry_after_seconds", &wait)?;
        out.serialize_field("vendor", &self.0.vendor)?;
        out.serialize_field("operation", &self.0.operation.map(Operation::as_str))?;
        out.serialize_field("attempts", &self.0.attempts)?;
        out.serialize_field("status", &self.status())?;
        out.serialize_field("code", &self.provider_code())?;
        out.serialize_field("vendor_message", &self.problem().and_then(|p| p.message.as_deref()))?;
        out.serialize_field("request_id", &self.request_id())?;
        out.serialize_field("details", &self.0.details)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_within_a_sentence_cannot_drive_a_terminal_or_forge_a_line() {
        let hostile = "\u{1b}[2J\nerror: forged\u{202e}\u{2028}";
        let detail = Detail::new("name", Some(hostile.to_owned()), Some(hostile.to_owned()));
        let error = Error::new(ErrorKind::Config, format!("odd {hostile}"))
            .with_hint(format!("see {hostile}"))
            .with_details(vec![detail]);
        let reworded = error.clone().reworded(ErrorKind::Unexpected, format!("{hostile} again"));
        for error in [error, reworded] {
            let json = serde_json::to_string(&error).unwrap();
            for text in [error.to_string(), error.hint().to_owned(), format!("{error:?}"), json] {
                assert!(!text.contains(crate::is_harmful), "{text:?}");
            }
            assert_eq!(error.details()[0].present.as_deref(), Some(hostile), "the value itself is kept");
        }
    }
}
