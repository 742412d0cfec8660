//! What applications hold.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::{
    Access, AccessCodeChanged, ChangeAccessCode, Clock, CodeGrant, CreateView, Descriptor, Limits,
    ListRecipients, PendingSignIn, Provider, Recipients, ResendRecipient, Resent, Result, SigningView,
    SystemClock, Timestamp, Transport,
};
use countersign_http::HttpTransport;

use crate::budget::{Budget, BudgetReport};
use crate::calls::{CheckAccess, FinishSignIn};
use crate::layers::retry::RetryPolicy;
use crate::layers::{Shared, run, run_keyed};
use crate::ledger::{IdempotencyKey, Ledger, MemoryLedger, Resolution};
use crate::meters::Meters;

/// One account at one vendor. Cheap to clone; clones share connections, tokens, the rate budget and the ledger.
///
/// Calls are repeated where their failure allows it ([`RetryPolicy`]), end at a deadline, and wait when the vendor
/// has said that nothing is left of the account's allowance ([`Budget`]). [`Client::with_key`] makes a call once,
/// however often it is asked for. A call needs a tokio runtime with its timer; dropping its future at any point is
/// safe.
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
    /// The time of a call with all its repetitions, unless told otherwise.
    pub const DEADLINE: Duration = Duration::from_secs(60);

    /// A client over the network with the usual limits.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self::builder(provider).build()
    }

    /// A client with a transport, clock, limits, deadline or other parts of the caller's.
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
            name: None,
            tells_calls: false,
            #[cfg(feature = "cassettes")]
            recording: None,
            #[cfg(feature = "cassettes")]
            replays: false,
        }
    }

    /// A client that answers from a recording, without any account: for the vendor that the recording names.
    ///
    /// # Errors
    /// `Config` when the vendor is not built in.
    #[cfg(feature = "cassettes")]
    pub fn replaying(replayer: &Arc<countersign_cassette::Replayer>) -> Result<Self> {
        Ok(Self::builder(crate::cassettes::offline(&replayer.vendor())?)
            .clock(Arc::new(SystemClock))
            .replay(replayer)
            .build())
    }

    /// The vendor and what it can do.
    #[must_use]
    pub fn descriptor(&self) -> &'static Descriptor {
        self.shared.provider.descriptor()
    }

    /// The account's name, as the configuration has it.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.shared.name.as_deref()
    }

    /// Makes a link under which one recipient signs.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientNotEmbedded`, `RecipientNotInTurn`, `RecipientLocked`,
    /// `RecipientDone`, `EnvelopeClosed`.
    pub async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        run(&self.shared, request).await
    }

    /// Sends the request to sign once more. A mail goes out each time; after an unknown outcome nothing repeats it.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `EnvelopeClosed`, `QuotaExceeded`.
    pub async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        run(&self.shared, request).await
    }

    /// Gives a recipient another access code.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `AccessCodeRefused`, `AccessCodeNotEnabled`.
    pub async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        run(&self.shared, request).await
    }

    /// Tells who is on an envelope and how far they are.
    ///
    /// # Errors
    /// Among others `EnvelopeNotFound`, `EnvelopeNotReady`, `PermissionDenied`.
    pub async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        run(&self.shared, request).await
    }

    /// Signs in with the cheapest call that needs the credentials, and tells as whom.
    ///
    /// # Errors
    /// `Unauthenticated`, `ConsentRequired`, or what stands in the way of asking.
    pub async fn check_access(&self) -> Result<Access> {
        run(&self.shared, &CheckAccess).await
    }

    /// The sign-in of a person in a browser, where the account is configured so: begin it there, and hand what comes
    /// back to [`Client::finish_sign_in`].
    #[must_use]
    pub fn code_grant(&self) -> Option<&CodeGrant> {
        self.shared.provider.code_grant()
    }

    /// Ends a sign-in with the query that came to the redirect URI, and stores the tokens. Tried once: a code works
    /// once.
    ///
    /// # Errors
    /// As [`CodeGrant::finish`]; `Unsupported` for an account that nobody signs in to with a browser.
    pub async fn finish_sign_in(&self, pending: &PendingSignIn, query: &str) -> Result<()> {
        run(&self.shared, &FinishSignIn { pending, query }).await
    }

    /// This client for calls that are made once under a key, however often they are asked for.
    #[must_use]
    pub fn with_key(&self, key: IdempotencyKey) -> Keyed {
        Keyed { client: self.clone(), key }
    }

    /// Says what somebody found who looked at the vendor after a call under a key had ended with an unknown outcome.
    /// Answers whether there was such a call.
    ///
    /// # Errors
    /// What stands in the way of writing it into the ledger; the one in memory never fails.
    pub async fn resolve(&self, key: &IdempotencyKey, resolution: Resolution) -> Result<bool> {
        self.shared.ledger.resolve(key, resolution, self.shared.clock.now()).await
    }

    /// The present, by the client's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// What is known of the account's rate budget now. Asks nobody: until the first answer, nothing is known.
    #[must_use]
    pub fn budget(&self) -> BudgetReport {
        self.shared.budget.report()
    }
}

/// A client whose calls are made under one idempotency key. Made by [`Client::with_key`]; reading needs no key.
///
/// - The same key and the same request: the recorded reply, without a call. While the first call is under way, the
///   others wait for it.
/// - Another request under the same key, or the same to another account: refused as `InvalidRequest`.
/// - A call that failed without effect, or was refused, frees the key.
/// - A call with an unknown outcome is not made again: its error comes back, never to be retried, until
///   [`Client::resolve`] says what really happened.
///
/// How long replies are kept is the [`Ledger`]'s business; signing links never longer than they work.
#[derive(Debug, Clone)]
pub struct Keyed {
    client: Client,
    key: IdempotencyKey,
}

impl Keyed {
    /// As [`Client::create_view`], once. A recorded link may have been used by then.
    ///
    /// # Errors
    /// As there, and as said of keys above.
    pub async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        run_keyed(&self.client.shared, request, &self.key).await
    }

    /// As [`Client::resend_recipient`], once.
    ///
    /// # Errors
    /// As there, and as said of keys above.
    pub async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        run_keyed(&self.client.shared, request, &self.key).await
    }

    /// As [`Client::change_access_code`], once.
    ///
    /// # Errors
    /// As there, and as said of keys above.
    pub async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        run_keyed(&self.client.shared, request, &self.key).await
    }
}

/// Makes a [`Client`].
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
    name: Option<Arc<str>>,
    tells_calls: bool,
    #[cfg(feature = "cassettes")]
    pub(crate) recording: Option<crate::cassettes::Recording>,
    #[cfg(feature = "cassettes")]
    pub(crate) replays: bool,
}

impl ClientBuilder {
    /// Sends over this transport. Share one between the clients of a process: it holds the connections.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes the time from this clock. Pauses and deadlines run on tokio's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Limits time and size of each request.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Repeats calls in another way than the usual one.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Ends a call, with all its repetitions, pauses and waits, after this time; [`Client::DEADLINE`] unless told
    /// otherwise. A call that is cut says truthfully whether it may have happened. [`Duration::MAX`] is no deadline.
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

    /// Names the account in logs and metrics. It is shown there, so give no secret and no address.
    #[must_use]
    pub fn account(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lets each HTTP request carry along what it is sent for ([`SentFor`](crate::SentFor)), for transports that write
    /// down, play back or count by operation. It costs a copy of the request per call.
    #[must_use]
    pub fn attach_call(mut self) -> Self {
        self.tells_calls = true;
        self
    }

    /// Records what is said to the vendor. People, ids, dates and secrets are replaced before anything is kept; signing in
    /// is left out.
    #[cfg(feature = "cassettes")]
    #[must_use]
    pub fn record(mut self, recording: &crate::cassettes::Recording) -> Self {
        self.recording = Some(recording.clone());
        self.attach_call()
    }

    /// Answers from a recording in place of the network. Calls are repeated as usual but without pauses. The provider's
    /// credentials go nowhere: requests for tokens are answered with a made-up one; accounts that need more of a sign-in
    /// (a person's, or the look-up of a host) are replayed with [`Client::replaying`].
    ///
    /// At the end, [`Replayer::finish`](countersign_cassette::Replayer::finish) tells whether all of the recording was used.
    #[cfg(feature = "cassettes")]
    #[must_use]
    pub fn replay(mut self, replayer: &Arc<countersign_cassette::Replayer>) -> Self {
        self.transport = Some(Arc::clone(replayer) as Arc<dyn Transport>);
        self.replays = true;
        self.attach_call()
    }

    /// The client.
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
            name: self.name,
            meters,
            tells_calls: self.tells_calls,
        };
        Client { shared: Arc::new(shared) }
    }
}
