//! How requests are signed and how tokens are got.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{
    AuthRetry, Authenticator, BaseUrl, CodeGrant, Connection, Context, CredentialsPreview, Error, ErrorKind,
    ExposeSecret, OauthClient, Problem, Result, SecretString, SignedCredentials, Timestamp, TokenCache,
    TokenEndpoint, TokenVersion,
};
use http::header::AUTHORIZATION;

use crate::DESCRIPTOR;
use crate::config::{Credentials, DocusignConfig};
use crate::error::may_pass;
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
    token: Token,
    base: BaseUrl,
}

#[derive(Debug, Clone)]
struct Token {
    bearer: Bearer,
    /// Its version in the store of a person's tokens.
    version: Option<TokenVersion>,
    expires_at: Timestamp,
}

/// A token in the form of the header's value.
#[derive(Debug, Clone)]
struct Bearer(Arc<SecretString>);

impl Bearer {
    fn new(token: &SecretString) -> Self {
        Self(Arc::new(SecretString::from(format!("Bearer {}", token.expose_secret()))))
    }
}

/// Signs questions to userinfo, with a token that is got for them. One that userinfo refuses is renewed as for any other
/// request.
#[derive(Debug)]
struct UserinfoAuthenticator {
    inner: Arc<Inner>,
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    token: Option<Token>,
    repeated: bool,
}

impl UserinfoAuthenticator {
    fn new(inner: &Arc<Inner>) -> Arc<Self> {
        Arc::new(Self { inner: Arc::clone(inner), asked: Mutex::default() })
    }

    fn connection(self: &Arc<Self>) -> Connection {
        Connection::new(DESCRIPTOR.vocabulary(), Arc::clone(self) as Arc<dyn Authenticator>)
    }

    /// The token that userinfo was asked with last; before that, one to ask with.
    async fn token(&self, cx: &Context) -> Result<Token> {
        if let Some(token) = &self.lock().token {
            return Ok(token.clone());
        }
        let token = self.inner.token(cx).await?;
        self.lock().token = Some(token.clone());
        Ok(token)
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Authenticator for UserinfoAuthenticator {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        let token = self.token(cx).await?;
        let host = self.inner.places.oauth().clone();
        Ok(SignedCredentials::anonymous(host).with_header(AUTHORIZATION, token.bearer.0))
    }

    async fn refused(&self, credentials: &SignedCredentials, problem: &Problem) -> AuthRetry {
        let mut asked = self.lock();
        if may_pass(problem) && !std::mem::replace(&mut asked.repeated, true) {
            return AuthRetry::Unchanged;
        }
        asked.token = None;
        self.inner.refused(credentials)
    }

    fn counts(&self) -> bool {
        false
    }
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
        if !self.inner.is_current(cx, lease.value.token.version).await {
            self.sessions.clear(lease.generation);
            lease = self.sessions.get(|| cx.now(), renew).await?;
        }
        Ok(SignedCredentials::anonymous(lease.value.base)
            .with_header(AUTHORIZATION, lease.value.token.bearer.0)
            .with_generation(lease.generation))
    }

    /// The host is known only if it is configured: else userinfo tells it.
    fn preview(&self) -> CredentialsPreview {
        CredentialsPreview::new(self.inner.base.clone(), AUTHORIZATION, "Bearer ")
    }

    async fn refused(&self, credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        self.sessions.drop_generation(credentials.generation);
        self.inner.refused(credentials)
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
        let base = config.base_url.as_ref().map(crate::place::without_api_path);
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
        self.inner
            .places
            .identify(cx, &UserinfoAuthenticator::new(&self.inner).connection(), self.inner.base.as_ref())
            .await
    }
}

impl Inner {
    async fn is_current(&self, cx: &Context, version: Option<TokenVersion>) -> bool {
        match (&self.way, version) {
            (Way::Code(code), Some(version)) => code.is_current(cx, version).await,
            _ => true,
        }
    }

    /// Notes a refused token, and answers whether another can be had.
    fn refused(&self, credentials: &SignedCredentials) -> AuthRetry {
        if let (Way::Code(code), Some((_, header))) = (&self.way, &credentials.header)
            && let Some(token) = header.expose_secret().strip_prefix("Bearer ")
        {
            code.refuse(SecretString::from(token));
        }
        match self.way {
            Way::Token(_) => AuthRetry::Never,
            Way::Jwt(_) | Way::Code(_) => AuthRetry::Renewed,
        }
    }

    async fn session(self: Arc<Self>, cx: &Context) -> Result<(Session, Timestamp)> {
        let asking = UserinfoAuthenticator::new(&self);
        let base = match &self.base {
            Some(base) => base.clone(),
            None => self.places.look_up(cx, &asking.connection()).await?,
        };
        let token = asking.token(cx).await?;
        let expires_at = token.expires_at;
        Ok((Session { token, base }, expires_at))
    }

    async fn token(&self, cx: &Context) -> Result<Token> {
        let now = cx.now();
        let after = |life: Duration| now.saturating_add(life).unwrap_or(now);
        let token = |bearer, life| Token { bearer, version: None, expires_at: after(life) };
        match &self.way {
            Way::Token(bearer) => Ok(token(bearer.clone(), PLACE_LIFE)),
            Way::Code(code) => {
                let signed_in = code.access_token(cx).await?;
                let bearer = Bearer::new(&signed_in.access_token);
                Ok(Token { bearer, version: Some(signed_in.version), expires_at: signed_in.expires_at })
            }
            Way::Jwt(grant) => {
                let JwtGrant { endpoint, user_id, key, consent } = grant.as_ref();
                let audience = endpoint.host().authority();
                let assertion = assertion(key, endpoint.client().id(), user_id, audience, now)?;
                let kind = "urn:ietf:params:oauth:grant-type:jwt-bearer";
                let granted = endpoint.ask(cx, kind, &[], &[("assertion", &assertion)]).await;
                let granted = granted.map_err(|error| with_cause(consent.explain(error), cx.now()))?;
                Ok(token(Bearer::new(&granted.access_token), granted.life))
            }
        }
    }
}
