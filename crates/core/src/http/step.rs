//! One step of a call, as its errors describe it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{
    Error, ErrorKind, Fate, Outcome, Problem, Retry, Vocabulary, default_kind, may_have_acted,
};
use crate::http::{Journal, Phase, TransportError, TransportFault};
use crate::model::{Effect, Operation, Timestamp};
use crate::vendor::RefusalEffect;

/// Everything that an error needs to know about the step in which it occurred.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) operation: Operation,
    pub(crate) effect: Effect,
    pub(crate) attempts: u32,
    /// The secrets in the request that must not be shown when the vendor echoes them.
    pub(crate) secrets: Vec<SecretString>,
    pub(crate) credentials: Option<Arc<SecretString>>,
    pub(crate) journal: Arc<Journal>,
}

/// The credentials as sent in a header, and without the scheme (`Bearer …`), because vendors echo either.
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

    /// A refusal by the vendor, by status or inside a success.
    ///
    /// `wait` is the wait that the headers request. `now` is for requests that count towards the account's limits:
    /// if nothing else names a wait, it lasts until the vendor's window ends.
    pub(crate) fn refusal(&self, problem: Problem, wait: Option<Duration>, now: Option<Timestamp>) -> Error {
        let problem = problem.clean(&self.all_secrets(), &self.vocabulary.facts.names);
        let rule = self.vocabulary.facts.refusals.find(self.operation, &problem);
        let (kind, meaning) = match rule {
            Some(rule) => (rule.kind, rule.meaning.as_str()),
            None => {
                if let Some(code) = problem.code.as_deref() {
                    tracing::info!(vendor = self.vocabulary.name, code, "a vendor code without a row");
                    if let Some(observer) = &self.journal.observer {
                        observer.unmapped_code();
                    }
                }
                match problem.status {
                    404 | 410 if problem.code.is_some() => {
                        (ErrorKind::Unexpected, "the vendor does not find something that the call refers to")
                    }
                    status => default_kind(status),
                }
            }
        };
        let fate = match rule.and_then(|rule| rule.effect) {
            Some(RefusalEffect::Unknown) => Fate::Unknown,
            None if may_have_acted(problem.status, self.effect) => Fate::Unknown,
            _ if matches!(
                kind,
                ErrorKind::RateLimited | ErrorKind::EnvelopeBusy | ErrorKind::EnvelopeNotReady
            ) =>
            {
                Fate::RefusedForNow
            }
            _ => Fate::Refused,
        };
        let window_ends = || self.vocabulary.facts.rate.as_ref()?.until_full_hour(now?);
        let wait = wait
            .or_else(|| rule?.wait.map(|wait| wait.0))
            .or_else(|| if kind == ErrorKind::RateLimited { window_ends() } else { None });
        let error = self.error(kind, meaning, fate, wait).with_problem(problem);
        // A row describes a refusal. If the call may have taken effect after all, its hint does not come first.
        let is_next = (error.outcome(), error.retry()) != (Outcome::Unknown, Retry::Never);
        let remedy = rule.filter(|rule| !rule.remedy.is_empty() && (is_next || rule.effect.is_some()));
        match remedy {
            Some(rule) => error.with_hint(rule.remedy.as_str()),
            None => error,
        }
    }

    /// No complete answer arrived.
    pub(crate) fn broken(&self, error: TransportError) -> Error {
        let fault = error.fault;
        let kind = match fault {
            TransportFault::Connect | TransportFault::Broken => ErrorKind::Unavailable,
            TransportFault::Timeout => ErrorKind::Timeout,
            TransportFault::TooLarge => ErrorKind::InvalidResponse,
            TransportFault::Setup | TransportFault::HostRefused | TransportFault::NotRecorded => {
                ErrorKind::Config
            }
        };
        let fate = match error.phase {
            Phase::BeforeSending => Fate::NotSent,
            Phase::AfterSending => Fate::Unknown,
        };
        let message = match (fault, std::error::Error::source(&error)) {
            // The difference is the whole message, and contains nothing that a recording may not contain.
            (TransportFault::NotRecorded, Some(differs)) => differs.to_string(),
            _ => error.to_string(),
        };
        let error = self.error(kind, message, fate, None).with_source(error);
        let outcome = error.outcome();
        match fault {
            TransportFault::NotRecorded => error
                .with_outcome(outcome, Retry::Never)
                .with_hint("make the recorded calls, or record them again"),
            TransportFault::Setup => error
                .with_outcome(outcome, Retry::Never)
                .with_hint("check `base_url`, and this machine's proxy and certificates"),
            TransportFault::HostRefused => error.with_outcome(outcome, Retry::Never).with_hint(
                "ask who runs this service to allow the host that the settings or the vendor name; no credentials were \
                 sent to it",
            ),
            TransportFault::TooLarge => error.with_outcome(outcome, Retry::Never),
            _ => error,
        }
    }

    /// An error of this step; outcome and retry advice account for what the step does and for the steps before it.
    pub(crate) fn error(
        &self,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
        fate: Fate,
        wait: Option<Duration>,
    ) -> Error {
        let earlier = {
            let mut progress = self.journal.lock();
            // Later steps and rounds of this call must not forget it.
            progress.landed((fate == Fate::Unknown).then_some(self.effect));
            progress.earlier
        };
        let (outcome, retry) = fate.weigh(self.effect, wait);
        Error::new(kind, message)
            .in_operation(self.vocabulary.name, self.operation)
            .with_outcome(outcome, retry)
            .with_attempts(self.attempts)
            .after(earlier)
    }

    /// Something other than the vendor prevented sending the step.
    pub(crate) fn not_sent(&self, error: Error) -> Error {
        let earlier = self.journal.lock().earlier;
        let retry = error.retry();
        error
            .in_operation(self.vocabulary.name, self.operation)
            .with_outcome(Outcome::NoEffect, retry)
            .with_attempts(self.attempts)
            .after(earlier)
    }

    /// The step had no effect, although the status suggested otherwise.
    pub(crate) fn undo_last(&self) {
        self.journal.lock().last = None;
    }

    /// The request id for the vendor's support, read the same way as the adapter reads it.
    pub(crate) fn request_id(&self, status: u16, headers: &http::HeaderMap) -> Option<String> {
        (self.vocabulary.read_problem)(status, headers, &Bytes::new()).request_id
    }
}
