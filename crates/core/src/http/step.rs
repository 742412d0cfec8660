//! One step of a call: what its errors have to say about outcome and repetition.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, Outcome, Problem, Retry, Vocabulary, default_kind};
use crate::http::{Journal, Phase, TransportError, TransportFault};
use crate::model::{Effect, Operation};

/// Whether the vendor acted on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    NotSent,
    Refused,
    Perhaps,
}

/// All that an error needs to know of the step in which it arose.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) operation: Operation,
    pub(crate) effect: Effect,
    pub(crate) attempts: u32,
    /// What the request held that must not be shown when it comes back.
    pub(crate) secrets: Vec<SecretString>,
    pub(crate) credentials: Option<Arc<SecretString>>,
    pub(crate) journal: Arc<Journal>,
}

/// The credentials as a header carries them, and without the scheme in front (`Bearer …`): vendors echo either.
fn forms(credentials: &SecretString) -> impl Iterator<Item = SecretString> {
    let bare = credentials.expose_secret().split_once(' ').map(|(_, bare)| SecretString::from(bare.trim()));
    std::iter::once(credentials.clone()).chain(bare)
}

impl Step {
    pub(crate) fn all_secrets(&self) -> Vec<SecretString> {
        self.secrets
            .iter()
            .cloned()
            .chain(self.credentials.iter().flat_map(|credentials| forms(credentials)))
            .collect()
    }

    /// A refusal by the vendor, whether by status or inside a success.
    pub(crate) fn refusal(&self, problem: Problem, wait: Option<Duration>) -> Error {
        let problem = problem.clean(&self.all_secrets());
        let rule = self.vocabulary.find(self.operation, &problem);
        let (kind, meaning) = match rule {
            Some(rule) => (rule.kind, rule.meaning),
            None => {
                if let Some(code) = problem.code.as_deref() {
                    tracing::info!(vendor = self.vocabulary.name, code, "a vendor code that has no row");
                    if let Some(observer) = &self.journal.observer {
                        observer.unmapped_code();
                    }
                }
                match problem.status {
                    404 | 410 if problem.code.is_some() => {
                        (ErrorKind::Unexpected, "the vendor does not find something that the call names")
                    }
                    status => default_kind(status),
                }
            }
        };
        let perhaps = problem.status >= 500 || problem.status == 408;
        let reached = if perhaps { Reached::Perhaps } else { Reached::Refused };
        let error = self.error(kind, meaning, reached, wait).with_problem(problem);
        match rule {
            Some(rule) if !rule.remedy.is_empty() => error.with_hint(rule.remedy),
            _ => error,
        }
    }

    /// No complete answer came.
    pub(crate) fn broken(&self, error: TransportError) -> Error {
        let (kind, message) = match error.fault() {
            TransportFault::Connect => (ErrorKind::Unavailable, "no connection to the vendor"),
            TransportFault::Timeout => (ErrorKind::Timeout, "no answer in time"),
            TransportFault::Broken => (ErrorKind::Unavailable, "the connection broke"),
            TransportFault::TooLarge => (ErrorKind::InvalidResponse, "the answer is larger than allowed"),
            TransportFault::Setup => (ErrorKind::Config, "the request could not be sent"),
            TransportFault::NotRecorded => (ErrorKind::Config, "the request is not in the recording"),
        };
        let reached = match error.phase() {
            Phase::BeforeSending => Reached::NotSent,
            Phase::AfterSending => Reached::Perhaps,
        };
        let fault = error.fault();
        let message = match (fault, std::error::Error::source(&error)) {
            // What differs is all that there is to say, and holds nothing but what a recording may hold.
            (TransportFault::NotRecorded, Some(differs)) => Cow::Owned(differs.to_string()),
            _ => Cow::Borrowed(message),
        };
        let error = self.error(kind, message, reached, None).with_source(error);
        let outcome = error.outcome();
        match fault {
            TransportFault::NotRecorded => error
                .with_outcome(outcome, Retry::Never)
                .with_hint("make the calls that were recorded, or record them anew"),
            TransportFault::Setup | TransportFault::TooLarge => error.with_outcome(outcome, Retry::Never),
            _ => error,
        }
    }

    /// An error of this step, with outcome and retry weighed by what the step does and what went before it.
    pub(crate) fn error(
        &self,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
        reached: Reached,
        wait: Option<Duration>,
    ) -> Error {
        let earlier = {
            let mut progress = self.journal.lock();
            if reached == Reached::Perhaps {
                // What follows in this call, another round of it included, must not forget it.
                progress.last = Some(self.effect);
            }
            progress.earlier
        };
        let outcome = match (earlier, self.effect, reached) {
            (Some(_), ..) => Outcome::Unknown,
            (None, Effect::Read, _) | (None, _, Reached::NotSent) => Outcome::NoEffect,
            (None, _, Reached::Refused) => Outcome::Refused,
            (None, _, Reached::Perhaps) => Outcome::Unknown,
        };
        let again = match reached {
            Reached::NotSent | Reached::Perhaps => true,
            Reached::Refused => {
                matches!(kind, ErrorKind::RateLimited | ErrorKind::EnvelopeBusy | ErrorKind::EnvelopeNotReady)
            }
        };
        // A mail that may have gone out, in this step or an earlier one, is never offered for repetition.
        let mailed = earlier == Some(Effect::Notifies)
            || (self.effect == Effect::Notifies && reached == Reached::Perhaps);
        let retry = if again && !mailed { Retry::After(wait) } else { Retry::Never };
        Error::new(kind, message)
            .in_operation(self.vocabulary.name, self.operation)
            .with_outcome(outcome, retry)
            .with_attempts(self.attempts)
    }

    /// The step turned out not to have happened, although the status said so.
    pub(crate) fn undo_last(&self) {
        self.journal.lock().last = None;
    }

    /// The id under which the vendor's support finds the call, read the way the adapter reads it.
    pub(crate) fn request_id(&self, status: u16, headers: &http::HeaderMap) -> Option<String> {
        (self.vocabulary.read_problem)(status, headers, &Bytes::new()).request_id
    }
}
