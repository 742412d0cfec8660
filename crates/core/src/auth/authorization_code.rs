//! Signing in as a person: the authorization code grant with PKCE, and renewal by refresh token.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::auth::{
    OauthClient, StoredTokens, TokenEndpoint, TokenGrant, TokenSlot, challenge, renew_at, same, unguessable,
};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Context;
use crate::model::{Timestamp, WebUrl};

/// What stands for itself in a query (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The sign-in of one person at one vendor. Clones share it.
///
/// An application sends the person's browser to [`PendingSignIn::url`], gets it back at its redirect URI, and hands
/// the query that came with it to [`CodeGrant::finish`]. From then on calls are signed with tokens from the store,
/// renewed as need be. On the command line `countersign login` does all this.
#[derive(Clone)]
pub struct CodeGrant(Arc<Inner>);

struct Inner {
    endpoint: TokenEndpoint,
    authorize: &'static str,
    scope: String,
    redirect_uri: Option<WebUrl>,
    slot: TokenSlot,
    early: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Tokens that the store has not taken yet. They are used by nobody until it has.
    unsaved: Option<StoredTokens>,
    /// The access token that the vendor has refused before its end.
    refused: Option<SecretString>,
    /// Counts sign-ins, so that what was cached for an earlier one is not used.
    sign_ins: u64,
}

impl fmt::Debug for CodeGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeGrant")
            .field("endpoint", &self.0.endpoint)
            .field("scope", &self.0.scope)
            .field("slot", &self.0.slot)
            .finish_non_exhaustive()
    }
}

/// A sign-in that has begun: keep it with the person's session until the browser comes back. Not to be stored with
/// anybody else's.
#[derive(Clone)]
pub struct PendingSignIn {
    url: String,
    redirect_uri: WebUrl,
    state: SecretString,
    verifier: SecretString,
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSignIn").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

impl PendingSignIn {
    /// Where the person's browser has to go.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it will come back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &WebUrl {
        &self.redirect_uri
    }

    /// Whether a query that came to the redirect URI belongs to this sign-in: it carries the same `state`.
    #[must_use]
    pub fn is_answered_by(&self, query: &str) -> bool {
        parameter(query, "state").is_some_and(|state| same(&state, self.state.expose_secret()))
    }
}

/// An access token and its end.
#[derive(Clone)]
#[non_exhaustive]
pub struct SignedIn {
    /// The token that calls carry.
    pub access_token: SecretString,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// Which sign-in it comes from; see [`CodeGrant::sign_ins`].
    pub sign_in: u64,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl CodeGrant {
    /// The grant at a vendor: its token endpoint, the path of its page for signing in, the scopes to ask for, the
    /// redirect URI that is registered for the application, if it is known already, and where the tokens are kept.
    /// Tokens are renewed `early`.
    #[must_use]
    pub fn new(
        endpoint: TokenEndpoint,
        authorize: &'static str,
        scope: &str,
        redirect_uri: Option<WebUrl>,
        slot: TokenSlot,
        early: Duration,
    ) -> Self {
        Self(Arc::new(Inner {
            endpoint,
            authorize,
            scope: scope.to_owned(),
            redirect_uri,
            slot,
            early,
            state: Mutex::default(),
        }))
    }

    /// The configured redirect URI.
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&WebUrl> {
        self.0.redirect_uri.as_ref()
    }

    /// Begins a sign-in whose browser comes back to this URI; it has to be registered for the application.
    ///
    /// # Errors
    /// `Unexpected` when the system gives no random numbers.
    pub fn begin(&self, redirect_uri: WebUrl) -> Result<PendingSignIn> {
        let (state, verifier) = (unguessable()?, unguessable()?);
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let url = format!(
            "{}{}?response_type=code&client_id={}&redirect_uri={}&scope={}&state={}&code_challenge={}\
             &code_challenge_method=S256",
            self.0.endpoint.host().as_str(),
            self.0.authorize,
            encode(self.0.endpoint.client().id()),
            encode(redirect_uri.as_str()),
            encode(&self.0.scope),
            state.expose_secret(),
            challenge(&verifier),
        );
        Ok(PendingSignIn { url, redirect_uri, state, verifier })
    }

    /// Ends a sign-in with the query that came to the redirect URI: checks that it belongs to this sign-in, changes
    /// the code for tokens, and stores them.
    ///
    /// # Errors
    /// `InvalidRequest` for a query of another sign-in; `ConsentRequired` when the person did not agree;
    /// `Unauthenticated` when the vendor does not take the code; what the store fails with.
    pub async fn finish(&self, cx: &Context, pending: &PendingSignIn, query: &str) -> Result<()> {
        if !pending.is_answered_by(query) {
            return Err(Error::new(ErrorKind::InvalidRequest, "the answer does not belong to this sign-in")
                .with_hint("begin anew, and finish in the browser that was sent to the vendor"));
        }
        if let Some(word) = parameter(query, "error") {
            return Err(self.not_agreed(&word));
        }
        let code = parameter(query, "code").filter(|code| !code.is_empty()).map(SecretString::from);
        let code = code.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the vendor sent the browser back without a code")
        })?;
        let asked_at = cx.now();
        let open = [("redirect_uri", pending.redirect_uri.as_str())];
        let secret = [("code", &code), ("code_verifier", &pending.verifier)];
        let granted = self.0.endpoint.ask(cx, "authorization_code", &open, &secret).await;
        let granted = granted.map_err(|error| match is_invalid_grant(&error) {
            true => error
                .reworded(ErrorKind::Unauthenticated, "the vendor does not take the code of this sign-in")
                .with_hint("codes live for minutes and work once: sign in again; a wrong client secret or redirect URI is refused like this as well"),
            false => error,
        })?;
        let tokens = stored(granted, asked_at, None);
        {
            let mut state = self.lock();
            state.sign_ins += 1;
            state.refused = None;
            state.unsaved = Some(tokens);
        }
        self.save().await
    }

    /// How often somebody signed in through this value or a clone of it. Whoever caches tokens compares.
    #[must_use]
    pub fn sign_ins(&self) -> u64 {
        self.lock().sign_ins
    }

    /// Forgets the tokens, here and in the store. At the vendor they stay good until their end.
    ///
    /// # Errors
    /// What the store fails with.
    pub async fn forget(&self) -> Result<()> {
        {
            let mut state = self.lock();
            state.sign_ins += 1;
            state.unsaved = None;
        }
        self.0.slot.remove().await
    }

    /// An access token that is good for a while: the stored one, or a new one by refresh token. One caller at a time
    /// should ask; a [`TokenCache`](crate::TokenCache) sees to it.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody has signed in, or not lately enough; what stands in the way of renewing, if the
    /// stored token has run out; what the store fails with.
    pub async fn access_token(&self, cx: &Context) -> Result<SignedIn> {
        self.save().await?;
        let mut overtaken = false;
        loop {
            let sign_in = self.sign_ins();
            let tokens = self.0.slot.load().await?.ok_or_else(|| self.nobody())?;
            let done = |tokens: StoredTokens| SignedIn {
                access_token: tokens.access_token,
                expires_at: tokens.expires_at,
                sign_in,
            };
            let now = cx.now();
            if self.is_usable(&tokens, now)
                && now < renew_at(tokens.obtained_at, tokens.expires_at, self.0.early)
            {
                return Ok(done(tokens));
            }
            let Some(refresh_token) = &tokens.refresh_token else {
                return if self.is_usable(&tokens, now) { Ok(done(tokens)) } else { Err(self.run_out()) };
            };
            let secret = [("refresh_token", refresh_token)];
            match self.0.endpoint.ask(cx, "refresh_token", &[], &secret).await {
                Ok(granted) => {
                    let new = stored(granted, now, Some(refresh_token.clone()));
                    self.lock().unsaved = Some(new.clone());
                    self.save().await?;
                    return Ok(done(new));
                }
                // Somebody else with the same store may have used this refresh token meanwhile.
                Err(error) if is_invalid_grant(&error) => {
                    let now_stored = self.0.slot.load().await?.and_then(|tokens| tokens.refresh_token);
                    let changed = now_stored
                        .is_some_and(|stored| stored.expose_secret() != refresh_token.expose_secret());
                    if changed && !overtaken {
                        overtaken = true;
                        continue;
                    }
                    return if self.is_usable(&tokens, now) {
                        Ok(done(tokens))
                    } else {
                        Err(self.not_renewed(error))
                    };
                }
                Err(_) if self.is_usable(&tokens, now) => return Ok(done(tokens)),
                Err(error) => return Err(error),
            }
        }
    }

    /// The vendor has refused this access token: the next call renews it, whatever its end.
    pub fn refuse(&self, access_token: SecretString) {
        self.lock().refused = Some(access_token);
    }

    fn is_usable(&self, tokens: &StoredTokens, now: Timestamp) -> bool {
        let state = self.lock();
        let refused = state.refused.as_ref();
        now < tokens.expires_at
            && refused.is_none_or(|refused| refused.expose_secret() != tokens.access_token.expose_secret())
    }

    /// Hands the newest tokens to the store, if it does not have them yet.
    async fn save(&self) -> Result<()> {
        let Some(unsaved) = self.lock().unsaved.clone() else { return Ok(()) };
        self.0.slot.save(&unsaved).await?;
        let mut state = self.lock();
        let saved = |tokens: &StoredTokens| {
            tokens.access_token.expose_secret() == unsaved.access_token.expose_secret()
        };
        if state.unsaved.as_ref().is_some_and(saved) {
            state.unsaved = None;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn again(&self) -> String {
        match self.0.slot.account() {
            Some(name) => format!("sign in with `countersign --account {name} login`"),
            None => "sign in: send the browser to `CodeGrant::begin` and hand what comes back to `CodeGrant::finish`"
                .to_owned(),
        }
    }

    fn nobody(&self) -> Error {
        Error::new(ErrorKind::Unauthenticated, "nobody has signed in to this account").with_hint(self.again())
    }

    fn run_out(&self) -> Error {
        Error::new(
            ErrorKind::Unauthenticated,
            "the sign-in has run out, and the vendor gave nothing to renew it with",
        )
        .with_hint(self.again())
    }

    fn not_renewed(&self, error: Error) -> Error {
        error
            .reworded(
                ErrorKind::Unauthenticated,
                "the sign-in cannot be renewed: its refresh token was used already, was revoked, or is too old",
            )
            .with_hint(self.again())
    }

    /// The person, or the vendor for them, said no.
    fn not_agreed(&self, word: &str) -> Error {
        let client = match self.0.endpoint.client() {
            OauthClient::Public { .. } => "the client id",
            _ => "client id and secret",
        };
        match word {
            "access_denied" | "consent_required" => Error::new(
                ErrorKind::ConsentRequired,
                "the person did not allow the application to act for them",
            )
            .with_hint(
                "sign in again and agree, or ask the account's administrator to allow the application",
            ),
            _ => Error::new(
                ErrorKind::Unauthenticated,
                format!("the vendor refused the sign-in ({})", clip(word)),
            )
            .with_hint(format!(
                "check {client}, the scopes and the redirect URI that are registered with the vendor"
            )),
        }
    }
}

fn stored(granted: TokenGrant, asked_at: Timestamp, old_refresh: Option<SecretString>) -> StoredTokens {
    let expires_at = asked_at.saturating_add(granted.life).unwrap_or(asked_at);
    // A vendor that gives no new refresh token means the old one to go on (RFC 6749, 6).
    let refresh_token = granted.refresh_token.or(old_refresh);
    StoredTokens::new(granted.access_token, asked_at, expires_at).with_refresh_token(refresh_token)
}

fn is_invalid_grant(error: &Error) -> bool {
    error.provider_code().is_some_and(|code| code.to_ascii_lowercase().starts_with("invalid_grant"))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A word out of a URL that anybody may have written.
fn clip(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(40).collect()
}
