//! How requests are signed: credentials, tokens, and the sign-in in a browser.

mod application_token;
mod authenticator;
mod authorization_code;
mod credentials;
#[cfg(feature = "jwt")]
mod jwt_bearer;
mod pkce;
mod session;
mod shared_tokens;
mod sign_in;
mod token_cache;
mod token_endpoint;
mod token_store;

pub use application_token::TokenSource;
pub use authenticator::{Anonymous, AuthRetry, Authenticator, Connection};
pub use authorization_code::PendingSignIn;
pub use credentials::{CredentialsPreview, SignedCredentials};
#[cfg(feature = "jwt")]
pub use jwt_bearer::{JwtBearer, RsaKey};
pub use session::{ClientCredentials, Locate, Session};
pub use shared_tokens::{CodeGrant, SignedIn};
pub use sign_in::{Credentials, SignIn};
pub use token_cache::{CachedToken, TokenCache};
pub use token_endpoint::{ClientProof, OauthClient, TokenEndpoint, TokenGrant, reclassify_auth_error};
pub use token_store::{
    MemoryTokenStore, RenewalLease, StoredTokens, TokenSave, TokenSlot, TokenStore, TokenVersion,
};

pub(crate) use application_token::KeptToken;
pub(crate) use pkce::{challenge, fingerprint, same, unguessable};
pub(crate) use shared_tokens::is_invalid_grant;
pub(crate) use token_cache::renew_at;
