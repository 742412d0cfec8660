//! The common ways to sign in to an account, from its configuration to a session.

use std::time::Duration;

use http::HeaderName;
use secrecy::{ExposeSecret, SecretString};

use crate::auth::session::{ClientCredentials, Session};
use crate::auth::{ClientProof, CodeGrant, OauthClient, TokenEndpoint, TokenSlot};
use crate::error::{Error, ErrorKind, Result, Vocabulary};
use crate::model::{BaseUrl, WebUrl};
use crate::vendor::Settings;

const CLIENT_ID: &str = "the client id of the OAuth application";

/// How to sign in to an account of a vendor that has API keys or OAuth. `Debug` hides the secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// An API key.
    ApiKey(SecretString),
    /// An OAuth application that acts for the account that owns it. There is no refresh token; new tokens are
    /// requested instead.
    ClientCredentials {
        /// The client id.
        client_id: String,
        /// The client secret.
        client_secret: SecretString,
        /// Where the tokens are stored. Processes that share a store use the same ones.
        tokens: TokenSlot,
    },
    /// The authorization code grant with PKCE: a user signs in with a browser, and calls act for that user.
    AuthorizationCode {
        /// The client id.
        client_id: String,
        /// The client secret, if the application has one.
        client_secret: Option<SecretString>,
        /// The redirect URI registered for the application.
        redirect_uri: Option<WebUrl>,
        /// Where the tokens are stored. A refresh token may work only once, so it must not be lost.
        tokens: TokenSlot,
    },
}

/// Where and how a vendor signs in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The vendor.
    pub vocabulary: Vocabulary,
    /// The header that carries an API key.
    pub key_header: HeaderName,
    /// The path of the token endpoint, below the sign-in host.
    pub token_path: &'static [&'static str],
    /// The host of the page on which a user signs in, if it is not the sign-in host.
    pub authorize_host: Option<BaseUrl>,
    /// The path of that page.
    pub authorize_path: &'static str,
    /// The scopes that an application requests.
    pub scope: &'static str,
    /// The scopes that a user is asked to grant, including the one that returns a refresh token.
    pub person_scope: &'static str,
    /// How long before their expiry tokens are renewed.
    pub early: Duration,
}

impl Credentials {
    /// Reads the table `auth`: its `kind`, which is one of these, and the keys of that kind. `slot` returns the
    /// token storage entry of what these words identify. They may contain a secret.
    ///
    /// # Errors
    /// `Config`, which names the key and the allowed values, never the value itself.
    pub fn read(
        auth: &Settings,
        kinds: &[&'static str],
        slot: impl FnOnce(&[&str]) -> TokenSlot,
    ) -> Result<Self> {
        let credentials = match auth.choice("kind", kinds)? {
            None => {
                return Err(auth.wrong("kind", "is missing").with_hint(format!("give {}", kinds.join(", "))));
            }
            Some("client_credentials") => {
                let client_id = auth.required("client_id", CLIENT_ID)?;
                let client_secret =
                    auth.required_secret("client_secret", "the client secret of the OAuth application")?;
                let tokens = slot(&[&client_id, client_secret.expose_secret()]).of_application();
                Self::ClientCredentials { client_id, client_secret, tokens }
            }
            Some("authorization_code") => {
                let client_id = auth.required("client_id", CLIENT_ID)?;
                let tokens = slot(&[&client_id]);
                let (client_secret, redirect_uri) =
                    (auth.secret("client_secret")?, auth.parsed("redirect_uri")?);
                Self::AuthorizationCode { client_id, client_secret, redirect_uri, tokens }
            }
            Some(_) => {
                Self::ApiKey(auth.required_secret("api_key", "an API key of this environment and region")?)
            }
        };
        auth.finish()?;
        Ok(credentials)
    }

    /// A session for requests to this base URL, with tokens from this host.
    ///
    /// # Errors
    /// `Config` for an empty key, secret or client id, and for a host that must not receive them.
    pub fn session(self, at: SignIn, base: BaseUrl, oauth: BaseUrl) -> Result<Session> {
        Settings::check_host("base_url", Some(&base))?;
        Settings::check_host("oauth_url", Some(&oauth))?;
        let (secret, what) = match &self {
            Self::ApiKey(key) => (key.expose_secret(), "the API key"),
            Self::ClientCredentials { client_secret, .. } => {
                (client_secret.expose_secret(), "the client secret")
            }
            Self::AuthorizationCode { client_id, .. } => (client_id.as_str(), "the client id"),
        };
        if secret.trim().is_empty() {
            return Err(Error::new(ErrorKind::Config, format!("{what} is empty")));
        }
        let (vocabulary, path) = (at.vocabulary, at.token_path);
        let endpoint =
            |id, proof| TokenEndpoint { vocabulary, host: oauth, path, client: OauthClient { id, proof } };
        Ok(match self {
            Self::ApiKey(key) => Session::api_key(base, at.key_header, key),
            Self::ClientCredentials { client_id, client_secret, tokens } => {
                let endpoint = endpoint(client_id, ClientProof::Form(client_secret));
                let source = ClientCredentials { endpoint, scope: at.scope };
                Session::shared_grant(Some(base), source, at.early, tokens)
            }
            Self::AuthorizationCode { client_id, client_secret, redirect_uri, tokens } => {
                let proof = client_secret.map_or(ClientProof::None, ClientProof::Form);
                let (endpoint, path) = (endpoint(client_id, proof), at.authorize_path);
                let page = at.authorize_host.as_ref().unwrap_or(&endpoint.host);
                let page = format!("{}{path}", page.as_str());
                let grant = CodeGrant::new(endpoint, page, at.person_scope, redirect_uri, tokens, at.early);
                Session::authorization_code(Some(base), grant, at.early)
            }
        })
    }
}
