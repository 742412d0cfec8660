//! The tokens that an application obtains for itself: by one process, in a store, for all.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::auth::shared_tokens::{LEASE, LONGEST_WAIT, PAUSES, same_token};
use crate::auth::{RenewalLease, StoredTokens, TokenSlot, renew_at};
use crate::error::Result;
use crate::http::Context;
use crate::locked;
use crate::model::Timestamp;

/// Where an application obtains its own tokens.
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// Returns a new token and its expiry.
    ///
    /// # Errors
    /// The vendor's refusal, or the failure of the request.
    async fn token(&self, cx: &Context) -> Result<(SecretString, Timestamp)>;
}

/// The token in one slot. An application can obtain another one whenever it needs it, so no call fails because of
/// the store.
pub(crate) struct ApplicationToken {
    slot: TokenSlot,
    early: Duration,
    /// The token that the vendor refused before it expired.
    refused: Mutex<Option<SecretString>>,
}

impl fmt::Debug for ApplicationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.slot.fmt(f)
    }
}

/// What the store has, and whether it is up to this process to replace it.
enum Turn {
    Use(StoredTokens),
    /// With the token that still works, if there is one.
    Obtain(Option<RenewalLease>, Option<StoredTokens>),
}

impl ApplicationToken {
    pub(crate) fn new(slot: TokenSlot, early: Duration) -> Self {
        Self { slot, early, refused: Mutex::default() }
    }

    pub(crate) fn refuse(&self, token: SecretString) {
        *locked(&self.refused) = Some(token);
    }

    /// The stored token, or a new one, which is stored.
    ///
    /// # Errors
    /// As the source, if no stored token works.
    pub(crate) async fn get(
        &self,
        cx: &Context,
        source: &dyn TokenSource,
    ) -> Result<(SecretString, Timestamp)> {
        let (lease, old) = match self.turn(cx).await {
            Ok(Turn::Use(tokens)) => return Ok((tokens.access_token, tokens.expires_at)),
            Ok(Turn::Obtain(lease, old)) => (lease, old),
            Err(error) => {
                tracing::warn!(kind = error.kind().as_str(), "the token store cannot be used");
                (None, None)
            }
        };
        let obtained_at = cx.now();
        match (source.token(cx).await, old) {
            (Ok((token, expires_at)), _) => {
                if lease.is_some() {
                    let tokens = StoredTokens::new(token.clone(), obtained_at, expires_at);
                    if let Err(error) = self.slot.save(&tokens, None).await {
                        tracing::warn!(kind = error.kind().as_str(), "the new token could not be stored");
                    }
                }
                Ok((token, expires_at))
            }
            (Err(_), Some(old)) => Ok((old.access_token, old.expires_at)),
            (Err(error), None) => Err(error),
        }
    }

    async fn turn(&self, cx: &Context) -> Result<Turn> {
        let mut lease = None;
        let (mut waited, mut pause) = (Duration::ZERO, PAUSES.0);
        loop {
            let now = cx.now();
            let usable = self.slot.load().await?.map(|(tokens, _)| tokens);
            let usable = usable.filter(|tokens| self.is_usable(tokens, now));
            match usable {
                Some(tokens) if now < renew_at(tokens.obtained_at, tokens.expires_at, self.early) => {
                    return Ok(Turn::Use(tokens));
                }
                // Read again under the lease: another process may have been first.
                usable if lease.is_some() || waited >= LONGEST_WAIT => {
                    return Ok(Turn::Obtain(lease, usable));
                }
                usable => {
                    lease = self.slot.begin_renewal(LEASE).await?;
                    match usable {
                        Some(tokens) if lease.is_none() => return Ok(Turn::Use(tokens)),
                        None if lease.is_none() => {
                            cx.sleep(pause).await;
                            waited += pause;
                            pause = PAUSES.1.min(pause * 2);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    fn is_usable(&self, tokens: &StoredTokens, now: Timestamp) -> bool {
        let refused = locked(&self.refused);
        let is_refused = refused.as_ref().is_some_and(|refused| same_token(refused, &tokens.access_token));
        now < tokens.expires_at && !is_refused
    }
}
