//! The OAuth 2.0 token endpoint (RFC 6749): one request, one answer, the same at every vendor.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::auth::{Anonymous, Connection, SignedCredentials};
use crate::error::{Error, ErrorKind, Result, Vocabulary};
use crate::http::{Context, RequestBuilder};
use crate::model::{BaseUrl, Effect};

/// The lifetime in seconds of a token whose answer includes none: the shortest that a vendor documents.
const USUAL_LIFE: u64 = 3600;

/// The longest lifetime of a token, whatever its answer states: an absurd value must not turn into an expiry in the
/// past.
const LONGEST_LIFE: u64 = 365 * 24 * 3600;

/// A registered application, and how it authenticates.
#[derive(Debug, Clone)]
pub struct OauthClient {
    /// The client id. No secret.
    pub id: String,
    /// How it authenticates.
    pub proof: ClientProof,
}

/// How an application authenticates.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientProof {
    /// A public client: sends only its id, in the form.
    None,
    /// With the grant's own assertion (RFC 7523): nothing is added.
    Assertion,
    /// With this secret in the `Authorization` header (RFC 6749, 2.3.1).
    Basic(SecretString),
    /// With this secret in the form.
    Form(SecretString),
}

/// A vendor's token endpoint, and the application that uses it.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    /// The vendor.
    pub vocabulary: Vocabulary,
    /// The host.
    pub host: BaseUrl,
    /// The path below the host.
    pub path: &'static [&'static str],
    /// The application.
    pub client: OauthClient,
}

/// The answer of the endpoint.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenGrant {
    /// The token that calls carry.
    pub access_token: SecretString,
    /// How long it is valid; one hour if the answer does not say.
    pub life: Duration,
    /// The refresh token for the next access token, if the grant has one.
    pub refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
    #[serde(default)]
    refresh_token: Option<String>,
}

impl TokenEndpoint {
    /// Requests a token with the grant's type, its parameters, and the names of secret parameters.
    ///
    /// # Errors
    /// The vendor's refusal, classified by its rows; `InvalidResponse` for an answer without a token.
    pub async fn ask(
        &self,
        cx: &Context,
        grant_type: &str,
        open: &[(&str, &str)],
        secret: &[(&str, &SecretString)],
    ) -> Result<TokenGrant> {
        let mut form = vec![("grant_type", grant_type)];
        form.extend_from_slice(open);
        form.extend(secret.iter().map(|(name, value)| (*name, value.expose_secret())));
        let mut secrets: Vec<&SecretString> = secret.iter().map(|(_, value)| *value).collect();
        let mut credentials = SignedCredentials::anonymous(self.host.clone());
        let OauthClient { id, proof } = &self.client;
        match proof {
            ClientProof::None => form.push(("client_id", id)),
            ClientProof::Assertion => {}
            ClientProof::Form(secret) => {
                form.push(("client_id", id));
                form.push(("client_secret", secret.expose_secret()));
                secrets.push(secret);
            }
            ClientProof::Basic(secret) => {
                let basic = STANDARD.encode(format!("{id}:{}", secret.expose_secret()));
                credentials =
                    credentials.with_header(AUTHORIZATION, SecretString::from(format!("Basic {basic}")));
                secrets.push(secret);
            }
        }
        let out = RequestBuilder::new(Method::POST, self.path).form(&form);
        let out = secrets.into_iter().fold(out, |out, secret| out.secret(secret.clone()));
        let connection = Connection::new(self.vocabulary, Arc::new(Anonymous(credentials)));
        let answer = cx.exchange(&connection, Effect::Read, out).await.map_err(reclassify_auth_error)?;
        let granted: Granted = answer.json()?;
        let filled =
            |text: Option<String>| text.filter(|text| !text.trim().is_empty()).map(SecretString::from);
        // A token that no header can carry would be stored, and every call would fail until it expires.
        let fits = |text: &String| text.bytes().all(|byte| byte.is_ascii_graphic());
        let access_token = filled(granted.access_token.filter(fits))
            .ok_or_else(|| answer.unreadable("the answer to the sign-in has no `access_token`"))?;
        let life = granted.expires_in.as_ref().and_then(seconds).unwrap_or(USUAL_LIFE);
        let life = life.min(LONGEST_LIFE);
        Ok(TokenGrant {
            access_token,
            life: Duration::from_secs(life),
            refresh_token: filled(granted.refresh_token),
        })
    }
}

/// Reclassifies token-endpoint errors: a 404 or 409 there is a sign-in problem, not a missing envelope or an
/// invalid request.
#[must_use]
pub fn reclassify_auth_error(error: Error) -> Error {
    match error.kind() {
        _ if matches!(error.status(), Some(404 | 410)) => error
            .reworded(ErrorKind::Config, "the server at the sign-in address does not know it")
            .with_hint("check the sign-in host: oauth_url, environment or region"),
        ErrorKind::EnvelopeBusy | ErrorKind::EnvelopeNotReady | ErrorKind::EnvelopeClosed => {
            error.reworded(ErrorKind::Unauthenticated, "the sign-in was refused").with_hint(
                "repeat the call; if the error persists, check the sign-in host: oauth_url, environment or \
                 region",
            )
        }
        // Such a request contains no value of the caller.
        ErrorKind::InvalidRequest => {
            error.reworded(ErrorKind::Unauthenticated, "the sign-in was refused").with_hint(
                "check `auth` in the configuration, the sign-in host (oauth_url, environment or region), and \
                 whether a proxy changes requests",
            )
        }
        _ => error,
    }
}

/// A number, or a number as text.
fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}
