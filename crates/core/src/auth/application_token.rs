//! The tokens that an application obtains for itself: by one process, in a store, for all.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::auth::shared_tokens::{LEASE, LONGEST_WAIT, PAUSES};
use crate::auth::{RenewalLease, StoredTokens, TokenSlot};
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

    /// The vendor refused this token before it expired. A source that keeps tokens returns another one from now on.
    fn refuse(&self, token: SecretString) {
        drop(token);
    }
}

/// A source whose token is in a slot. An application can obtain another one whenever it needs it, so no call fails
/// because of the store.
#[derive(Debug)]
pub(crate) struct KeptToken<S> {
    source: S,
    slot: TokenSlot,
    early: Duration,
    /// The token that the vendor refused before it expired.
    refused: Mutex<Option<SecretString>>,
}

/// What the store has, and whether it is up to this process to replace it.
enum Turn {
    Use(StoredTokens),
    /// With the token that still works, if there is one.
    Obtain(Option<RenewalLease>, Option<StoredTokens>),
}

#[async_trait]
impl<S: TokenSource> TokenSource for KeptToken<S> {
    /// The stored token, or a new one, which is stored.
    async fn token(&self, cx: &Context) -> Result<(SecretString, Timestamp)> {
        let (lease, old) = match self.turn(cx).await {
            Ok(Turn::Use(tokens)) => return Ok((tokens.access_token, tokens.expires_at)),
            Ok(Turn::Obtain(lease, old)) => (lease, old),
            Err(error) => {
                tracing::warn!(kind = error.kind().as_str(), "the token store cannot be used");
                (None, None)
            }
        };
        let obtained_at = cx.now();
        match (self.source.token(cx).await, old) {
            (Ok((token, expires_at)), _) => {
                if lease.is_some() {
                    let tokens = StoredTokens::new(token.clone(), obtained_at, expires_at);
                    if let Err(error) = self.slot.store.save(&self.slot.key, &tokens, None).await {
                        tracing::warn!(kind = error.kind().as_str(), "the new token could not be stored");
                    }
                }
                Ok((token, expires_at))
            }
            (Err(_), Some(old)) => Ok((old.access_token, old.expires_at)),
            (Err(error), None) => Err(error),
        }
    }

    fn refuse(&self, token: SecretString) {
        self.source.refuse(token.clone());
        *locked(&self.refused) = Some(token);
    }
}

impl<S> KeptToken<S> {
    pub(crate) fn new(source: S, slot: TokenSlot, early: Duration) -> Self {
        Self { source, slot, early, refused: Mutex::default() }
    }

    async fn turn(&self, cx: &Context) -> Result<Turn> {
        let mut lease = None;
        let (mut waited, mut pause) = (Duration::ZERO, PAUSES.0);
        loop {
            let now = cx.now();
            let usable = self.slot.store.load(&self.slot.key).await?.map(|(tokens, _)| tokens);
            let usable = usable.filter(|tokens| tokens.is_usable(now, locked(&self.refused).as_ref()));
            match usable {
                Some(tokens) if tokens.is_fresh(now, self.early) => {
                    return Ok(Turn::Use(tokens));
                }
                // Read again under the lease: another process may have been first.
                usable if lease.is_some() || waited >= LONGEST_WAIT => {
                    return Ok(Turn::Obtain(lease, usable));
                }
                usable => {
                    lease = self.slot.store.begin_renewal(&self.slot.key, LEASE).await?;
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
}
