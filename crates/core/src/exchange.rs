//! The one door to the network: signs, sends, renews a token once, classifies, and keeps account of what may have
//! happened. An adapter has no other way out, so no adapter can forget any of it.

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderName;
use secrecy::{ExposeSecret, SecretString};

use crate::answer::Answer;
use crate::classify::{default_kind, find};
use crate::clock::{Clock, Timestamp};
use crate::effect::{Effect, Operation};
use crate::error::{Error, Outcome, Result, Retry};
use crate::kind::ErrorKind;
use crate::outgoing::Outgoing;
use crate::problem::{Excerpt, Problem};
use crate::provider::Descriptor;
use crate::transport::{Limits, Phase, Transport, TransportError, TransportFault};
use crate::urls::BaseUrl;
use crate::wait::told_wait;

/// Credentials for one request, and where to send it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Grant {
    /// Where the vendor's API begins.
    pub base: BaseUrl,
    /// The header that carries the credentials; `None` for requests that carry them in the body.
    pub header: Option<(HeaderName, SecretString)>,
    /// Which issue of a renewable credential this is, so that a refused one is dropped only if it is still in use.
    pub generation: u64,
}

impl Grant {
    /// A request to this base URL without credentials.
    #[must_use]
    pub fn anonymous(base: BaseUrl) -> Self {
        Self { base, header: None, generation: 0 }
    }

    /// Credentials that go into a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: SecretString) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Says which issue of a renewable credential this is.
    #[must_use]
    pub fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }
}

/// How requests to a vendor are signed.
#[async_trait]
pub trait Authorise: Debug + Send + Sync + 'static {
    /// Credentials that are good now; gets new ones where the old ones have run out.
    ///
    /// # Errors
    /// Whatever stands in the way of getting them.
    async fn grant(&self, cx: &Context) -> Result<Grant>;

    /// The vendor has refused these credentials with 401: drops them if they are still in use. Answers whether
    /// others can be had, so that one more try makes sense.
    async fn refused(&self, grant: &Grant) -> bool;
}

/// No credentials; for the requests that get some.
#[derive(Debug)]
pub struct Anonymous {
    base: BaseUrl,
}

impl Anonymous {
    /// Requests to this base URL.
    #[must_use]
    pub fn new(base: BaseUrl) -> Self {
        Self { base }
    }
}

#[async_trait]
impl Authorise for Anonymous {
    async fn grant(&self, _cx: &Context) -> Result<Grant> {
        Ok(Grant::anonymous(self.base.clone()))
    }

    async fn refused(&self, _grant: &Grant) -> bool {
        false
    }
}

/// To whom requests go: a vendor, and how they are signed.
#[derive(Debug, Clone)]
pub struct Link {
    /// The vendor.
    pub descriptor: &'static Descriptor,
    /// How requests are signed.
    pub authorise: Arc<dyn Authorise>,
}

impl Link {
    /// A link to a vendor.
    #[must_use]
    pub fn new(descriptor: &'static Descriptor, authorise: Arc<dyn Authorise>) -> Self {
        Self { descriptor, authorise }
    }
}

/// What is needed for one call. Made per call by the client; an adapter keeps nothing of it.
#[derive(Debug)]
pub struct Context {
    operation: Operation,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    progress: Arc<Mutex<Progress>>,
}

/// What this call may have changed so far.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The strongest effect of the steps before the present one.
    earlier: Option<Effect>,
    /// The effect of the last step, while its answer is being read.
    last: Option<Effect>,
}

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
    pub(crate) descriptor: &'static Descriptor,
    pub(crate) operation: Operation,
    pub(crate) effect: Effect,
    pub(crate) attempts: u32,
    /// What the request held that must not be shown when it comes back.
    secrets: Vec<SecretString>,
    credentials: Option<SecretString>,
    pub(crate) progress: Arc<Mutex<Progress>>,
}

impl Context {
    /// For one call of one operation.
    #[must_use]
    pub fn new(operation: Operation, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { operation, transport, clock, limits: Limits::default(), progress: Arc::default() }
    }

    /// With other limits than the usual ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What was asked for.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends one step and returns the vendor's answer, if it is a success.
    ///
    /// A 401 with credentials that can be renewed is tried once more with new ones: a refused call had no effect.
    ///
    /// # Errors
    /// The vendor's refusal, classified; or what happened on the way. Outcome and retry are those of the whole call
    /// so far.
    pub async fn exchange(&self, link: &Link, effect: Effect, mut out: Outgoing) -> Result<Answer> {
        self.begin();
        let mut attempts = 0;
        loop {
            let mut grant = link.authorise.grant(self).await.map_err(|error| self.name(link, error))?;
            let request =
                out.build(grant.base.url(), grant.header.as_ref()).map_err(|error| self.name(link, error))?;
            attempts += 1;
            let mut step = Step {
                descriptor: link.descriptor,
                operation: self.operation,
                effect,
                attempts,
                secrets: Vec::new(),
                credentials: None,
                progress: Arc::clone(&self.progress),
            };
            let response = match self.transport.send(request, &self.limits).await {
                Ok(response) => response,
                Err(error) => return Err(step.broken(error)),
            };
            let (head, body) = response.into_parts();
            let status = head.status.as_u16();
            tracing::debug!(
                vendor = link.descriptor.name,
                operation = self.operation.as_str(),
                effect = effect.as_str(),
                status,
                attempt = attempts,
                "answered"
            );
            if status == 401 && attempts == 1 && link.authorise.refused(&grant).await {
                continue;
            }
            step.secrets = out.take_secrets();
            step.credentials = grant.header.take().map(|(_, secret)| secret);
            if (200..300).contains(&status) {
                self.lock().last = Some(effect);
                return Ok(Answer::new(step, head, body));
            }
            let wait = told_wait(&head.headers, self.now());
            let mut problem = (link.descriptor.read_problem)(status, &head.headers, &body);
            problem.status = status;
            problem.body = Excerpt::of(&body, &step.all_secrets());
            return Err(step.refusal(problem, wait));
        }
    }

    fn begin(&self) {
        let mut progress = self.lock();
        let last = progress.last.take();
        progress.earlier = progress.earlier.max(last.filter(|effect| *effect != Effect::Read));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, link: &Link, error: Error) -> Error {
        error.in_operation(link.descriptor.name, self.operation)
    }
}

/// The credentials as a header carries them, and without the scheme in front (`Bearer …`): vendors echo either.
fn forms(credentials: &SecretString) -> impl Iterator<Item = SecretString> {
    let bare = credentials.expose_secret().split_once(' ').map(|(_, bare)| SecretString::from(bare.trim()));
    std::iter::once(credentials.clone()).chain(bare)
}

impl Step {
    pub(crate) fn all_secrets(&self) -> Vec<SecretString> {
        self.secrets.iter().cloned().chain(self.credentials.iter().flat_map(forms)).collect()
    }

    /// A refusal by the vendor, whether by status or inside a success.
    pub(crate) fn refusal(&self, problem: Problem, wait: Option<Duration>) -> Error {
        let problem = problem.clean(&self.all_secrets());
        let rule = find(self.descriptor.rules, self.operation, &problem);
        let (kind, meaning) = match rule {
            Some(rule) => (rule.kind, rule.meaning),
            None => {
                if let Some(code) = problem.code.as_deref() {
                    tracing::info!(vendor = self.descriptor.name, code, "a vendor code that has no row");
                }
                default_kind(problem.status)
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
    fn broken(&self, error: TransportError) -> Error {
        let (kind, message) = match error.fault() {
            TransportFault::Connect => (ErrorKind::Unavailable, "no connection to the vendor"),
            TransportFault::Timeout => (ErrorKind::Timeout, "no answer in time"),
            TransportFault::Broken => (ErrorKind::Unavailable, "the connection broke"),
            TransportFault::TooLarge => (ErrorKind::InvalidResponse, "the answer is larger than allowed"),
            TransportFault::Setup => (ErrorKind::Config, "the request could not be sent"),
        };
        let reached = match error.phase() {
            Phase::BeforeSending => Reached::NotSent,
            Phase::AfterSending => Reached::Perhaps,
        };
        let fault = error.fault();
        let error = self.error(kind, message, reached, None).with_source(error);
        let outcome = error.outcome();
        match fault {
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
        let earlier = self.progress.lock().unwrap_or_else(PoisonError::into_inner).earlier;
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
            .in_operation(self.descriptor.name, self.operation)
            .with_outcome(outcome, retry)
            .with_attempts(self.attempts)
    }

    /// The step turned out not to have happened, although the status said so.
    pub(crate) fn undo_last(&self) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).last = None;
    }

    /// The id under which the vendor's support finds the call, read the way the adapter reads it.
    pub(crate) fn request_id(&self, status: u16, headers: &http::HeaderMap) -> Option<String> {
        (self.descriptor.read_problem)(status, headers, &Bytes::new()).request_id
    }
}
