//! How a request is signed: with the account's API key, or with a token of BoldSign's OAuth.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{
    AuthRetry, Authenticator, BaseUrl, CodeGrant, Context, CredentialsPreview, ExposeSecret, OauthClient,
    Problem, Result, SecretString, SignedCredentials, Timestamp, TokenCache, TokenEndpoint, TokenVersion,
};
use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::DESCRIPTOR;
use crate::config::Credentials;

/// The header that carries the key (BoldSign's OpenAPI document, security scheme `X-API-KEY`).
const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Tokens live an hour (developers.boldsign.com, authentication/oauth-2-0).
const EARLY: Duration = Duration::from_secs(300);

/// What the four operations need. That `BoldSign.Documents.All` covers all of them is inferred: which scope a signing
/// link needs is not documented.
pub(crate) const SCOPE: &str = "BoldSign.Documents.All";

/// With a refresh token, for a person who has signed in.
const OFFLINE_SCOPE: &str = "BoldSign.Documents.All offline_access";

/// Signs requests for one account. The credentials decide account and environment (live or sandbox); the host decides
/// the region.
#[derive(Debug)]
pub(crate) struct SignIn {
    base: BaseUrl,
    inner: Arc<Way>,
    tokens: TokenCache<Token>,
}

/// How to get what a request is signed with; a renewal may outlive the call that began it.
enum Way {
    ApiKey(Arc<SecretString>),
    ClientCredentials(TokenEndpoint),
    Code(CodeGrant),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey(_) => "ApiKey([redacted])",
            Self::ClientCredentials(_) => "ClientCredentials([redacted])",
            Self::Code(_) => "Code",
        })
    }
}

#[derive(Clone)]
struct Token {
    header: Arc<SecretString>,
    /// Its version in the store of a person's tokens.
    version: Option<TokenVersion>,
}

impl SignIn {
    /// `oauth` is where tokens are given out; `base` is where requests go.
    pub(crate) fn new(base: BaseUrl, oauth: BaseUrl, credentials: Credentials) -> Self {
        let endpoint =
            |client| TokenEndpoint::new(DESCRIPTOR.vocabulary(), oauth, &["connect", "token"], client);
        let inner = match credentials {
            Credentials::ApiKey(key) => Way::ApiKey(Arc::new(key)),
            Credentials::ClientCredentials { client_id, client_secret } => {
                Way::ClientCredentials(endpoint(OauthClient::Form { id: client_id, secret: client_secret }))
            }
            Credentials::AuthorizationCode { client_id, client_secret, redirect_uri, tokens } => {
                let client = match client_secret {
                    Some(secret) => OauthClient::Form { id: client_id, secret },
                    None => OauthClient::Public { id: client_id },
                };
                let endpoint = endpoint(client);
                let path = "/connect/authorize";
                Way::Code(CodeGrant::new(endpoint, path, OFFLINE_SCOPE, redirect_uri, tokens, EARLY))
            }
        };
        Self { base, inner: Arc::new(inner), tokens: TokenCache::new(EARLY) }
    }

    /// The sign-in of a person, where that is the way.
    pub(crate) fn code_grant(&self) -> Option<&CodeGrant> {
        match self.inner.as_ref() {
            Way::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Whether requests carry a token, whose scopes limit what may be asked.
    pub(crate) fn has_scopes(&self) -> bool {
        !matches!(self.inner.as_ref(), Way::ApiKey(_))
    }
}

#[async_trait]
impl Authenticator for SignIn {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        let credentials = SignedCredentials::anonymous(self.base.clone());
        if let Way::ApiKey(key) = self.inner.as_ref() {
            return Ok(credentials.with_header(HEADER, key.clone()));
        }
        let renew = || {
            let (way, cx) = (Arc::clone(&self.inner), cx.detached());
            async move { way.token(&cx).await }
        };
        let mut lease = self.tokens.get(|| cx.now(), renew).await?;
        if !self.inner.is_current(cx, lease.value.version).await {
            self.tokens.clear(lease.generation);
            lease = self.tokens.get(|| cx.now(), renew).await?;
        }
        Ok(credentials.with_header(AUTHORIZATION, lease.value.header).with_generation(lease.generation))
    }

    fn preview(&self) -> CredentialsPreview {
        let base = Some(self.base.clone());
        if self.has_scopes() {
            CredentialsPreview::new(base, AUTHORIZATION, "Bearer ")
        } else {
            CredentialsPreview::new(base, HEADER, "")
        }
    }

    /// A key cannot be renewed.
    async fn refused(&self, credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        if let (Way::Code(code), Some((_, header))) = (self.inner.as_ref(), &credentials.header)
            && let Some(token) = header.expose_secret().strip_prefix("Bearer ")
        {
            code.refuse(SecretString::from(token));
        }
        self.tokens.drop_generation(credentials.generation);
        if self.has_scopes() { AuthRetry::Renewed } else { AuthRetry::Never }
    }
}

impl Way {
    async fn is_current(&self, cx: &Context, version: Option<TokenVersion>) -> bool {
        match (self, version) {
            (Self::Code(code), Some(version)) => code.is_current(cx, version).await,
            _ => true,
        }
    }

    async fn token(&self, cx: &Context) -> Result<(Token, Timestamp)> {
        let bearer =
            |token: &SecretString| Arc::new(SecretString::from(format!("Bearer {}", token.expose_secret())));
        let now = cx.now();
        match self {
            // Signed without asking anybody; never comes here.
            Self::ApiKey(key) => Ok((Token { header: key.clone(), version: None }, Timestamp::MAX)),
            Self::ClientCredentials(endpoint) => {
                let granted = endpoint.ask(cx, "client_credentials", &[("scope", SCOPE)], &[]).await?;
                let end = now.saturating_add(granted.life).unwrap_or(now);
                Ok((Token { header: bearer(&granted.access_token), version: None }, end))
            }
            Self::Code(code) => {
                let signed_in = code.access_token(cx).await?;
                let token =
                    Token { header: bearer(&signed_in.access_token), version: Some(signed_in.version) };
                Ok((token, signed_in.expires_at))
            }
        }
    }
}
