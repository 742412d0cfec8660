//! Sign-in of a user with a browser: the authorization code grant with PKCE.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::shared_tokens::Grant;
use crate::auth::{
    ClientProof, CodeGrant, TokenEndpoint, TokenSlot, challenge, is_invalid_grant, same, unguessable,
};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Context;
use crate::model::WebUrl;
use crate::redact::hidden;
use crate::store::{read, write};

/// The unreserved characters of a query (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A sign-in that has started. Keep it in the user's session until the browser returns, and never in another user's
/// session.
#[derive(Clone)]
pub struct PendingSignIn {
    url: String,
    redirect_uri: WebUrl,
    state: SecretString,
    verifier: SecretString,
}

hidden!(PendingSignIn { redirect_uri });

impl PendingSignIn {
    /// Where to send the user's browser.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The redirect URI to which the browser returns.
    pub fn redirect_uri(&self) -> &WebUrl {
        &self.redirect_uri
    }

    /// Whether a query that arrived at the redirect URI belongs to this sign-in, which means that it has the same
    /// `state`.
    #[must_use]
    pub fn is_answered_by(&self, query: &str) -> bool {
        parameter(query, "state").is_some_and(|state| same(&state, self.state.expose_secret()))
    }

    /// Identifies this sign-in in a store. Not secret: a hash of its `state`.
    pub fn handle(&self) -> String {
        handle(self.state.expose_secret())
    }

    /// The handle of the sign-in to which a query that arrived at the redirect URI claims to belong.
    #[must_use]
    pub fn handle_in(query: &str) -> Option<String> {
        parameter(query, "state").map(|state| handle(&state))
    }

    /// The sign-in as bytes, to be sealed by a store: they contain its secrets.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        write(&Stored {
            url: self.url.as_str().into(),
            redirect_uri: self.redirect_uri.as_str().into(),
            state: self.state.expose_secret().into(),
            verifier: self.verifier.expose_secret().into(),
        })
    }

    /// Reads the bytes back, perhaps in another process.
    ///
    /// # Errors
    /// `Unexpected` if they are not a sign-in of a known version. The error does not contain them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let unreadable = || Error::new(ErrorKind::Unexpected, "the stored sign-in cannot be read");
        let stored: Stored<'_> = read(bytes).map_err(|_| unreadable())?;
        Ok(Self {
            redirect_uri: WebUrl::new(&stored.redirect_uri).map_err(|_| unreadable())?,
            url: stored.url.into_owned(),
            state: SecretString::from(stored.state.into_owned()),
            verifier: SecretString::from(stored.verifier.into_owned()),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow)]
    redirect_uri: Cow<'a, str>,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(borrow)]
    verifier: Cow<'a, str>,
}

fn handle(state: &str) -> String {
    Sha256::digest(state.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl CodeGrant {
    /// The grant at a vendor: its token endpoint, the URL of its sign-in page, the scopes to request, the
    /// application's registered redirect URI if it is already known, and where the tokens are stored. Tokens are
    /// renewed this much earlier than they expire: `early`.
    #[must_use]
    pub fn new(
        endpoint: TokenEndpoint,
        authorize: String,
        scope: &str,
        redirect_uri: Option<WebUrl>,
        slot: TokenSlot,
        early: Duration,
    ) -> Self {
        let (shared, scope) = (Mutex::default(), scope.to_owned());
        Self(Arc::new(Grant { endpoint, slot, early, shared, authorize, scope, redirect_uri }))
    }

    /// The configured redirect URI.
    pub fn redirect_uri(&self) -> Option<&WebUrl> {
        self.0.redirect_uri.as_ref()
    }

    /// Starts a sign-in whose browser returns to this URI, which must be registered for the application.
    ///
    /// # Errors
    /// `Unexpected` if the system provides no random numbers.
    pub fn begin(&self, redirect_uri: WebUrl) -> Result<PendingSignIn> {
        let (state, verifier) = (unguessable()?, unguessable()?);
        let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let url = format!(
            "{}?response_type=code&client_id={}&redirect_uri={}&scope={}&state={}&code_challenge={}\
             &code_challenge_method=S256",
            self.0.authorize,
            encode(&self.0.endpoint.client.id),
            encode(redirect_uri.as_str()),
            encode(&self.0.scope),
            state.expose_secret(),
            challenge(&verifier),
        );
        Ok(PendingSignIn { url, redirect_uri, state, verifier })
    }

    /// Completes a sign-in with the query that arrived at the redirect URI: checks that it belongs to this sign-in,
    /// exchanges the code for tokens, and stores them.
    ///
    /// # Errors
    /// `InvalidRequest` for a query of another sign-in; `ConsentRequired` if the user did not agree;
    /// `Unauthenticated` if the vendor rejects the code; errors of the store.
    pub async fn finish(&self, cx: &Context, pending: &PendingSignIn, query: &str) -> Result<()> {
        if !pending.is_answered_by(query) {
            return Err(Error::new(ErrorKind::InvalidRequest, "the answer does not belong to this sign-in")
                .with_hint("start the sign-in again, and finish it in the same browser"));
        }
        if let Some(word) = parameter(query, "error") {
            return Err(self.not_agreed(&word));
        }
        let code = parameter(query, "code").filter(|code| !code.is_empty()).map(SecretString::from);
        let code = code.ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "the vendor redirected the browser without a code")
        })?;
        let asked_at = cx.now();
        let open = [("redirect_uri", pending.redirect_uri.as_str())];
        let secret = [("code", &code), ("code_verifier", &pending.verifier)];
        let granted = self.0.endpoint.ask(cx, "authorization_code", &open, &secret).await;
        let granted = granted.map_err(|error| match is_invalid_grant(&error) {
            true => error
                .reworded(ErrorKind::Unauthenticated, "the vendor rejected the code of this sign-in")
                .with_hint(
                    "codes are valid for minutes and work once: sign in again; a wrong client secret or \
                     redirect URI causes the same error",
                ),
            false => error,
        })?;
        self.sign_in(granted, asked_at).await
    }

    /// The user, or the vendor, denied access.
    fn not_agreed(&self, word: &str) -> Error {
        let client = match self.0.endpoint.client.proof {
            ClientProof::None => "the client id",
            _ => "client id and secret",
        };
        match word {
            "access_denied" | "consent_required" => Error::new(
                ErrorKind::ConsentRequired,
                "the user did not allow the application to act for them",
            )
            .with_hint(
                "sign in again and agree, or ask the account's administrator to allow the application",
            ),
            _ => Error::new(
                ErrorKind::Unauthenticated,
                format!("the vendor refused the sign-in ({})", clip(word)),
            )
            .with_hint(format!(
                "check {client}, the scopes, and the redirect URI registered with the vendor"
            )),
        }
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A value from a URL, which anyone may have written.
fn clip(word: &str) -> String {
    word.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).take(40).collect()
}
