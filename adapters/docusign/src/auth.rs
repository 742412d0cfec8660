//! How requests are signed and how tokens are got.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{
    Authenticator, BaseUrl, CodeGrant, Connection, Context, CredentialsPreview, Error, ErrorKind,
    ExposeSecret, OauthClient, Result, SecretString, SignedCredentials, Timestamp, TokenCache, TokenEndpoint,
};
use http::header::AUTHORIZATION;

use crate::DESCRIPTOR;
use crate::config::{Credentials, DocusignConfig};
use crate::jwt::{SigningKey, assertion};
use crate::place::{Identity, Places};
use crate::refusal::{Consent, with_cause};

/// DocuSign's staff advises to renew tokens early, and so does this, ten minutes before their end
/// (docusign-esign-csharp-client issue 171).
const EARLY: Duration = Duration::from_secs(600);

/// How long the place of an account is believed when a fixed token is used. Accounts move rarely; userinfo is not
/// for every call.
const PLACE_LIFE: Duration = Duration::from_secs(24 * 3600);

/// What a person who signs in allows; `extended` lets the refresh token be renewed beyond its 30 days
/// (developers.docusign.com, platform/auth, scopes).
const CODE_SCOPE: &str = "signature extended";

/// Signs requests for one account.
#[derive(Debug)]
pub(crate) struct SignIn {
    inner: Arc<Inner>,
    sessions: TokenCache<Session>,
}

/// What a renewal needs, which may outlive the call that began it.
#[derive(Debug)]
struct Inner {
    base: Option<BaseUrl>,
    places: Places,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Token(Bearer),
    Jwt(Box<JwtGrant>),
    Code(CodeGrant),
}

#[derive(Debug)]
struct JwtGrant {
    endpoint: TokenEndpoint,
    user_id: String,
    key: SigningKey,
    consent: Consent,
}

#[derive(Debug, Clone)]
struct Session {
    bearer: Bearer,
    base: BaseUrl,
    /// Which sign-in of a person it comes from.
    sign_in: u64,
}

/// A token in the form of the header's value.
#[derive(Debug, Clone)]
pub(crate) struct Bearer(pub(crate) Arc<SecretString>);

impl Bearer {
    fn new(token: &SecretString) -> Self {
        Self(Arc::new(SecretString::from(format!("Bearer {}", token.expose_secret()))))
    }
}

/// Requests with one token to one host; nothing is renewed.
#[derive(Debug)]
struct With {
    bearer: Bearer,
    base: BaseUrl,
}

#[async_trait]
impl Authenticator for With {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(self.base.clone()).with_header(AUTHORIZATION, self.bearer.0.clone()))
    }

    async fn refused(&self, _credentials: &SignedCredentials) -> bool {
        false
    }

    fn counts(&self) -> bool {
        false
    }
}

/// A link for asking about a token with the token itself.
pub(crate) fn with(bearer: Bearer, base: BaseUrl) -> Connection {
    Connection::new(DESCRIPTOR.vocabulary(), Arc::new(With { bearer, base }))
}

#[async_trait]
impl Authenticator for SignIn {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        if let (Way::Token(bearer), Some(base)) = (&self.inner.way, &self.inner.base) {
            return Ok(
                SignedCredentials::anonymous(base.clone()).with_header(AUTHORIZATION, bearer.0.clone())
            );
        }
        let renew = || {
            let (inner, cx) = (Arc::clone(&self.inner), cx.detached());
            async move { inner.session(&cx).await }
        };
        let mut lease = self.sessions.get(|| cx.now(), renew).await?;
        if lease.value.sign_in != self.inner.sign_ins() {
            self.sessions.clear();
            lease = self.sessions.get(|| cx.now(), renew).await?;
        }
        Ok(SignedCredentials::anonymous(lease.value.base)
            .with_header(AUTHORIZATION, lease.value.bearer.0)
            .with_generation(lease.generation))
    }

    /// The host is known only if it is configured: else userinfo tells it.
    fn preview(&self) -> CredentialsPreview {
        CredentialsPreview::new(self.inner.base.clone(), AUTHORIZATION, "Bearer ")
    }

    async fn refused(&self, credentials: &SignedCredentials) -> bool {
        if let (Way::Code(code), Some((_, header))) = (&self.inner.way, &credentials.header)
            && let Some(token) = header.expose_secret().strip_prefix("Bearer ")
        {
            code.refuse(SecretString::from(token));
        }
        self.sessions.drop_generation(credentials.generation);
        !matches!(self.inner.way, Way::Token(_))
    }
}

impl SignIn {
    /// `key` is the parsed private key, where the configuration's reader has parsed it already.
    pub(crate) fn new(config: DocusignConfig, key: Option<SigningKey>) -> Result<Self> {
        config.check()?;
        let oauth = config.oauth()?;
        let endpoint =
            |client| TokenEndpoint::new(DESCRIPTOR.vocabulary(), oauth.clone(), &["oauth", "token"], client);
        let way = match config.credentials {
            Credentials::Token(token) => Way::Token(Bearer::new(&token)),
            Credentials::Jwt { integration_key, user_id, private_key } => {
                let key = match key {
                    Some(key) => key,
                    None => SigningKey::parse(private_key.expose_secret()).map_err(|problem| {
                        Error::new(ErrorKind::Config, format!("`private_key` {problem}"))
                            .with_hint(SigningKey::EXPECTED)
                    })?,
                };
                let consent = Consent::new(&oauth, &integration_key, config.redirect_uri);
                let endpoint = endpoint(OauthClient::Assertion { id: integration_key });
                Way::Jwt(Box::new(JwtGrant { endpoint, user_id, key, consent }))
            }
            Credentials::AuthorizationCode { integration_key, client_secret } => {
                let client = match client_secret {
                    Some(secret) => OauthClient::Basic { id: integration_key, secret },
                    None => OauthClient::Public { id: integration_key },
                };
                let endpoint = endpoint(client);
                let slot = config.tokens;
                Way::Code(CodeGrant::new(
                    endpoint,
                    "/oauth/auth",
                    CODE_SCOPE,
                    config.redirect_uri,
                    slot,
                    EARLY,
                ))
            }
        };
        let local = config.oauth_url.as_ref().is_some_and(BaseUrl::is_loopback);
        let base = config.base_url.map(crate::place::without_restapi).transpose()?;
        let places = Places::new(config.account_id, oauth, local);
        Ok(Self { inner: Arc::new(Inner { base, places, way }), sessions: TokenCache::new(EARLY) })
    }

    /// The sign-in of a person, where that is the way.
    pub(crate) fn code_grant(&self) -> Option<&CodeGrant> {
        match &self.inner.way {
            Way::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Signs in, past what is cached here, and asks userinfo as whom.
    pub(crate) async fn identify(&self, cx: &Context) -> Result<Identity> {
        let (session, _) = self.inner.token(cx).await?;
        self.inner.places.identify(cx, session.0, self.inner.base.as_ref()).await
    }
}

impl Inner {
    fn sign_ins(&self) -> u64 {
        match &self.way {
            Way::Code(code) => code.sign_ins(),
            _ => 0,
        }
    }

    async fn session(&self, cx: &Context) -> Result<(Session, Timestamp)> {
        let ((bearer, sign_in), expires_at) = self.token(cx).await?;
        let base = match &self.base {
            Some(base) => base.clone(),
            None => self.places.look_up(cx, bearer.clone()).await?,
        };
        Ok((Session { bearer, base, sign_in }, expires_at))
    }

    /// A token, the sign-in it comes from, and its end.
    async fn token(&self, cx: &Context) -> Result<((Bearer, u64), Timestamp)> {
        let now = cx.now();
        let after = |life: Duration| now.saturating_add(life).unwrap_or(now);
        match &self.way {
            Way::Token(bearer) => Ok(((bearer.clone(), 0), after(PLACE_LIFE))),
            Way::Code(code) => {
                let signed_in = code.access_token(cx).await?;
                Ok(((Bearer::new(&signed_in.access_token), signed_in.sign_in), signed_in.expires_at))
            }
            Way::Jwt(grant) => {
                let JwtGrant { endpoint, user_id, key, consent } = grant.as_ref();
                let audience = endpoint.host().authority();
                let assertion = assertion(key, endpoint.client().id(), user_id, audience, now)?;
                let kind = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                let granted = endpoint.ask(cx, kind, &[], &[("assertion", &assertion)]).await;
                let granted = granted.map_err(|error| with_cause(consent.explain(error), cx.now()))?;
                Ok(((Bearer::new(&granted.access_token), 0), after(granted.life)))
            }
        }
    }
}
