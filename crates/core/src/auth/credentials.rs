//! What a request is signed with.

use std::sync::Arc;

use http::HeaderName;
use secrecy::SecretString;

use crate::model::BaseUrl;

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
