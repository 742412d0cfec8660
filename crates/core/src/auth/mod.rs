//! How requests are signed: credentials, tokens, and the sign-in in a browser.

mod authenticator;
mod authorization_code;
mod credentials;
mod pkce;
mod shared_tokens;
mod token_cache;
mod token_endpoint;
mod token_store;

pub use authenticator::{Anonymous, AuthRetry, Authenticator, Connection};
pub use authorization_code::{CodeGrant, PendingSignIn};
pub use credentials::{CredentialsPreview, SignedCredentials};
pub use shared_tokens::SignedIn;
pub use token_cache::{CachedToken, TokenCache};
pub use token_endpoint::{OauthClient, TokenEndpoint, TokenGrant, reclassify_auth_error};
pub use token_store::{
    MemoryTokenStore, RenewalLease, StoredTokens, TokenSave, TokenSlot, TokenStore, TokenVersion,
};

pub(crate) use pkce::{challenge, fingerprint, same, unguessable};
pub(crate) use shared_tokens::{SharedTokens, is_invalid_grant};
pub(crate) use token_cache::renew_at;
