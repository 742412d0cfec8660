//! The client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::store::{Finding, IdempotencyKey, Ledger, Resolution, Resolved, Scope};
use countersign_core::vendor::CheckAccess;
use countersign_core::{
    Access, AccessCodeChanged, ChangeAccessCode, Clock, CodeGrant, CreateView, Descriptor, Limits,
    ListRecipients, Operations, PendingSignIn, Provider, Recipients, ResendRecipient, Resent, Result,
    SigningView, SystemClock, Timestamp, Transport,
};
use countersign_http::HttpTransport;

use crate::budget::{Budget, BudgetReport};
use crate::calls::FinishSignIn;
use crate::layers::retry::RetryPolicy;
use crate::layers::{LateEndings, Shared, run};
use crate::ledger::MemoryLedger;
use crate::meters::Meters;
use crate::options::CallOptions;
use crate::with::ClientWith;

/// One account at one vendor. Cheap to clone; clones share connections, tokens, the rate budget and the ledger.
///
/// Failed calls are repeated if their error allows it ([`RetryPolicy`]), end at a deadline, and wait if the vendor
/// has reported that the account's allowance is used up ([`Budget`]). [`Client::with_key`] performs a call only
/// once, even if it is requested repeatedly. A call needs a tokio runtime with its timer; its future can be dropped
/// at any point.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("vendor", &self.descriptor().name)
            .field("account", &self.shared.name)
            .field("limits", &self.shared.limits)
            .field("retry", &self.shared.retry)
            .field("deadline", &self.shared.deadline)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// The default time limit of a call, including all repetitions.
    pub const DEADLINE: Duration = Duration::from_secs(60);

    /// A client over the network with the default limits.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self::builder(provider).build()
    }

    /// A client with a custom transport, clock, limits, deadline or other parts.
    #[must_use]
    pub fn builder(provider: Arc<dyn Provider>) -> ClientBuilder {
        ClientBuilder {
            provider,
            transport: None,
            clock: None,
            limits: Limits::default(),
            retry: RetryPolicy::default(),
            deadline: Self::DEADLINE,
            budget: Budget::default(),
            ledger: None,
            scope: None,
            name: None,
            tells_calls: false,
            #[cfg(feature = "cassettes")]
            recording: None,
            #[cfg(feature = "cassettes")]
            replays: false,
        }
    }

    /// A client that answers from a recording, without an account: for the vendor of the recording.
    ///
    /// # Errors
    /// `Config` if the vendor is not built in.
    #[cfg(feature = "cassettes")]
    pub fn replaying(replayer: &Arc<countersign_cassette::Replayer>) -> Result<Self> {
        Ok(Self::builder(crate::cassette::offline(&replayer.vendor())?)
            .clock(Arc::new(SystemClock))
            .replay(replayer)
            .build())
    }

    /// The vendor and what it supports.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.shared.provider.descriptor()
    }

    /// The account's name in the configuration.
    pub fn account(&self) -> Option<&str> {
        self.shared.name.as_deref()
    }

    /// Creates a signing link for one recipient.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientNotEmbedded`, `RecipientNotInTurn`, `RecipientLocked`,
    /// `RecipientDone`, `EnvelopeClosed`.
    pub async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        run(&self.shared, request, None).await
    }

    /// Resends the signing request. Each call sends a mail; it is never repeated after an unknown outcome.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `EnvelopeClosed`, `QuotaExceeded`.
    pub async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        run(&self.shared, request, None).await
    }

    /// Changes a recipient's access code.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `AccessCodeRefused`, `AccessCodeNotEnabled`.
    pub async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        run(&self.shared, request, None).await
    }

    /// Lists the recipients of an envelope and their status.
    ///
    /// # Errors
    /// Among others `EnvelopeNotFound`, `EnvelopeNotReady`, `PermissionDenied`.
    pub async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        run(&self.shared, request, None).await
    }

    /// Signs in with the cheapest call that needs the credentials, and returns the signed-in user.
    ///
    /// # Errors
    /// `Unauthenticated`, `ConsentRequired`, or the failure of the request.
    pub async fn check_access(&self) -> Result<Access> {
        run(&self.shared, &CheckAccess, None).await
    }

    /// A user's browser sign-in, if the account uses it: start it there, and pass the returned query to
    /// [`Client::finish_sign_in`].
    pub fn code_grant(&self) -> Option<&CodeGrant> {
        self.shared.provider.code_grant()
    }

    /// Completes a sign-in with the query that arrived at the redirect URI, and stores the tokens. Never retried,
    /// because a code works once.
    ///
    /// # Errors
    /// As [`CodeGrant::finish`]; `Unsupported` for an account without browser sign-in.
    pub async fn finish_sign_in(&self, pending: &PendingSignIn, query: &str) -> Result<()> {
        run(&self.shared, &FinishSignIn { pending, query }, None).await
    }

    /// This client with options for its calls.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> ClientWith {
        ClientWith::new(Arc::clone(&self.shared), options)
    }

    /// This client for calls that are performed once under a key, even if they are requested repeatedly.
    #[must_use]
    pub fn with_key(&self, key: IdempotencyKey) -> ClientWith {
        self.with(CallOptions::new().with_key(key))
    }

    /// Records what a person, named by `by`, found at the vendor after a call under a key had ended with an unknown
    /// outcome. Changes nothing while the call may still be running.
    ///
    /// # Errors
    /// Fails if the ledger cannot be written; the in-memory one never fails.
    pub async fn resolve(
        &self,
        key: &IdempotencyKey,
        found: Resolution,
        by: &str,
        note: &str,
    ) -> Result<Resolved> {
        self.shared.ledger.resolve(&Finding { scope: &self.shared.scope, key, found, by, note }).await
    }

    /// The current time, by the client's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// What is known of the account's rate budget. Sends nothing: until the first answer, nothing is known.
    pub fn budget(&self) -> BudgetReport {
        self.shared.budget.report()
    }
}

/// Builds a [`Client`].
#[derive(Debug)]
pub struct ClientBuilder {
    provider: Arc<dyn Provider>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
    limits: Limits,
    retry: RetryPolicy,
    deadline: Duration,
    budget: Budget,
    ledger: Option<Arc<dyn Ledger>>,
    scope: Option<Scope>,
    name: Option<Arc<str>>,
    tells_calls: bool,
    #[cfg(feature = "cassettes")]
    pub(crate) recording: Option<crate::cassette::Recording>,
    #[cfg(feature = "cassettes")]
    pub(crate) replays: bool,
}

impl ClientBuilder {
    /// Sends over this transport. Share one between the clients of a process, because it holds the connections.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Uses this clock. Pauses and deadlines use tokio's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Limits duration and size of each request.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets another retry policy than the default.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Ends a call, with all its repetitions, pauses and waits, after this time; by default [`Client::DEADLINE`].
    /// The error of such a call states whether it may have taken effect. [`Duration::MAX`] means no deadline.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Shares a rate budget with other clients of the same account, or bounds concurrency otherwise.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Writes calls under a key into this ledger; without it into one in memory, for this client and its clones.
    #[must_use]
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// The name space of this client's keys in the ledger, such as a tenant; by default
    /// [`Scope::of_account`] of the account's name.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Names the account in logs and metrics. The name is visible there, so use no secret and no address.
    #[must_use]
    pub fn account(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Attaches to each HTTP request what it is sent for ([`SentFor`](crate::transport::SentFor)), for transports
    /// that record, replay or count by operation. It costs a copy of the request per call.
    #[must_use]
    pub fn attach_call(mut self) -> Self {
        self.tells_calls = true;
        self
    }

    /// Records the exchanges with the vendor. Names, ids, dates and secrets are replaced before anything is stored;
    /// sign-in requests are not recorded.
    #[cfg(feature = "cassettes")]
    #[must_use]
    pub fn record(mut self, recording: &crate::cassette::Recording) -> Self {
        self.recording = Some(recording.clone());
        self.attach_call()
    }

    /// Answers from a recording instead of the network. Calls are repeated as usual but without pauses. The
    /// provider's credentials are not sent: token requests get a made-up answer. Accounts whose sign-in needs more
    /// (a browser, or the lookup of a host) are replayed with [`Client::replaying`].
    ///
    /// At the end, [`Replayer::finish`](countersign_cassette::Replayer::finish) reports whether the whole recording
    /// was used.
    #[cfg(feature = "cassettes")]
    #[must_use]
    pub fn replay(mut self, replayer: &Arc<countersign_cassette::Replayer>) -> Self {
        self.transport = Some(Arc::clone(replayer) as Arc<dyn Transport>);
        self.replays = true;
        self.attach_call()
    }

    /// Builds the client.
    #[must_use]
    pub fn build(self) -> Client {
        let meters = Meters::new(self.provider.descriptor().name, self.name.as_ref());
        let transport = self.transport.unwrap_or_else(|| Arc::new(HttpTransport::default()));
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        #[cfg(feature = "cassettes")]
        let transport = match self.recording {
            Some(recording) => {
                recording.around(self.provider.descriptor().name, transport, Arc::clone(&clock))
            }
            None => transport,
        };
        let retry = self.retry;
        #[cfg(feature = "cassettes")]
        let retry = if self.replays { retry.at_once() } else { retry };
        let shared = Shared {
            provider: self.provider,
            transport,
            clock,
            limits: self.limits,
            retry,
            deadline: self.deadline,
            budget: self.budget,
            ledger: self.ledger.unwrap_or_else(|| Arc::new(MemoryLedger::new())),
            scope: self.scope.unwrap_or_else(|| Scope::of_account(self.name.as_deref())),
            late: LateEndings::default(),
            name: self.name,
            meters,
            tells_calls: self.tells_calls,
        };
        Client { shared: Arc::new(shared) }
    }
}

#[async_trait]
impl Operations for Client {
    fn descriptor(&self) -> &'static Descriptor {
        Client::descriptor(self)
    }

    fn now(&self) -> Timestamp {
        Client::now(self)
    }

    async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        Client::create_view(self, request).await
    }

    async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        Client::resend_recipient(self, request).await
    }

    async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        Client::change_access_code(self, request).await
    }

    async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        Client::list_recipients(self, request).await
    }
}
