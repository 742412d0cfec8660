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
use crate::ledger::{CallOptions, MemoryLedger};
use crate::meters::Meters;

/// One account at one vendor. Cheap to clone; clones share connections, tokens, the rate budget and the ledger.
///
/// Failed calls are repeated if their error allows it ([`RetryPolicy`]), end at a deadline, and wait if the vendor
/// has reported that the account's allowance is used up ([`Budget`]). [`Client::with_key`] performs a call only
/// once, even if it is requested repeatedly. A call needs a tokio runtime with its timer; its future can be dropped
/// at any point.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    options: CallOptions,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("vendor", &self.descriptor().name)
            .field("account", &self.shared.name)
            .field("limits", &self.shared.limits)
            .field("retry", &self.shared.retry)
            .field("deadline", &self.shared.deadline)
            .field("options", &self.options)
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
        let meters = Meters::new(provider.descriptor().name, None);
        let shared = Shared {
            provider,
            transport: Arc::new(HttpTransport::default()),
            clock: Arc::new(SystemClock),
            limits: Limits::default(),
            retry: RetryPolicy::default(),
            deadline: Self::DEADLINE,
            budget: Budget::default(),
            ledger: Arc::new(MemoryLedger::new()),
            scope: Scope::of_account(None),
            late: LateEndings::default(),
            name: None,
            meters,
            tells_calls: false,
        };
        ClientBuilder {
            shared,
            scope: None,
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
        Ok(Self::builder(crate::cassette::offline(&replayer.vendor())?).replay(replayer).build())
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
        run(&self.shared, request, &self.options).await
    }

    /// Resends the signing request. Each call sends a mail; it is never repeated after an unknown outcome.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `EnvelopeClosed`, `QuotaExceeded`.
    pub async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        run(&self.shared, request, &self.options).await
    }

    /// Changes a recipient's access code.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `AccessCodeRefused`, `AccessCodeNotEnabled`.
    pub async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        run(&self.shared, request, &self.options).await
    }

    /// Lists the recipients of an envelope and their status.
    ///
    /// # Errors
    /// Among others `EnvelopeNotFound`, `EnvelopeNotReady`, `PermissionDenied`.
    pub async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        run(&self.shared, request, &self.options).await
    }

    /// Signs in with the cheapest call that needs the credentials, and returns the signed-in user.
    ///
    /// # Errors
    /// `Unauthenticated`, `ConsentRequired`, or the failure of the request.
    pub async fn check_access(&self) -> Result<Access> {
        run(&self.shared, &CheckAccess, &self.options).await
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
        run(&self.shared, &FinishSignIn { pending, query }, &self.options).await
    }

    /// This client with these options for its calls. What they leave open stays as it is in this client, so that no
    /// key gets lost.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        let earlier = self.options.clone();
        let options = CallOptions {
            key: options.key.or(earlier.key),
            deadline: options.deadline.or(earlier.deadline),
            wait_for_running: options.wait_for_running.or(earlier.wait_for_running),
        };
        Self { shared: Arc::clone(&self.shared), options }
    }

    /// This client for a call that is performed once under a key, even if it is requested repeatedly:
    ///
    /// - The same key and the same request return the recorded reply, without a call; a recorded link may already have
    ///   been used. While the first call is running, the others wait for it.
    /// - A different request under the same key is rejected as `InvalidRequest`. Keys belong to the account's
    ///   [`Scope`](crate::ledger::Scope): the same key for another account is another key.
    /// - A call that failed without effect, or was refused, frees the key. So does a call that may have created a link,
    ///   because one more link is harmless.
    /// - If a call may only have changed an access code, the same request is performed again.
    /// - A call that may have sent a message is not repeated: its error is returned, marked as not retryable, until
    ///   [`Client::resolve`] records what really happened.
    ///
    /// Calls that only read need no key and do not use it. The [`Ledger`](crate::ledger::Ledger) decides how long
    /// replies are kept; signing links are never kept longer than they work.
    #[must_use]
    pub fn with_key(&self, key: IdempotencyKey) -> Self {
        self.with(CallOptions { key: Some(key), ..CallOptions::default() })
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
    shared: Shared,
    scope: Option<Scope>,
    #[cfg(feature = "cassettes")]
    recording: Option<crate::cassette::Recording>,
    #[cfg(feature = "cassettes")]
    replays: bool,
}

impl ClientBuilder {
    /// Sends over this transport. Share one between the clients of a process, because it holds the connections.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.shared.transport = transport;
        self
    }

    /// Uses this clock. Pauses and deadlines use tokio's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.shared.clock = clock;
        self
    }

    /// Limits duration and size of each request.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.shared.limits = limits;
        self
    }

    /// Sets another retry policy than the default.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.shared.retry = policy;
        self
    }

    /// Ends a call, with all its repetitions, pauses and waits, after this time; by default [`Client::DEADLINE`].
    /// The error of such a call states whether it may have taken effect. [`Duration::MAX`] means no deadline.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.shared.deadline = deadline;
        self
    }

    /// Shares a rate budget with other clients of the same account, or bounds concurrency otherwise.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.shared.budget = budget;
        self
    }

    /// Writes calls under a key into this ledger; without it into one in memory, for this client and its clones.
    #[must_use]
    pub fn ledger(mut self, ledger: Arc<dyn Ledger>) -> Self {
        self.shared.ledger = ledger;
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
        self.shared.name = Some(name.into());
        self
    }

    /// Attaches to each HTTP request what it is sent for ([`SentFor`](crate::transport::SentFor)), for transports
    /// that record, replay or count by operation. It costs a copy of the request per call.
    #[must_use]
    pub fn attach_call(mut self) -> Self {
        self.shared.tells_calls = true;
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
        self.shared.transport = Arc::clone(replayer) as Arc<dyn Transport>;
        self.replays = true;
        self.attach_call()
    }

    /// Builds the client.
    #[must_use]
    pub fn build(self) -> Client {
        let mut shared = self.shared;
        let vendor = shared.provider.descriptor().name;
        shared.meters = Meters::new(vendor, shared.name.as_ref());
        shared.scope = self.scope.unwrap_or_else(|| Scope::of_account(shared.name.as_deref()));
        #[cfg(feature = "cassettes")]
        {
            shared.retry.at_once |= self.replays;
            if let Some(recording) = self.recording {
                shared.transport = recording.around(vendor, shared.transport, Arc::clone(&shared.clock));
            }
        }
        Client { shared: Arc::new(shared), options: CallOptions::default() }
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
