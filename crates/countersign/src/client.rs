//! What applications hold.

use std::fmt;
use std::sync::Arc;

use countersign_core::{
    Access, AccessCodeChanged, ChangeAccessCode, Clock, CodeGrant, Context, CreateView, Descriptor, Error,
    ErrorKind, Feature, Limits, ListRecipients, Operation, PendingSignIn, Provider, Recipients,
    ResendRecipient, Resent, Result, SigningView, SystemClock, Transport, check_features,
};
use countersign_http::HttpTransport;

/// One account at one vendor. Cheap to clone; clones share connections and tokens.
#[derive(Clone)]
pub struct Client {
    provider: Arc<dyn Provider>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("vendor", &self.descriptor().name)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client over the network with the usual limits.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self::builder(provider).build()
    }

    /// A client with a transport, clock or limits of the caller's.
    #[must_use]
    pub fn builder(provider: Arc<dyn Provider>) -> ClientBuilder {
        ClientBuilder { provider, transport: None, clock: None, limits: Limits::default() }
    }

    /// The vendor and what it can do.
    #[must_use]
    pub fn descriptor(&self) -> &'static Descriptor {
        self.provider.descriptor()
    }

    /// Makes a link under which one recipient signs.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientNotEmbedded`, `RecipientNotInTurn`, `RecipientLocked`,
    /// `RecipientDone`, `EnvelopeClosed`.
    pub async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        let cx = self.begin(Operation::CreateView, &request.features())?;
        self.provider.create_view(&cx, request).await.map_err(|error| self.name(error, &cx))
    }

    /// Sends the request to sign once more. A mail goes out each time; after an unknown outcome nothing repeats it.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `EnvelopeClosed`, `QuotaExceeded`.
    pub async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        let cx = self.begin(Operation::ResendRecipient, &request.features())?;
        self.provider.resend_recipient(&cx, request).await.map_err(|error| self.name(error, &cx))
    }

    /// Gives a recipient another access code.
    ///
    /// # Errors
    /// Among others `RecipientNotFound`, `RecipientDone`, `AccessCodeRefused`, `AccessCodeNotEnabled`.
    pub async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        let cx = self.begin(Operation::ChangeAccessCode, &request.features())?;
        self.provider.change_access_code(&cx, request).await.map_err(|error| self.name(error, &cx))
    }

    /// Tells who is on an envelope and how far they are.
    ///
    /// # Errors
    /// Among others `EnvelopeNotFound`, `EnvelopeNotReady`, `PermissionDenied`.
    pub async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        let cx = self.begin(Operation::ListRecipients, &[Feature::ListRecipients])?;
        self.provider.list_recipients(&cx, request).await.map_err(|error| self.name(error, &cx))
    }

    /// Signs in with the cheapest call that needs the credentials, and tells as whom.
    ///
    /// # Errors
    /// `Unauthenticated`, `ConsentRequired`, or what stands in the way of asking.
    pub async fn check_access(&self) -> Result<Access> {
        let cx = self.begin(Operation::SignIn, &[])?;
        self.provider.check_access(&cx).await.map_err(|error| self.name(error, &cx))
    }

    /// The sign-in of a person in a browser, where the account is configured so: begin it there, and hand what comes
    /// back to [`Client::finish_sign_in`].
    #[must_use]
    pub fn code_grant(&self) -> Option<&CodeGrant> {
        self.provider.code_grant()
    }

    /// Ends a sign-in with the query that came to the redirect URI, and stores the tokens.
    ///
    /// # Errors
    /// As [`CodeGrant::finish`]; `Unsupported` for an account that nobody signs in to with a browser.
    pub async fn finish_sign_in(&self, pending: &PendingSignIn, query: &str) -> Result<()> {
        let cx = self.begin(Operation::SignIn, &[])?;
        let Some(grant) = self.code_grant() else {
            let error = Error::new(ErrorKind::Unsupported, "nobody signs in to this account with a browser");
            return Err(self.name(error, &cx));
        };
        grant.finish(&cx, pending, query).await.map_err(|error| self.name(error, &cx))
    }

    /// Refuses what cannot be said to this vendor, before anything is sent; else makes the call's context.
    fn begin(&self, operation: Operation, features: &[Feature]) -> Result<Context> {
        let descriptor = self.descriptor();
        check_features(descriptor.capabilities, features)
            .map_err(|error| error.in_operation(descriptor.name, operation))?;
        let context = Context::new(operation, Arc::clone(&self.transport), Arc::clone(&self.clock));
        Ok(context.with_limits(self.limits))
    }

    fn name(&self, error: countersign_core::Error, cx: &Context) -> countersign_core::Error {
        error.in_operation(self.descriptor().name, cx.operation())
    }
}

/// Makes a [`Client`].
#[derive(Debug)]
pub struct ClientBuilder {
    provider: Arc<dyn Provider>,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    limits: Limits,
}

impl ClientBuilder {
    /// Sends over this transport. Share one between the clients of a process: it holds the connections.
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes the time from this clock.
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

    /// The client.
    #[must_use]
    pub fn build(self) -> Client {
        Client {
            provider: self.provider,
            transport: self.transport.unwrap_or_else(|| Arc::new(HttpTransport::default())),
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            limits: self.limits,
        }
    }
}
