//! How a request is signed: with the account's API key.

use std::fmt;

use async_trait::async_trait;
use countersign_core::{
    AuthRetry, Authenticator, BaseUrl, Context, CredentialsPreview, Error, ErrorKind, ExposeSecret, Problem,
    Result, SecretString, SignedCredentials,
};
use http::header::AUTHORIZATION;

/// What stands in the header before the key.
const SCHEME: &str = "Bearer ";

/// Signs requests with a key that is never renewed.
pub(crate) struct ApiKey {
    base: BaseUrl,
    header: SecretString,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}

impl ApiKey {
    pub(crate) fn new(base: BaseUrl, key: &SecretString) -> Result<Self> {
        if key.expose_secret().trim().is_empty() {
            return Err(Error::new(ErrorKind::Config, "the API key is empty"));
        }
        if !base.is_https() && !base.is_loopback() {
            let message = "the base URL would carry the key over an open line";
            return Err(Error::new(ErrorKind::Config, message).with_hint("give an https URL"));
        }
        let header = SecretString::from(format!("{SCHEME}{}", key.expose_secret()));
        Ok(Self { base, header })
    }
}

#[async_trait]
impl Authenticator for ApiKey {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(self.base.clone()).with_header(AUTHORIZATION, self.header.clone()))
    }

    /// A key cannot be renewed.
    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }

    fn preview(&self) -> CredentialsPreview {
        CredentialsPreview::new(Some(self.base.clone()), AUTHORIZATION, SCHEME)
    }
}
