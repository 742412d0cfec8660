//! The only way to the network: signs, sends, renews a token once, classifies errors, and records what may have
//! taken effect. Adapters have no other way to send, so no adapter can omit any of it.

use std::borrow::Cow;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use bytes::Bytes;

use crate::auth::{AuthRetry, Connection, SignedCredentials};
use crate::error::{Error, ErrorKind, Excerpt, Fate, Result};
use crate::http::{
    DryRun, Journal, Limits, Permit, Progress, RequestBuilder, RequestObserver, Step, Transport,
    TransportError, VendorResponse, answered_at, observe_limit,
};
use crate::model::{Call, Clock, Effect, Operation, Recipients, SentFor, Timestamp};
use crate::vendor::{LONGEST, retry_after, until};

/// The context of one call. The client creates one per call; an adapter keeps none of it.
///
/// A repeated call keeps its context, so that possible effects of earlier rounds are not forgotten.
#[derive(Debug)]
pub struct Context {
    operation: Operation,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    journal: Arc<Journal>,
    /// The journal of the call for which credentials are renewed here.
    asked_by: Option<Arc<Journal>>,
    /// The caller's request, for transports that need it.
    call: Option<Arc<Call>>,
    dry_run: Option<Arc<DryRun>>,
}

impl Context {
    /// For one call of one operation.
    #[must_use]
    pub fn new(operation: Operation, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let (limits, journal) = Default::default();
        Self { operation, transport, clock, limits, journal, asked_by: None, call: None, dry_run: None }
    }

    /// A context for renewing credentials that many calls share: it outlives this call and its time, and records
    /// only the renewal.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self { journal: Arc::default(), asked_by: Some(Arc::clone(&self.journal)), ..self.in_earnest() }
    }

    /// Sets limits other than the defaults.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Attaches the caller's request, which then travels with each HTTP request ([`SentFor`]) for transports that
    /// record or replay.
    #[must_use]
    pub fn with_call(mut self, call: Arc<Call>) -> Self {
        self.call = Some(call);
        self
    }

    /// Attaches an observer that admits requests and is notified of results. For a newly created context.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn RequestObserver>) -> Self {
        match Arc::get_mut(&mut self.journal) {
            Some(journal) => journal.observer = Some(observer),
            None => self.journal = Arc::new(Journal::new(observer)),
        }
        self
    }

    /// Makes this a dry run: requests that only read are sent; requests that would change something or send mail
    /// are recorded instead.
    #[must_use]
    pub fn with_dry_run(mut self, dry_run: Arc<DryRun>) -> Self {
        self.dry_run = Some(dry_run);
        self
    }

    /// Whether this only finds out what the call would do.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run.is_some()
    }

    /// The recipients that the caller of a dry run passed: an adapter uses them instead of reading.
    pub fn preset_recipients(&self) -> Option<&Recipients> {
        self.dry_run.as_ref()?.given()
    }

    /// Records in a dry run which recipients the adapter has read. Does nothing in any other call.
    pub fn record_recipients(&self, list: &Recipients) {
        if let Some(dry_run) = &self.dry_run {
            dry_run.record_recipients(list);
        }
    }

    /// The caller's operation.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits this long, by the call's clock.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// The strongest effect that this call may have had so far; `None` while it has only read.
    ///
    /// A step counts from before its request is passed to the transport, so this is also correct if the call's
    /// future was dropped while sending. A step that the vendor refused does not count.
    pub fn possible_effect(&self) -> Option<Effect> {
        self.lock().possible_effect()
    }

    /// The requests of the current step, and of the steps that failed in earlier rounds.
    pub fn attempts(&self) -> u32 {
        let progress = self.lock();
        progress.spent.saturating_add(progress.attempts)
    }

    /// The error of the whole call: the adapter's error covers its own step, this context knows what the call may
    /// have done before. The more cautious outcome counts.
    #[must_use]
    pub fn failed(&self, error: Error) -> Error {
        error.after(self.possible_effect())
    }

    /// The error of a call whose future was dropped at its deadline.
    #[must_use]
    pub fn timed_out(&self, message: impl Into<Cow<'static, str>>) -> Error {
        let (outcome, retry) = Fate::NotSent.weigh(Effect::Read, None);
        let error = Error::new(ErrorKind::Timeout, message).with_outcome(outcome, retry);
        self.failed(error.with_attempts(self.attempts()))
    }

    /// Starts the whole call again after a failed round.
    pub fn restart(&self) {
        let mut progress = self.lock();
        progress.spent = progress.spent.saturating_add(progress.attempts);
        progress.begin();
        drop(progress);
        if let Some(dry_run) = &self.dry_run {
            dry_run.restart();
        }
    }

    /// Sends one step and returns the vendor's answer if it is a success.
    ///
    /// The order is: credentials, admission within the account's limits, sending. After a 401, a request with
    /// renewable credentials is sent once more with new ones; at vendors that sometimes refuse valid credentials,
    /// it is first sent once more with the same ones. A refused call had no effect.
    ///
    /// # Errors
    /// The vendor's refusal, classified, or the transport failure. Outcome and retry advice apply to the whole call
    /// so far.
    pub async fn exchange(
        &self,
        connection: &Connection,
        effect: Effect,
        mut out: RequestBuilder,
    ) -> Result<VendorResponse> {
        if let Some(dry_run) = &self.dry_run
            && let Some(planned) =
                dry_run.step(self.step(connection, effect), &out, || connection.authenticator.preview())
        {
            return planned.map_err(|error| self.name(connection, error));
        }
        let (mut repeated, mut renewed) = (false, false);
        self.lock().begin();
        loop {
            let mut credentials = self.credentials(connection).await?;
            let mut step = self.step(connection, effect);
            let response = match self.send(connection, &mut step, &out, &credentials).await? {
                Ok(response) => response,
                Err(error) => return Err(step.broken(error)),
            };
            let (head, body) = response.into_parts();
            let status = head.status.as_u16();
            if (200..300).contains(&status) {
                step.secrets = std::mem::take(&mut out.secrets);
                step.credentials = credentials.header.take().map(|(_, secret)| secret);
                self.lock().landed(Some(effect));
                return Ok(VendorResponse::new(step, head, body));
            }
            let mut problem = (connection.vocabulary.read_problem)(status, &head.headers, &body);
            if status == 401 && !renewed {
                // Refused, so what follows may be cut off.
                self.lock().landed(None);
                let again = connection.authenticator.refused(&credentials, &problem).await;
                renewed = again == AuthRetry::Renewed;
                if renewed || (again == AuthRetry::Unchanged && !repeated) {
                    repeated = true;
                    continue;
                }
            }
            step.secrets = std::mem::take(&mut out.secrets);
            step.credentials = credentials.header.take().map(|(_, secret)| secret);
            let now = self.now();
            let wait = retry_after(connection.vocabulary.facts.rate.as_ref(), &head.headers, now)
                .or_else(|| problem.retry_at.map(|at| until(at, now)))
                .or_else(|| problem.retry_after.map(|wait| wait.min(LONGEST)));
            problem.status = status;
            problem.answered_at = answered_at(&head.headers);
            problem.body = Excerpt::of(&body, &step.all_secrets(), &connection.vocabulary.facts.names);
            let counted_at = connection.authenticator.counts().then(|| self.now());
            let error = step.refusal(problem, wait, counted_at);
            observe_limit(self.journal.observer.as_deref(), out.limit(connection.vocabulary.facts), &error);
            return Err(error);
        }
    }

    /// Returns credentials; notifies the observer of requests that were made to obtain them.
    async fn credentials(&self, connection: &Connection) -> Result<SignedCredentials> {
        let (requests, attempts) = {
            let progress = self.lock();
            (progress.requests, progress.attempts)
        };
        let credentials = match &self.dry_run {
            None => connection.authenticator.credentials(self).await,
            // Requests for credentials count as reading and are sent even in a dry run.
            Some(dry_run) => {
                let credentials = connection.authenticator.credentials(&self.in_earnest()).await;
                credentials.inspect(|credentials| dry_run.granted(credentials))
            }
        };
        let mut progress = self.lock();
        let sent = progress.requests != requests;
        if credentials.is_ok() {
            // A failed sign-in leaves the count of its own requests, like its error.
            progress.attempts = attempts;
        }
        drop(progress);
        if let (true, Some(observer)) = (sent, &self.journal.observer) {
            observer.credentials_renewed(credentials.is_ok());
        }
        // Credentials are renewed for many calls, so this call's earlier effects do not apply.
        let earlier = self.lock().earlier;
        credentials.map_err(|error| self.name(connection, error).of_operation(self.operation).after(earlier))
    }

    /// This call, but not as a dry run.
    fn in_earnest(&self) -> Self {
        Self {
            operation: self.operation,
            transport: Arc::clone(&self.transport),
            clock: Arc::clone(&self.clock),
            limits: self.limits,
            journal: Arc::clone(&self.journal),
            asked_by: self.asked_by.clone(),
            call: self.call.clone(),
            dry_run: None,
        }
    }

    fn step(&self, connection: &Connection, effect: Effect) -> Step {
        Step {
            vocabulary: connection.vocabulary,
            operation: self.operation,
            effect,
            attempts: self.attempts(),
            secrets: Vec::new(),
            credentials: None,
            journal: Arc::clone(&self.journal),
        }
    }

    /// Sends once the account's limits allow it. The outer error is for a request that was not sent.
    async fn send(
        &self,
        connection: &Connection,
        step: &mut Step,
        out: &RequestBuilder,
        credentials: &SignedCredentials,
    ) -> Result<Result<http::Response<Bytes>, TransportError>> {
        let observer = self.journal.observer.as_deref();
        let counted = observer.filter(|_| connection.authenticator.counts());
        let permit = Permit::ask(counted, out.limit(connection.vocabulary.facts)).await.map_err(|wait| {
            let message = "the account's allowance at the vendor is used up";
            step.error(ErrorKind::RateLimited, message, Fate::NotSent, Some(wait))
        })?;
        let marked = self.mark(step).await?;
        let mut limits = self.limits;
        if let Some(left) = observer.and_then(RequestObserver::time_left) {
            limits.timeout = limits.timeout.min(left);
        }
        // Created in a block, so that this future does not reserve space for a request while it waits.
        let sending = {
            let request = self.request(connection, step.effect, out, credentials)?;
            if let Some(observer) = marked
                && observer.mark_in_flight(step.effect).is_some()
            {
                // The process was suspended meanwhile: a person may have decided that nothing was sent.
                let message = "too much time passed between recording the call and sending it";
                return Err(step.error(ErrorKind::Timeout, message, Fate::NotSent, None));
            }
            step.attempts = self.lock().send(step.effect);
            if let Some(call) = &self.asked_by {
                call.lock().requests += 1;
            }
            self.transport.send(request, &limits)
        };
        let begun = std::time::Instant::now();
        let result = sending.await;
        let took = begun.elapsed();
        drop(permit);
        if let (Some(observer), Ok(response)) = (counted, &result) {
            observer.answered(response.headers(), self.now());
        }
        tell(step, out, took, &result);
        Ok(result)
    }

    /// Lets the observer record that the step is about to be sent. Returns the observer if it did.
    async fn mark(&self, step: &Step) -> Result<Option<&dyn RequestObserver>> {
        let observer = self.journal.observer.as_deref().filter(|_| step.effect >= Effect::SetsState);
        match observer.and_then(|observer| observer.mark_in_flight(step.effect)) {
            None => Ok(None),
            Some(mark) => mark.await.map(|()| observer).map_err(|error| step.not_sent(error)),
        }
    }

    fn request(
        &self,
        connection: &Connection,
        effect: Effect,
        out: &RequestBuilder,
        credentials: &SignedCredentials,
    ) -> Result<http::Request<Bytes>> {
        let base = credentials.base.url();
        let mut request =
            out.build(base, credentials.header.as_ref()).map_err(|error| self.name(connection, error))?;
        if let Some(call) = &self.call {
            request.extensions_mut().insert(SentFor {
                call: Arc::clone(call),
                effect,
                base_path: base.path().trim_end_matches('/').to_owned(),
                signs_in: !connection.authenticator.counts(),
                names: &connection.vocabulary.facts.names,
            });
        }
        Ok(request)
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.journal.lock()
    }

    fn name(&self, connection: &Connection, error: Error) -> Error {
        error.in_operation(connection.vocabulary.name, self.operation)
    }
}

/// Logs one event per attempt. No URL, because paths contain ids: the route has placeholders instead.
fn tell(
    step: &Step,
    out: &RequestBuilder,
    took: Duration,
    result: &Result<http::Response<Bytes>, TransportError>,
) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let (method, route) = out.route();
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (vendor, operation) = (step.vocabulary.name, step.operation.as_str());
    let (effect, attempt) = (step.effect.as_str(), step.attempts);
    match result {
        Ok(response) => {
            let status = response.status().as_u16();
            tracing::info!(vendor, operation, effect, attempt, %method, route, status, took_ms, "answered");
        }
        Err(error) => {
            tracing::info!(vendor, operation, effect, attempt, %method, route, fault = %error, took_ms, "not answered");
        }
    }
}
