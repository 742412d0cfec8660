//! The tokens of one sign-in in a store: renewed by one process at a time, used by all.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;

use crate::auth::token_store::same_token;
use crate::auth::{
    RenewalLease, StoredTokens, TokenEndpoint, TokenGrant, TokenSave, TokenSlot, TokenVersion,
};
use crate::error::{Error, ErrorKind, Outcome, Result, Retry};
use crate::http::Context;
use crate::locked;
use crate::model::{Timestamp, WebUrl};
use crate::redact::hidden;

/// How long a process may take for a renewal before another one may renew.
pub(super) const LEASE: Duration = Duration::from_secs(60);

/// How long to wait for the renewal of another process.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The first and the longest pause between two reads of the store while another process renews.
pub(super) const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));

/// How long the version that was last read from the store counts as current.
const VERSION_LIFE: Duration = Duration::from_secs(5);

/// The sign-in of one user at one vendor. Clones share it.
///
/// An application sends the user's browser to [`PendingSignIn::url`](crate::PendingSignIn::url), receives it back at
/// its redirect URI, and passes the query of that request to [`CodeGrant::finish`]. From then on, calls are signed with
/// tokens from the store, which are renewed when needed. On the command line, `countersign login` does all of this.
#[derive(Debug, Clone)]
pub struct CodeGrant(pub(super) Arc<Grant>);

pub(super) struct Grant {
    pub(super) endpoint: TokenEndpoint,
    pub(super) slot: TokenSlot,
    pub(super) early: Duration,
    pub(super) shared: Mutex<SharedTokens>,
    pub(super) authorize: String,
    pub(super) scope: String,
    pub(super) redirect_uri: Option<WebUrl>,
}

hidden!(Grant { endpoint, scope, slot });

/// An access token and its expiry.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedIn {
    /// The token that calls carry.
    pub access_token: SecretString,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Its version in the store; see [`CodeGrant::is_current`].
    pub version: TokenVersion,
}

/// What a process knows about the tokens in the slot.
#[derive(Default)]
pub(crate) struct SharedTokens {
    /// Tokens that are not stored yet. They are not used before they are stored.
    unsaved: Option<Unsaved>,
    /// The access token that the vendor refused before it expired.
    refused: Option<SecretString>,
    /// The last version read from the store, and when it was read.
    seen: Option<(Option<TokenVersion>, Timestamp)>,
    /// The version with which the last attempt to get an access token ended.
    tried: Option<TokenVersion>,
}

impl SharedTokens {
    fn has_new_sign_in(&self) -> bool {
        self.unsaved.as_ref().is_some_and(|unsaved| unsaved.renews.is_none())
    }
}

#[derive(Clone)]
struct Unsaved {
    tokens: StoredTokens,
    /// The version that these tokens replace; `None` after a sign-in.
    renews: Option<TokenVersion>,
    /// Held until the tokens are stored, because other processes know only the refresh token that was used for
    /// them.
    _lease: Option<Arc<RenewalLease>>,
}

impl CodeGrant {
    /// Stores the tokens of a sign-in, replacing any others.
    pub(super) async fn sign_in(&self, granted: TokenGrant, asked_at: Timestamp) -> Result<()> {
        {
            let mut state = locked(&self.0.shared);
            state.refused = None;
            state.unsaved =
                Some(Unsaved { tokens: stored(granted, asked_at, None), renews: None, _lease: None });
        }
        self.save().await.map(drop)
    }

    /// Deletes the tokens, here and in the store. At the vendor they stay valid until they expire.
    ///
    /// # Errors
    /// Errors of the store.
    pub async fn forget(&self) -> Result<()> {
        locked(&self.0.shared).unsaved = None;
        self.0.slot.store.remove(&self.0.slot.key).await?;
        locked(&self.0.shared).seen = None;
        Ok(())
    }

    /// Marks this access token as refused by the vendor: the next call renews it, even if it has not expired.
    pub fn refuse(&self, access_token: SecretString) {
        locked(&self.0.shared).refused = Some(access_token);
    }

    /// Returns an access token that is still valid for a while: the stored one, or a new one obtained with the
    /// refresh token. Of all processes that share the store, one renews. The others use the stored token while it
    /// works; after that they wait up to ten seconds for the new one.
    ///
    /// # Errors
    /// `Unauthenticated` if no user has signed in, or the sign-in has expired; the error of the renewal if the
    /// stored token has expired; `Unavailable` if another process takes too long to renew; errors of the store.
    pub async fn access_token(&self, cx: &Context) -> Result<SignedIn> {
        // An attempt that fails before it reads the store has tried no others than the last one.
        let mut tried = locked(&self.0.shared).tried;
        let result = self.obtain(cx, &mut tried).await;
        locked(&self.0.shared).tried = result.as_ref().map_or(tried, |signed_in| Some(signed_in.version));
        result
    }

    /// Whether the store has other tokens than those of the last attempt, or those of a new sign-in are not stored yet.
    pub(crate) async fn has_other_tokens(&self, cx: &Context) -> bool {
        let (tried, is_new) = {
            let state = locked(&self.0.shared);
            (state.tried, state.has_new_sign_in())
        };
        is_new || self.load(cx.now()).await.is_ok_and(|found| found.map(|(_, version)| version) != tried)
    }

    /// Gets an access token; `tried` is the version of the tokens that were last read for it.
    async fn obtain(&self, cx: &Context, tried: &mut Option<TokenVersion>) -> Result<SignedIn> {
        self.save().await?;
        let mut lease: Option<Arc<RenewalLease>> = None;
        let mut overtaken = false;
        let (mut waited, mut pause) = (Duration::ZERO, PAUSES.0);
        loop {
            let now = cx.now();
            let found = self.load(now).await?;
            *tried = found.as_ref().map(|(_, version)| *version);
            let (tokens, version) = found.ok_or_else(|| self.not_signed_in())?;
            let usable = tokens.is_usable(now, locked(&self.0.shared).refused.as_ref());
            if usable && tokens.is_fresh(now, self.0.early) {
                return Ok(signed_in(tokens, version));
            }
            let Some(refresh_token) = &tokens.refresh_token else {
                return if usable { Ok(signed_in(tokens, version)) } else { Err(self.run_out()) };
            };
            let Some(held) = &lease else {
                lease = self.0.slot.store.begin_renewal(&self.0.slot.key, LEASE).await?.map(Arc::new);
                if lease.is_none() {
                    if usable {
                        return Ok(signed_in(tokens, version));
                    }
                    if waited >= LONGEST_WAIT {
                        return Err(busy());
                    }
                    cx.sleep(pause).await;
                    waited += pause;
                    pause = PAUSES.1.min(pause * 2);
                }
                // Another process may have renewed since the tokens were read.
                continue;
            };
            let secret = [("refresh_token", refresh_token)];
            let error = match self.0.endpoint.ask(cx, "refresh_token", &[], &secret).await {
                Ok(granted) => {
                    let new = stored(granted, now, Some(refresh_token.clone()));
                    let _lease = Some(Arc::clone(held));
                    locked(&self.0.shared).unsaved =
                        Some(Unsaved { tokens: new.clone(), renews: Some(version), _lease });
                    match self.save().await? {
                        Some(TokenSave::Kept(version)) => return Ok(signed_in(new, version)),
                        _ if overtaken => return Err(busy()),
                        _ => {}
                    }
                    lease = None;
                    overtaken = true;
                    continue;
                }
                Err(error) => error,
            };
            if is_invalid_grant(&error) && !overtaken {
                // After a lease has ended, another process may still have used this refresh token.
                overtaken = true;
                if self.load(now).await?.is_some_and(|(_, stored)| stored != version) {
                    continue;
                }
            }
            return match usable {
                true => Ok(signed_in(tokens, version)),
                false if is_invalid_grant(&error) => Err(self.not_renewed(error)),
                false => Err(error),
            };
        }
    }

    /// Returns whether the store still holds tokens of this version. Reads the store every five seconds, so it
    /// notices within that time that another process has signed in, signed out or renewed. While the store fails,
    /// the version counts as current.
    pub async fn is_current(&self, cx: &Context, version: TokenVersion) -> bool {
        let now = cx.now();
        {
            let state = locked(&self.0.shared);
            if state.has_new_sign_in() {
                return false;
            }
            if let Some((seen, at)) = state.seen
                && at <= now
                && at.saturating_add(VERSION_LIFE).is_ok_and(|end| now < end)
            {
                return seen == Some(version);
            }
        }
        match self.load(now).await {
            Ok(found) => found.is_some_and(|(_, found)| found == version),
            Err(error) => {
                tracing::warn!(kind = error.kind().as_str(), "the token store cannot be read");
                locked(&self.0.shared).seen = Some((Some(version), now));
                true
            }
        }
    }

    async fn load(&self, now: Timestamp) -> Result<Option<(StoredTokens, TokenVersion)>> {
        let found = self.0.slot.store.load(&self.0.slot.key).await?;
        locked(&self.0.shared).seen = Some((found.as_ref().map(|(_, version)| *version), now));
        Ok(found)
    }

    /// Stores new tokens that are not stored yet. Drops them if the store has newer ones.
    async fn save(&self) -> Result<Option<TokenSave>> {
        let Some(unsaved) = locked(&self.0.shared).unsaved.clone() else { return Ok(None) };
        let saved = self.0.slot.store.save(&self.0.slot.key, &unsaved.tokens, unsaved.renews).await?;
        if let TokenSave::Overtaken(_) = saved {
            tracing::warn!("renewed tokens were dropped: the store already has others");
        }
        let mut state = locked(&self.0.shared);
        let is_saved = |one: &Unsaved| same_token(&one.tokens.access_token, &unsaved.tokens.access_token);
        if state.unsaved.as_ref().is_some_and(is_saved) {
            state.unsaved = None;
        }
        state.seen = None;
        Ok(Some(saved))
    }

    fn again(&self) -> String {
        match self.0.slot.account() {
            Some(name) => format!("sign in with `countersign --account {name} login`"),
            None => "sign in: send the browser to `CodeGrant::begin` and pass the returned query to \
                     `CodeGrant::finish`"
                .to_owned(),
        }
    }

    fn not_signed_in(&self) -> Error {
        Error::new(ErrorKind::Unauthenticated, "no user has signed in to this account")
            .with_hint(self.again())
    }

    fn run_out(&self) -> Error {
        Error::new(
            ErrorKind::Unauthenticated,
            "the sign-in has expired, and the vendor issued no refresh token",
        )
        .with_hint(self.again())
    }

    fn not_renewed(&self, error: Error) -> Error {
        error
            .reworded(
                ErrorKind::Unauthenticated,
                "the sign-in cannot be renewed: its refresh token was already used, was revoked, or has expired",
            )
            .with_hint(self.again())
    }
}

fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "another process is renewing the sign-in and takes too long")
        .with_outcome(Outcome::NoEffect, Retry::After(Some(LONGEST_WAIT)))
        .with_hint("repeat the call in a minute: then this process may renew the sign-in itself")
}

fn signed_in(tokens: StoredTokens, version: TokenVersion) -> SignedIn {
    SignedIn { access_token: tokens.access_token, expires_at: tokens.expires_at, version }
}

fn stored(granted: TokenGrant, asked_at: Timestamp, old_refresh: Option<SecretString>) -> StoredTokens {
    let expires_at = asked_at.saturating_add(granted.life).unwrap_or(asked_at);
    // If a vendor returns no new refresh token, the old one stays valid (RFC 6749, 6).
    let refresh_token = granted.refresh_token.or(old_refresh);
    StoredTokens::new(granted.access_token, asked_at, expires_at).with_refresh_token(refresh_token)
}

pub(crate) fn is_invalid_grant(error: &Error) -> bool {
    error.provider_code().is_some_and(|code| code.to_ascii_lowercase().starts_with("invalid_grant"))
}
