//! How requests are signed, and to whom they go.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use http::HeaderName;
use secrecy::SecretString;

use crate::error::Result;
use crate::http::Context;
use crate::model::BaseUrl;
use crate::vendor::Descriptor;

/// Credentials for one request, and where to send it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedCredentials {
    /// Where the vendor's API begins.
    pub base: BaseUrl,
    /// The header that carries the credentials; `None` for requests that carry them in the body.
    pub header: Option<(HeaderName, Arc<SecretString>)>,
    /// Which issue of a renewable credential this is, so that a refused one is dropped only if it is still in use.
    pub generation: u64,
}

impl SignedCredentials {
    /// A request to this base URL without credentials.
    #[must_use]
    pub fn anonymous(base: BaseUrl) -> Self {
        Self { base, header: None, generation: 0 }
    }

    /// Credentials that go into a header. Those that are kept for many requests are best kept in an `Arc`: a copy of
    /// a token is wiped byte by byte when it is dropped.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<Arc<SecretString>>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// Says which issue of a renewable credential this is.
    #[must_use]
    pub fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }
}

/// What credentials will look like, as far as that is known without asking anybody.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CredentialsPreview {
    /// Where the vendor's API begins; `None` where only a sign-in tells.
    pub base: Option<BaseUrl>,
    /// The header that carries the credentials, and what stands in it before them, such as `Bearer `.
    pub header: Option<(HeaderName, &'static str)>,
}

impl CredentialsPreview {
    /// Requests with credentials in this header, behind these words.
    #[must_use]
    pub fn new(base: Option<BaseUrl>, header: HeaderName, scheme: &'static str) -> Self {
        Self { base, header: Some((header, scheme)) }
    }
}

/// How requests to a vendor are signed.
#[async_trait]
pub trait Authenticator: Debug + Send + Sync + 'static {
    /// Credentials that are good now; gets new ones where the old ones have run out.
    ///
    /// # Errors
    /// Whatever stands in the way of getting them.
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials>;

    /// The vendor has refused these credentials with 401: drops them if they are still in use. Answers whether
    /// others can be had, so that one more try makes sense.
    async fn refused(&self, credentials: &SignedCredentials) -> bool;

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

    async fn refused(&self, _credentials: &SignedCredentials) -> bool {
        false
    }

    fn counts(&self) -> bool {
        false
    }
}

/// To whom requests go: a vendor, and how they are signed.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The vendor.
    pub descriptor: &'static Descriptor,
    /// How requests are signed.
    pub authenticator: Arc<dyn Authenticator>,
}

impl Connection {
    /// A link to a vendor.
    #[must_use]
    pub fn new(descriptor: &'static Descriptor, authenticator: Arc<dyn Authenticator>) -> Self {
        Self { descriptor, authenticator }
    }
}
