//! How requests are signed, and which vendor they go to.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::auth::{CredentialsPreview, SignedCredentials};
use crate::error::{Problem, Result, Vocabulary};
use crate::http::Context;
use crate::model::BaseUrl;

/// What to do after a 401 answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthRetry {
    /// Give up: the refusal is final.
    Never,
    /// Send the same request with the same credentials: the vendor sometimes refuses valid ones.
    Unchanged,
    /// Send the same request with other credentials, which the next call of `credentials` returns.
    Renewed,
}

/// Signs requests to a vendor.
#[async_trait]
pub trait Authenticator: Debug + Send + Sync + 'static {
    /// Returns valid credentials, after renewing expired ones.
    ///
    /// # Errors
    /// Fails if the credentials cannot be obtained.
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials>;

    /// Handles a 401 answer to these credentials: drops them if they are still in use and others can be obtained.
    /// Returns what to do now. Each kind of repetition happens at most once per request, and none after new
    /// credentials.
    async fn refused(&self, credentials: &SignedCredentials, problem: &Problem) -> AuthRetry;

    /// Whether requests signed by this authenticator count towards the account's limits at the vendor. Returns
    /// `false` for requests that obtain or check tokens: they go to another host, or are counted per application.
    fn counts(&self) -> bool {
        true
    }

    /// Returns what the next credentials will look like, to show a request without sending it. Sends nothing; the
    /// default implementation knows nothing.
    fn preview(&self) -> CredentialsPreview {
        CredentialsPreview::default()
    }
}

/// For requests that obtain credentials: without any, or with those of the application.
#[derive(Debug)]
pub struct Anonymous(pub(crate) SignedCredentials);

impl Anonymous {
    /// Requests to this base URL, without credentials.
    #[must_use]
    pub fn new(base: BaseUrl) -> Self {
        Self(SignedCredentials::anonymous(base))
    }
}

#[async_trait]
impl Authenticator for Anonymous {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(self.0.clone())
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }

    fn counts(&self) -> bool {
        false
    }
}

/// The destination of requests: a vendor, and how requests to it are signed.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The vendor's name, and how its errors are read.
    pub vocabulary: Vocabulary,
    /// How requests are signed.
    pub authenticator: Arc<dyn Authenticator>,
}

impl Connection {
    /// A connection to a vendor; the first part comes from
    /// [`Descriptor::vocabulary`](crate::Descriptor::vocabulary).
    #[must_use]
    pub fn new(vocabulary: Vocabulary, authenticator: Arc<dyn Authenticator>) -> Self {
        Self { vocabulary, authenticator }
    }
}
