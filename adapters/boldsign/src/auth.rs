//! How a request is signed: with the account's API key in a header.

use async_trait::async_trait;
use countersign_core::{Authorise, BaseUrl, Context, Grant, Result, SecretString};
use http::HeaderName;

/// The header that carries the key (BoldSign's OpenAPI document, security scheme `X-API-KEY`).
const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Signs with an API key. The key decides account and environment (live or sandbox); the host decides the region.
#[derive(Debug)]
pub(crate) struct ApiKey {
    base: BaseUrl,
    key: SecretString,
}

impl ApiKey {
    pub(crate) fn new(base: BaseUrl, key: SecretString) -> Self {
        Self { base, key }
    }
}

#[async_trait]
impl Authorise for ApiKey {
    async fn grant(&self, _cx: &Context) -> Result<Grant> {
        Ok(Grant::anonymous(self.base.clone()).with_header(HEADER, self.key.clone()))
    }

    /// A key cannot be renewed.
    async fn refused(&self, _grant: &Grant) -> bool {
        false
    }
}
