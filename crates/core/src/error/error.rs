//! The error type: the kind, the vendor's account, whether the operation took effect, whether to repeat it, what to
//! do next.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::error::hint::usual_hint;
use crate::error::{ErrorKind, Outcome, Problem, Retry};
use crate::model::{Effect, InvalidValue, Operation};
use crate::redact::{escape_control, sentence};

/// The result of every operation that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One difference between the request and the envelope. May contain names and addresses: show it to the user who
/// made the request, but do not log it.
///
/// The members are exact; in JSON, control characters appear as visible escapes.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Detail {
    /// What differs: `name`, `e-mail`, `order`, `client user id`, or the label of a candidate.
    pub field: Cow<'static, str>,
    /// The requested or sent value.
    #[serde(serialize_with = "escaped")]
    pub sent: Option<String>,
    /// The value in the envelope.
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

/// Why a call did not do what was requested.
///
/// `Display` is one line without bodies, URLs and addresses, safe for a log: no secrets, no control characters.
/// [`Error::details`] and [`Error::problem`] have the rest.
#[derive(Clone)]
pub struct Error(pub(super) Box<Inner>);

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) kind: ErrorKind,
    pub(super) outcome: Outcome,
    pub(super) retry: Retry,
    pub(super) attempts: u32,
    pub(super) vendor: Option<Cow<'static, str>>,
    pub(super) operation: Option<Operation>,
    pub(super) message: Cow<'static, str>,
    pub(super) hint: Option<Cow<'static, str>>,
    pub(super) problem: Option<Problem>,
    pub(super) details: Vec<Detail>,
    pub(super) source: Option<Arc<dyn StdError + Send + Sync + 'static>>,
}

impl Error {
    /// An error found before anything was sent: no effect; repeating the same call does not help.
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

    /// Sets the next step, if it is more specific than that of the kind.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(sentence(hint.into()));
        self
    }

    /// The error of a call whose earlier steps may have had this effect. Such a call is never reported as without
    /// effect, and if it may have sent a message, it must not be repeated.
    pub(crate) fn after(mut self, earlier: Option<Effect>) -> Self {
        let Some(earlier) = earlier.filter(|effect| *effect != Effect::Read) else { return self };
        let retry = if earlier == Effect::Notifies { Retry::Never } else { self.retry() };
        if retry == Retry::Never && (self.outcome(), self.retry()) != (Outcome::Unknown, retry) {
            // The previous hint was about the step alone.
            self.0.hint = None;
        }
        self.with_outcome(Outcome::Unknown, retry)
    }

    /// Sets the vendor and the operation, unless they are already set.
    #[must_use]
    pub fn in_operation(mut self, vendor: &'static str, operation: Operation) -> Self {
        self.0.vendor.get_or_insert(Cow::Borrowed(vendor));
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Sets the operation. An error that several calls share names that of the first of them.
    pub(crate) fn of_operation(mut self, operation: Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Sets whether the operation took effect, and whether the call may be repeated.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome, retry: Retry) -> Self {
        self.0.outcome = outcome;
        self.0.retry = retry;
        self
    }

    /// Attaches the vendor's account.
    #[must_use]
    pub fn with_problem(mut self, problem: Problem) -> Self {
        self.0.problem = Some(problem);
        self
    }

    /// Attaches the differences between the request and the envelope.
    #[must_use]
    pub fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.0.details = details;
        self
    }

    /// Sets how many requests were sent.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Attaches the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Changes the message and the kind, and keeps everything else.
    #[must_use]
    pub fn reworded(mut self, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.kind = kind;
        self.0.message = sentence(message.into());
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the operation took effect.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Whether the same call may be repeated.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// How many requests were sent for the failed step, in all rounds of the call; 0 if none was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The vendor's short name.
    pub fn vendor(&self) -> Option<&str> {
        self.0.vendor.as_deref()
    }

    /// The operation.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// What happened, as a sentence without addresses.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The next step. By default, it depends on the kind, the outcome, the retry advice and the vendor's account:
    /// after an unknown outcome of a call that must not be repeated, it is to check first.
    pub fn hint(&self) -> &str {
        let Inner { kind, outcome, retry, ref problem, .. } = *self.0;
        // Our own errors name the value in their message.
        let is_silent = problem.as_ref().is_some_and(|said| said.message.is_none() && said.code.is_none());
        self.0.hint.as_deref().unwrap_or_else(|| usual_hint(kind, outcome, retry, is_silent))
    }

    /// The vendor's account, if the vendor answered.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// The vendor's code.
    pub fn provider_code(&self) -> Option<&str> {
        self.problem()?.code.as_deref()
    }

    /// The HTTP status.
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// The request id for the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.problem()?.request_id.as_deref()
    }

    /// The differences between the request and the envelope. May contain names and addresses.
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(vendor) = self.vendor() {
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

/// A stable JSON document for programs: always the same members, `null` for unknown values.
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
