//! The signed statement with which the JWT grant asks for a token.

use std::fmt;
use std::sync::Arc;

use countersign_core::{Error, ErrorKind, Result, SecretString, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// What an integration asks to be allowed; consent is given for exactly these.
pub(crate) const SCOPE: &str = "signature impersonation";

/// Seconds that `iat` lies in the past: a clock that runs ahead is answered with `no_valid_keys_or_signatures`
/// (docusign-esign-csharp-client issue 323).
const BACKDATED: i64 = 30;

/// Seconds for which a statement is good; the official examples use ten minutes, an hour is the most.
const LIFE: i64 = 600;

/// An RSA private key that has proved to sign.
#[derive(Clone)]
pub(crate) struct SigningKey(Arc<EncodingKey>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

impl SigningKey {
    /// What a key has to be.
    pub(crate) const EXPECTED: &'static str = "give the RSA private key in PEM form (BEGIN RSA PRIVATE KEY or BEGIN PRIVATE KEY), at least 2048 bits, not encrypted";

    /// Reads a PEM and signs once with it, so that a bad key shows when the account is configured and not at the
    /// first call. The error says what is wrong, without the key.
    pub(crate) fn parse(pem: &str) -> Result<Self, &'static str> {
        // With two backends of the library in one program the first signature would panic unless one is chosen;
        // somebody else having chosen already is as good.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let pem = if pem.contains('\n') { pem.to_owned() } else { pem.replace("\\n", "\n") };
        let key =
            EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| "is no RSA private key in PEM form")?;
        jsonwebtoken::crypto::sign(b"", &key, Algorithm::RS256)
            .map_err(|_| "is an RSA key that cannot sign (damaged, or too short)")?;
        Ok(Self(Arc::new(key)))
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    scope: &'a str,
}

/// States that the integration acts for the user, to the OAuth host named by its bare host (and port, if any).
pub(crate) fn assertion(
    key: &SigningKey,
    integration_key: &str,
    user_id: &str,
    audience: &str,
    now: Timestamp,
) -> Result<SecretString> {
    let iat = now.as_second().saturating_sub(BACKDATED);
    let exp = now.as_second().saturating_add(LIFE);
    let claims = Claims { iss: integration_key, sub: user_id, aud: audience, iat, exp, scope: SCOPE };
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key.0)
        .map(SecretString::from)
        .map_err(|error| Error::new(ErrorKind::Config, "the sign-in could not be signed").with_source(error))
}
