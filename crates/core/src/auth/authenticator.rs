//! How requests are signed, and to whom they go.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::auth::{CredentialsPreview, SignedCredentials};
use crate::error::{Problem, Result, Vocabulary};
use crate::http::Context;
use crate::model::BaseUrl;

/// What makes sense after a refusal with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthRetry {
    /// Nothing: the refusal stands.
    Never,
    /// The same request with the same credentials: the vendor refuses good ones like this now and then.
    Unchanged,
    /// The same request with other credentials, which are there when they are asked for next.
    Renewed,
}

/// How requests to a vendor are signed.
#[async_trait]
pub trait Authenticator: Debug + Send + Sync + 'static {
    /// Credentials that are good now; gets new ones where the old ones have run out.
    ///
    /// # Errors
    /// Whatever stands in the way of getting them.
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials>;

    /// The vendor has refused these credentials with 401: drops them if they are still in use and others can be had.
    /// Answers what makes sense now. Each kind of repetition is made at most once per request, and none after new
    /// credentials.
    async fn refused(&self, credentials: &SignedCredentials, problem: &Problem) -> AuthRetry;

    /// Whether requests signed so count towards the account's limits at the vendor. Those that get or check tokens
    /// say no: they go to another host, or are counted per application.
    fn counts(&self) -> bool {
        true
    }

    /// What the next grant will look like, for showing a request that is not sent. Asks nobody; without an
    /// implementation nothing is known.
    fn preview(&self) -> CredentialsPreview {
        CredentialsPreview::default()
    }
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
impl Authenticator for Anonymous {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(self.base.clone()))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }

    fn counts(&self) -> bool {
        false
    }
}

/// To whom requests go: a vendor, and how they are signed.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The vendor's name, and how its refusals are read.
    pub vocabulary: Vocabulary,
    /// How requests are signed.
    pub authenticator: Arc<dyn Authenticator>,
}

impl Connection {
    /// A connection to a vendor; [`Descriptor::vocabulary`](crate::Descriptor::vocabulary) has the first part.
    #[must_use]
    pub fn new(vocabulary: Vocabulary, authenticator: Arc<dyn Authenticator>) -> Self {
        Self { vocabulary, authenticator }
    }
}
