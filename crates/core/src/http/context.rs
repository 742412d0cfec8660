//! The one door to the network: signs, sends, renews a token once, classifies, and keeps account of what may have
//! happened. An adapter has no other way out, so no adapter can forget any of it.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use bytes::Bytes;

use crate::auth::{AuthRetry, Connection, SignedCredentials};
use crate::error::{Error, ErrorKind, Excerpt, Outcome, Result, Retry};
use crate::http::{
    DryRun, Journal, Limits, Permit, Progress, Reached, RequestBuilder, RequestObserver, Step, Transport,
    TransportError, VendorResponse, answered_at, retry_after,
};
use crate::model::{Call, Clock, Effect, Operation, Recipients, SentFor, Timestamp};

/// What is needed for one call. Made per call by the client; an adapter keeps nothing of it.
///
/// A call that is repeated keeps its context, so that what an earlier round may have done is not forgotten.
#[derive(Debug)]
pub struct Context {
    operation: Operation,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    journal: Arc<Journal>,
    /// The journal of the call for which credentials are renewed here.
    asked_by: Option<Arc<Journal>>,
    /// What was asked for, for transports that want to know.
    call: Option<Arc<Call>>,
    dry_run: Option<Arc<DryRun>>,
}

impl Context {
    /// For one call of one operation.
    #[must_use]
    pub fn new(operation: Operation, transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        let limits = Limits::default();
        Self {
            operation,
            transport,
            clock,
            limits,
            journal: Arc::default(),
            asked_by: None,
            call: None,
            dry_run: None,
        }
    }

    /// A context for renewing credentials that many calls share: it outlives this call, keeps account of nothing but
    /// the renewal, and is not bound by the time that this call has left.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self {
            operation: self.operation,
            transport: Arc::clone(&self.transport),
            clock: Arc::clone(&self.clock),
            limits: self.limits,
            journal: Arc::default(),
            asked_by: Some(Arc::clone(&self.journal)),
            call: self.call.clone(),
            dry_run: None,
        }
    }

    /// With other limits than the usual ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With the request of the caller's, which then travels with each HTTP request ([`SentFor`]) for transports that
    /// write down or play back.
    #[must_use]
    pub fn with_call(mut self, call: Arc<Call>) -> Self {
        self.call = Some(call);
        self
    }

    /// Attaches an observer that admits requests and is notified of results. For a context that was just made.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn RequestObserver>) -> Self {
        match Arc::get_mut(&mut self.journal) {
            Some(journal) => journal.observer = Some(observer),
            None => self.journal = Arc::new(Journal::new(observer)),
        }
        self
    }

    /// Makes this a dry run: what the call reads is read, what would change or mail anything is noted and not sent.
    #[must_use]
    pub fn with_dry_run(mut self, dry_run: Arc<DryRun>) -> Self {
        self.dry_run = Some(dry_run);
        self
    }

    /// The recipients that the caller of a dry run has given: an adapter takes them in place of reading.
    #[must_use]
    pub fn preset_recipients(&self) -> Option<&Recipients> {
        self.dry_run.as_ref()?.given()
    }

    /// Records in a dry run whom the adapter has read. For any other call this does nothing.
    pub fn record_recipients(&self, list: &Recipients) {
        if let Some(dry_run) = &self.dry_run {
            dry_run.record_recipients(list);
        }
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

    /// Waits so long, by the call's clock.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// The strongest effect that this call may have had so far, `None` while it has only read.
    ///
    /// A step counts from before its request is given to the transport, so this is true also when the future of the
    /// call was dropped on the way. A step that the vendor refused does not count.
    #[must_use]
    pub fn possible_effect(&self) -> Option<Effect> {
        self.lock().possible_effect()
    }

    /// Requests of the present step, and of the steps that failed in earlier rounds.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        let progress = self.lock();
        progress.spent.saturating_add(progress.attempts)
    }

    /// Says that the whole call begins once more, after a round that failed.
    pub fn restart(&self) {
        let mut progress = self.lock();
        progress.spent = progress.spent.saturating_add(progress.attempts);
        progress.begin();
        drop(progress);
        if let Some(dry_run) = &self.dry_run {
            dry_run.restart();
        }
    }

    /// Sends one step and returns the vendor's answer, if it is a success.
    ///
    /// In this order: credentials, leave within the account's limits, sending. A 401 with credentials that can be
    /// renewed is tried once more with new ones, and before that once with the same, where the vendor refuses good ones
    /// now and then: a refused call had no effect.
    ///
    /// # Errors
    /// The vendor's refusal, classified; or what happened on the way. Outcome and retry are those of the whole call
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
                step.secrets = out.take_secrets();
                step.credentials = credentials.header.take().map(|(_, secret)| secret);
                self.lock().last = Some(effect);
                return Ok(VendorResponse::new(step, head, body));
            }
            let mut problem = (connection.vocabulary.read_problem)(status, &head.headers, &body);
            if status == 401 && !renewed {
                let again = connection.authenticator.refused(&credentials, &problem).await;
                renewed = again == AuthRetry::Renewed;
                if renewed || (again == AuthRetry::Unchanged && !repeated) {
                    repeated = true;
                    continue;
                }
            }
            step.secrets = out.take_secrets();
            step.credentials = credentials.header.take().map(|(_, secret)| secret);
            let wait = retry_after(&head.headers, self.now());
            problem.status = status;
            problem.answered_at = answered_at(&head.headers);
            problem.body = Excerpt::of(&body, &step.all_secrets());
            return Err(step.refusal(problem, wait));
        }
    }

    /// Credentials; the observer is notified of requests that were made to get them.
    async fn credentials(&self, connection: &Connection) -> Result<SignedCredentials> {
        let (requests, attempts) = {
            let progress = self.lock();
            (progress.requests, progress.attempts)
        };
        let credentials = match &self.dry_run {
            None => connection.authenticator.credentials(self).await,
            // What is sent to get credentials belongs to reading and is really sent.
            Some(dry_run) => {
                let credentials = connection.authenticator.credentials(&self.in_earnest()).await;
                credentials.inspect(|credentials| dry_run.granted(credentials))
            }
        };
        let mut progress = self.lock();
        let sent = progress.requests != requests;
        if credentials.is_ok() {
            // A failed sign-in leaves the count of its own requests, as its error does.
            progress.attempts = attempts;
        }
        drop(progress);
        if let (true, Some(observer)) = (sent, &self.journal.observer) {
            observer.credentials_renewed(credentials.is_ok());
        }
        credentials.map_err(|error| self.weigh(self.name(connection, error)))
    }

    /// This very call, but not as a dry run.
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

    /// Credentials are renewed for many calls; what this one has done before is its own affair.
    fn weigh(&self, error: Error) -> Error {
        match self.lock().earlier {
            None => error,
            Some(Effect::Notifies) => error.with_outcome(Outcome::Unknown, Retry::Never),
            Some(_) => {
                let retry = error.retry();
                error.with_outcome(Outcome::Unknown, retry)
            }
        }
    }

    /// Sends, once the account's limits allow it. The outer error is for a request that was held back, or that
    /// cannot be put together.
    async fn send(
        &self,
        connection: &Connection,
        step: &mut Step,
        out: &RequestBuilder,
        credentials: &SignedCredentials,
    ) -> Result<Result<http::Response<Bytes>, TransportError>> {
        let observer = self.journal.observer.as_deref();
        let counted = observer.filter(|_| connection.authenticator.counts());
        let permit = match Permit::ask(counted).await {
            Ok(permit) => permit,
            Err(wait) => {
                let message = "the vendor has said that nothing is left of the account's allowance";
                return Err(step.error(ErrorKind::RateLimited, message, Reached::NotSent, Some(wait)));
            }
        };
        let mut limits = self.limits;
        if let Some(left) = observer.and_then(RequestObserver::time_left) {
            limits.timeout = limits.timeout.min(left);
        }
        // Made within a block, or this future would keep the room for a request while it waits.
        let sending = {
            let request = self.request(connection, step.effect, out, credentials)?;
            step.attempts = self.lock().send(step.effect);
            if let Some(call) = &self.asked_by {
                call.lock().requests += 1;
            }
            self.transport.send(request, &limits)
        };
        let result = sending.await;
        self.lock().landed();
        drop(permit);
        if let (Some(observer), Ok(response)) = (counted, &result) {
            observer.answered(response.headers(), self.now());
        }
        tell(step, &result);
        Ok(result)
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

/// One event per attempt. No URL, since paths hold ids.
fn tell(step: &Step, result: &Result<http::Response<Bytes>, TransportError>) {
    let (vendor, operation) = (step.vocabulary.name, step.operation.as_str());
    let (effect, attempt) = (step.effect.as_str(), step.attempts);
    match result {
        Ok(response) => {
            let status = response.status().as_u16();
            tracing::info!(vendor, operation, effect, attempt, status, "answered");
        }
        Err(error) => {
            tracing::info!(vendor, operation, effect, attempt, fault = %error, "not answered");
        }
    }
}
