//! The credentials of one account, kept for many calls: a key, a given token, or renewable tokens.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use crate::auth::{
    AuthRetry, Authenticator, CodeGrant, Connection, CredentialsPreview, KeptToken, SignedCredentials,
    TokenCache, TokenEndpoint, TokenSlot, TokenSource, TokenVersion,
};
use crate::error::{Error, ErrorKind, Problem, Result, Vocabulary};
use crate::http::Context;
use crate::locked;
use crate::model::{BaseUrl, Timestamp};

const BEARER: &str = "Bearer ";

/// How long an account's host is cached if a given token is used. Accounts rarely move.
const PLACE_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Looks up the API host of an account, for vendors that report it only after the sign-in.
#[async_trait]
pub trait Locate: fmt::Debug + Send + Sync + 'static {
    /// The host to ask.
    fn host(&self) -> &BaseUrl;

    /// Whether a 401 answer may be temporary, so that the same token is tried once more.
    fn may_pass(&self, problem: &Problem) -> bool;

    /// Looks it up over a connection that signs with a token.
    ///
    /// # Errors
    /// The vendor's refusal; `Config` if the user has no such account.
    async fn locate(&self, cx: &Context, connection: &Connection) -> Result<BaseUrl>;
}

/// The client credentials grant (RFC 6749, 4.4): the application acts for itself, and requests a new token when one
/// has expired.
#[derive(Debug)]
pub struct ClientCredentials {
    /// Where the tokens come from.
    pub endpoint: TokenEndpoint,
    /// Their scope.
    pub scope: &'static str,
}

#[async_trait]
impl TokenSource for ClientCredentials {
    async fn token(&self, cx: &Context) -> Result<(SecretString, Timestamp)> {
        let now = cx.now();
        let granted = self.endpoint.ask(cx, "client_credentials", &[("scope", self.scope)], &[]).await?;
        Ok((granted.access_token, now.saturating_add(granted.life).unwrap_or(now)))
    }
}

/// Signs the requests of one account. Tokens are renewed before they expire, by one caller at a time, and once
/// after the vendor has refused one, also while the account's host is looked up.
#[derive(Debug)]
pub struct Session {
    inner: Arc<Inner>,
    open: TokenCache<Open>,
}

/// The parts that a renewal needs; a renewal may outlive the call that started it.
#[derive(Debug)]
struct Inner {
    base: Option<BaseUrl>,
    way: Way,
    place: Option<(Vocabulary, Box<dyn Locate>)>,
}

enum Way {
    Key(HeaderName, Arc<SecretString>),
    Fixed(Arc<SecretString>),
    Source(Box<dyn TokenSource>),
    Code(CodeGrant),
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(header, _) => write!(f, "Key({header}: [redacted])"),
            Self::Fixed(_) => f.write_str("Fixed([redacted])"),
            Self::Source(source) => source.fmt(f),
            Self::Code(code) => code.fmt(f),
        }
    }
}

/// The current credentials.
#[derive(Clone)]
struct Open {
    token: Token,
    base: BaseUrl,
}

#[derive(Debug, Clone)]
struct Token {
    /// As the value of the header.
    header: Arc<SecretString>,
    /// Its version in the user's token store.
    version: Option<TokenVersion>,
    end: Timestamp,
}

impl Session {
    fn new(base: Option<BaseUrl>, way: Way, early: Duration) -> Self {
        Self { inner: Arc::new(Inner { base, way, place: None }), open: TokenCache::new(early) }
    }

    /// A key in a header. It cannot be renewed.
    #[must_use]
    pub fn api_key(base: BaseUrl, header: HeaderName, key: SecretString) -> Self {
        Self::new(Some(base), Way::Key(header, Arc::new(key)), Duration::ZERO)
    }

    /// A token obtained elsewhere. It is not renewed: after it has expired, calls fail with `Unauthenticated`.
    #[must_use]
    pub fn fixed(base: Option<BaseUrl>, token: &SecretString) -> Self {
        Self::new(base, Way::Fixed(in_header(token)), Duration::ZERO)
    }

    /// Tokens that the application obtains itself, renewed this long before they expire.
    #[must_use]
    pub fn grant(base: Option<BaseUrl>, source: impl TokenSource, early: Duration) -> Self {
        Self::new(base, Way::Source(Box::new(source)), early)
    }

    /// As [`Session::grant`], with the tokens in a slot: processes that share its store use the same ones.
    #[must_use]
    pub fn shared_grant(
        base: Option<BaseUrl>,
        source: impl TokenSource,
        early: Duration,
        slot: TokenSlot,
    ) -> Self {
        Self::grant(base, KeptToken::new(source, slot, early), early)
    }

    /// Tokens of a user who signs in with a browser, renewed this long before they expire.
    #[must_use]
    pub fn authorization_code(base: Option<BaseUrl>, grant: CodeGrant, early: Duration) -> Self {
        Self::new(base, Way::Code(grant), early)
    }

    /// Looks up the base URL after the sign-in, if none is configured.
    #[must_use]
    pub fn locating(mut self, vocabulary: Vocabulary, locate: impl Locate) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.place = Some((vocabulary, Box::new(locate)));
        }
        self
    }

    /// The configured base URL.
    pub fn base(&self) -> Option<&BaseUrl> {
        self.inner.base.as_ref()
    }

    /// The user's browser sign-in, if this account uses it.
    pub fn code_grant(&self) -> Option<&CodeGrant> {
        if let Way::Code(code) = &self.inner.way { Some(code) } else { None }
    }

    /// Whether requests carry a token, whose scopes limit what is allowed; otherwise a key.
    pub fn has_scopes(&self) -> bool {
        !matches!(self.inner.way, Way::Key(..))
    }

    /// A connection to the host that reports the account's location, without the cache: for checking access.
    pub fn asking(&self) -> Option<Connection> {
        let place = self.inner.place.as_ref();
        place.map(|(vocabulary, _)| Asking::new(&self.inner).connection(*vocabulary))
    }
}

#[async_trait]
impl Authenticator for Session {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        let unchanging = match &self.inner.way {
            Way::Key(header, key) => Some((header.clone(), key)),
            Way::Fixed(bearer) => Some((AUTHORIZATION, bearer)),
            Way::Source(_) | Way::Code(_) => None,
        };
        if let (Some((header, secret)), Some(base)) = (unchanging, &self.inner.base) {
            return Ok(SignedCredentials::anonymous(base.clone()).with_header(header, Arc::clone(secret)));
        }
        let renew = || {
            let (inner, cx) = (Arc::clone(&self.inner), cx.detached());
            async move { inner.open(&cx).await }
        };
        let mut lease = match self.open.get(|| cx.now(), renew).await {
            Err(_) if self.inner.has_other_tokens(cx).await => {
                self.open.forget_failure();
                self.open.get(|| cx.now(), renew).await?
            }
            got => got?,
        };
        if !self.inner.is_current(cx, lease.value.token.version).await {
            self.open.drop_generation(lease.generation);
            self.open.forget_failure();
            lease = self.open.get(|| cx.now(), renew).await?;
        }
        Ok(SignedCredentials::anonymous(lease.value.base)
            .with_header(AUTHORIZATION, lease.value.token.header)
            .with_generation(lease.generation))
    }

    /// The host is known only if it is configured.
    fn preview(&self) -> CredentialsPreview {
        let base = self.inner.base.clone();
        match &self.inner.way {
            Way::Key(header, _) => CredentialsPreview::new(base, header.clone(), ""),
            _ => CredentialsPreview::new(base, AUTHORIZATION, BEARER),
        }
    }

    async fn refused(&self, credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        self.open.drop_generation(credentials.generation);
        self.inner.refused(credentials)
    }
}

impl Inner {
    async fn is_current(&self, cx: &Context, version: Option<TokenVersion>) -> bool {
        match (&self.way, version) {
            (Way::Code(code), Some(version)) => code.is_current(cx, version).await,
            _ => true,
        }
    }

    /// Whether a user has signed in since the last attempt, or another process has renewed.
    async fn has_other_tokens(&self, cx: &Context) -> bool {
        match &self.way {
            Way::Code(code) => code.has_other_tokens(cx).await,
            _ => false,
        }
    }

    /// Drops a refused token, and returns whether another one can be obtained.
    fn refused(&self, credentials: &SignedCredentials) -> AuthRetry {
        let header = credentials.header.as_ref();
        if let Some(token) = header.and_then(|(_, header)| header.expose_secret().strip_prefix(BEARER)) {
            match &self.way {
                Way::Code(code) => code.refuse(SecretString::from(token)),
                Way::Source(source) => source.refuse(SecretString::from(token)),
                _ => {}
            }
        }
        match self.way {
            Way::Key(..) | Way::Fixed(_) => AuthRetry::Never,
            Way::Source(_) | Way::Code(_) => AuthRetry::Renewed,
        }
    }

    async fn open(self: Arc<Self>, cx: &Context) -> Result<(Open, Timestamp)> {
        let (base, token) = match (&self.base, &self.place) {
            (Some(base), _) => (base.clone(), self.token(cx).await?),
            (None, Some((vocabulary, locate))) => {
                let asking = Asking::new(&self);
                let base = locate.locate(cx, &Arc::clone(&asking).connection(*vocabulary)).await?;
                // The current token may differ from the first one.
                (base, asking.token(cx).await?)
            }
            (None, None) => {
                return Err(Error::new(ErrorKind::Config, "the account has no base URL"));
            }
        };
        let end = token.end;
        Ok((Open { token, base }, end))
    }

    async fn token(&self, cx: &Context) -> Result<Token> {
        let (header, version, end) = match &self.way {
            Way::Key(_, secret) | Way::Fixed(secret) => {
                let now = cx.now();
                (secret.clone(), None, now.saturating_add(PLACE_LIFE).unwrap_or(now))
            }
            Way::Source(source) => {
                let (token, end) = source.token(cx).await?;
                (in_header(&token), None, end)
            }
            Way::Code(code) => {
                let signed_in = code.access_token(cx).await?;
                (in_header(&signed_in.access_token), Some(signed_in.version), signed_in.expires_at)
            }
        };
        Ok(Token { header, version, end })
    }
}

/// Signs the requests that look up the account's host, with a token obtained for them. A refused token is renewed
/// as for any other request.
#[derive(Debug)]
struct Asking {
    inner: Arc<Inner>,
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    token: Option<Token>,
    repeated: bool,
}

impl Asking {
    fn new(inner: &Arc<Inner>) -> Arc<Self> {
        Arc::new(Self { inner: Arc::clone(inner), asked: Mutex::default() })
    }

    fn connection(self: Arc<Self>, vocabulary: Vocabulary) -> Connection {
        Connection::new(vocabulary, self)
    }

    /// The token of the last lookup; before that, a new one.
    async fn token(&self, cx: &Context) -> Result<Token> {
        if let Some(token) = &locked(&self.asked).token {
            return Ok(token.clone());
        }
        let token = self.inner.token(cx).await?;
        locked(&self.asked).token = Some(token.clone());
        Ok(token)
    }
}

#[async_trait]
impl Authenticator for Asking {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        let token = self.token(cx).await?;
        let place = self.inner.place.as_ref();
        let (_, locate) =
            place.ok_or_else(|| Error::new(ErrorKind::Config, "the account has no base URL"))?;
        Ok(SignedCredentials::anonymous(locate.host().clone()).with_header(AUTHORIZATION, token.header))
    }

    async fn refused(&self, credentials: &SignedCredentials, problem: &Problem) -> AuthRetry {
        let may_pass = self.inner.place.as_ref().is_some_and(|(_, locate)| locate.may_pass(problem));
        let mut asked = locked(&self.asked);
        if may_pass && !std::mem::replace(&mut asked.repeated, true) {
            return AuthRetry::Unchanged;
        }
        asked.token = None;
        self.inner.refused(credentials)
    }

    fn counts(&self) -> bool {
        false
    }
}

fn in_header(token: &SecretString) -> Arc<SecretString> {
    Arc::new(SecretString::from(format!("{BEARER}{}", token.expose_secret())))
}
