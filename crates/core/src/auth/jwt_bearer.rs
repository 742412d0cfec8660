//! The JWT bearer grant (RFC 7523, 2.1): an application signs a statement that it acts for a user, without a browser.

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::auth::{TokenEndpoint, TokenSource};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Context;
use crate::model::Timestamp;
use crate::redact::hidden;

/// Seconds that `iat` lies in the past, because vendors refuse an assertion from a clock that runs fast.
const BACKDATED: i64 = 30;

/// Seconds for which an assertion is valid. Vendors allow one hour at most.
const LIFE: i64 = 600;

/// An RSA private key that was tested by signing once. `Debug` hides it.
#[derive(Clone)]
pub struct RsaKey(EncodingKey);

hidden!(RsaKey);

impl RsaKey {
    /// The expected form of a key.
    pub const EXPECTED: &'static str = "give the RSA private key in PEM form (BEGIN RSA PRIVATE KEY or BEGIN PRIVATE KEY), at least 2048 bits, not encrypted";

    /// Reads a PEM and signs once with it, so that a bad key is reported when the account is configured and not at
    /// the first call. A literal `\n`, as environment variables often contain, is read as a line break.
    ///
    /// # Errors
    /// Describes the problem, without the key.
    pub fn parse(pem: &SecretString) -> std::result::Result<Self, &'static str> {
        // If the program contains two backends of the library, the first signature would panic unless one is
        // selected; an earlier selection is kept.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let pem = pem.expose_secret();
        // Such a text may end with a real line break besides.
        let key = match pem.contains("\\n") {
            true => EncodingKey::from_rsa_pem(pem.replace("\\n", "\n").as_bytes()),
            false => EncodingKey::from_rsa_pem(pem.as_bytes()),
        };
        let key = key.map_err(|_| "is not an RSA private key in PEM form")?;
        jsonwebtoken::crypto::sign(b"", &key, Algorithm::RS256)
            .map_err(|_| "is an RSA key that cannot sign (damaged, or too short)")?;
        Ok(Self(key))
    }
}

/// Where an application obtains tokens for a user with its key. The issuer is the endpoint's client, the audience
/// its host.
pub struct JwtBearer<F> {
    /// The token endpoint.
    pub endpoint: TokenEndpoint,
    /// The application's key.
    pub key: RsaKey,
    /// The user to act for.
    pub subject: String,
    /// The requested scopes.
    pub scope: &'static str,
    /// Adds the known cause to an error of this endpoint, at this time.
    pub explain: F,
}

hidden!(JwtBearer<F> { subject });

#[async_trait]
impl<F: Fn(Error, Timestamp) -> Error + Send + Sync + 'static> TokenSource for JwtBearer<F> {
    async fn token(&self, cx: &Context) -> Result<(SecretString, Timestamp)> {
        let (endpoint, now) = (&self.endpoint, cx.now());
        let claims = json!({
            "iss": endpoint.client.id,
            "sub": self.subject,
            // The bare host, with its port if it has one.
            "aud": endpoint.host.authority(),
            "iat": now.as_second().saturating_sub(BACKDATED),
            "exp": now.as_second().saturating_add(LIFE),
            "scope": self.scope,
        });
        let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key.0);
        let assertion = assertion.map(SecretString::from).map_err(|error| {
            Error::new(ErrorKind::Config, "the assertion for the sign-in could not be signed")
                .with_source(error)
        })?;
        let kind = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let granted = endpoint.ask(cx, kind, &[], &[("assertion", &assertion)]).await;
        let granted = granted.map_err(|error| (self.explain)(error, cx.now()))?;
        Ok((granted.access_token, now.saturating_add(granted.life).unwrap_or(now)))
    }
}
