//! Signing in as a person: the authorization code grant with PKCE.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use crate::auth::{
    OauthClient, SharedTokens, SignedIn, TokenEndpoint, TokenSlot, TokenVersion, challenge, is_invalid_grant,
    same, unguessable,
};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Context;
use crate::model::WebUrl;

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
    tokens: SharedTokens,
    authorize: &'static str,
    scope: String,
    redirect_uri: Option<WebUrl>,
}

impl fmt::Debug for CodeGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeGrant")
            .field("endpoint", &self.0.tokens.endpoint)
            .field("scope", &self.0.scope)
            .field("slot", &self.0.tokens.slot)
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
            tokens: SharedTokens::new(endpoint, slot, early),
            authorize,
            scope: scope.to_owned(),
            redirect_uri,
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
            self.0.tokens.endpoint.host().as_str(),
            self.0.authorize,
            encode(self.0.tokens.endpoint.client().id()),
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
        let granted = self.0.tokens.endpoint.ask(cx, "authorization_code", &open, &secret).await;
        let granted = granted.map_err(|error| match is_invalid_grant(&error) {
            true => error
                .reworded(ErrorKind::Unauthenticated, "the vendor does not take the code of this sign-in")
                .with_hint("codes live for minutes and work once: sign in again; a wrong client secret or redirect URI is refused like this as well"),
            false => error,
        })?;
        self.0.tokens.sign_in(granted, asked_at).await
    }

    /// Forgets the tokens, here and in the store. At the vendor they stay good until their end.
    ///
    /// # Errors
    /// What the store fails with.
    pub async fn forget(&self) -> Result<()> {
        self.0.tokens.forget().await
    }

    /// Returns an access token that is good for a while: the stored one, or a new one by refresh token. Of all that share
    /// the store one renews. The others use the stored token while it works; after that they wait for the new one, for up to
    /// ten seconds.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody has signed in, or not lately enough; what stands in the way of renewing, if the
    /// stored token has run out; `Unavailable` when another process takes too long to renew; what the store fails with.
    pub async fn access_token(&self, cx: &Context) -> Result<SignedIn> {
        self.0.tokens.access_token(cx).await
    }

    /// Returns whether the store still holds tokens of this version. Reads the store every five seconds, so it notices by
    /// then that another process has signed in, signed out or renewed. While the store fails, the version counts as
    /// current.
    pub async fn is_current(&self, cx: &Context, version: TokenVersion) -> bool {
        self.0.tokens.is_current(cx, version).await
    }

    /// The vendor has refused this access token: the next call renews it, whatever its end.
    pub fn refuse(&self, access_token: SecretString) {
        self.0.tokens.refuse(access_token);
    }

    /// The person, or the vendor for them, said no.
    fn not_agreed(&self, word: &str) -> Error {
        let client = match self.0.tokens.endpoint.client() {
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

fn parameter(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A word out of a URL that anybody may have written.
fn clip(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(40).collect()
}
