//! The credentials that sign a request.

use std::sync::Arc;

use http::HeaderName;
use secrecy::SecretString;

use crate::model::BaseUrl;

/// Credentials for one request, and where to send it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedCredentials {
    /// The base URL of the vendor's API.
    pub base: BaseUrl,
    /// The header that carries the credentials; `None` for requests that carry them in the body.
    pub header: Option<(HeaderName, Arc<SecretString>)>,
    /// The generation of renewable credentials, so that refused ones are dropped only if they are still in use.
    pub generation: u64,
}

impl SignedCredentials {
    /// A request to this base URL without credentials.
    #[must_use]
    pub fn anonymous(base: BaseUrl) -> Self {
        Self { base, header: None, generation: 0 }
    }

    /// Credentials in a header. Keep credentials for many requests in an `Arc`, because a copied token is wiped
    /// byte by byte when it is dropped.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<Arc<SecretString>>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// Sets the generation of renewable credentials.
    #[must_use]
    pub fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }
}

/// What is known about the next credentials without sending a request.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CredentialsPreview {
    /// The base URL of the vendor's API; `None` if it is known only after sign-in.
    pub base: Option<BaseUrl>,
    /// The header that carries the credentials, and the text before them, such as `Bearer `.
    pub header: Option<(HeaderName, &'static str)>,
}

impl CredentialsPreview {
    /// Requests with credentials in this header, after this text.
    #[must_use]
    pub fn new(base: Option<BaseUrl>, header: HeaderName, scheme: &'static str) -> Self {
        Self { base, header: Some((header, scheme)) }
    }
}
