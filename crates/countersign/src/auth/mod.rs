//! Credentials, tokens and a user's sign-in with a browser.
//!
//! ```
//! use std::path::PathBuf;
//! use std::sync::Arc;
//!
//! use countersign::auth::{FileTokenStore, TokenStore};
//!
//! // Where the tokens of those who sign in are kept. A service with a database implements `TokenStore`.
//! let store: Arc<dyn TokenStore> = Arc::new(FileTokenStore::new(Some(PathBuf::from("tokens"))));
//! ```

mod pending;
mod token_files;

pub use countersign_core::auth::{
    Anonymous, AuthRetry, Authenticator, CachedToken, ClientCredentials, CodeGrant, Connection, Credentials,
    CredentialsPreview, Locate, MemoryTokenStore, OauthClient, PendingSignIn, RenewalLease, Session, SignIn,
    SignedCredentials, SignedIn, StoredTokens, TokenCache, TokenEndpoint, TokenGrant, TokenSave, TokenSlot,
    TokenSource, TokenStore, TokenVersion, reclassify_auth_error,
};

pub use countersign_core::store::PendingSignIns;
pub use pending::MemorySignIns;
pub use token_files::FileTokenStore;
