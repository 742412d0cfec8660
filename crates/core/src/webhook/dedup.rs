//! Distinguishes repeated webhook deliveries from first ones, without losing either.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::key::NotificationKey;
use crate::error::Result;

/// The state of a webhook delivery.
#[must_use = "a first delivery that is dropped counts as not done"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dedup<W = Delivery> {
    /// The first delivery, or the first since earlier work failed. Do the work, then call [`Delivery::done`].
    First(W),
    /// The work is already done. Answer 200 and do nothing.
    Duplicate,
    /// Another delivery's work is in progress and may still fail. Answer 503 with `Retry-After`, so that the vendor
    /// delivers again; a 200 would lose the event if that work fails.
    InProgress {
        /// The time until the other delivery's lease ends. Its work usually ends sooner.
        retry_after: Duration,
    },
}

/// Identifies a notification in a store: the account of this application that received it, and the vendor's event.
///
/// The account separates tenants: a tenant that can sign its own webhooks cannot use up the key of another tenant's
/// event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeenKey {
    /// The account's name.
    pub account: Arc<str>,
    /// The vendor's event.
    pub notification: NotificationKey,
}

impl SeenKey {
    /// The key of a notification that this account received. Use any account name that stays the same after a
    /// restart.
    #[must_use]
    pub fn new(account: impl Into<Arc<str>>, notification: NotificationKey) -> Self {
        Self { account: account.into(), notification }
    }
}

/// Proof of one claim of a [`SeenKey`]. A store never issues the same token twice for a key, not even after a
/// release. A worker whose lease has ended therefore cannot complete the work of the next one. The number is signed
/// because databases use signed numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FencingToken(pub i64);

/// The result of [`SeenStore::complete`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completion {
    /// The work is recorded as done; later deliveries are duplicates.
    Recorded,
    /// Nothing changed: the lease had ended, and another delivery has taken over the work. The work may be done
    /// twice.
    Superseded,
}

/// Remembers which notifications were processed. Applications use it through a [`Delivery`].
///
/// A key is free, in progress under a [`FencingToken`] until its lease ends, or done. Work is done at least once;
/// it is done twice only if the process or the lease ends between the work and its record. The store's own clock
/// decides all times, so that processes that share a store need not have the same time.
///
/// For a store on top of a database: [`SeenStore::claim`] is one statement that inserts the row, or takes it over
/// if it is in progress and its lease has ended; tokens come from a sequence. Neither a crash nor a
/// [`SeenStore::release`] that gets lost frees a key there; the end of the lease does.
#[async_trait]
pub trait SeenStore: fmt::Debug + Send + Sync + 'static {
    /// Claims the key for the duration of the lease, if the key is free or the lease of the earlier claim has
    /// ended. Of several simultaneous callers, exactly one gets [`Dedup::First`].
    ///
    /// # Errors
    /// Fails if the store cannot be used; the key is then not claimed, or only until the lease ends.
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>>;

    /// Records the work as done, unless it is already done or in progress under another token. It also succeeds if
    /// only the own lease has ended, because the work is done. When this returns, the record is stored durably.
    ///
    /// # Errors
    /// Fails if the store cannot be used; the work may or may not be recorded then.
    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion>;

    /// Frees the key if it is in progress under this token: the next delivery counts as the first.
    ///
    /// Called when a [`Delivery`] is dropped, where nothing can be awaited: it must not block and cannot fail. A
    /// network store passes it to a separate task and may lose it; the key is then free when its lease ends.
    fn release(&self, key: &SeenKey, token: FencingToken);
}

/// The first delivery of a notification, whose work is in progress while this value exists.
///
/// [`Delivery::done`] records the work as done. Dropping the value in any other way (an error, a panic, a cancelled
/// future) frees the key, and the vendor's next delivery is the first again. Servers drop a handler's future when
/// the sender disconnects, so run the work in a separate task; `Webhook::process` of the client crate does.
#[must_use = "dropping it means that the work failed"]
#[derive(Debug)]
pub struct Delivery {
    store: Arc<dyn SeenStore>,
    key: SeenKey,
    token: FencingToken,
    recorded: bool,
}

impl Delivery {
    /// The default lease: five minutes. Use another one only if the work is known to last longer. It is much longer
    /// than a vendor waits for an answer, and short compared to the hours in which vendors repeat a delivery.
    pub const LEASE: Duration = Duration::from_secs(5 * 60);

    /// Asks the store for the state of this delivery, and claims it for the duration of the lease if it is the
    /// first. If the lease ends before the work does, another delivery of the same notification counts as the
    /// first.
    ///
    /// # Errors
    /// As [`SeenStore::claim`]. Answer 503, so that the vendor delivers again.
    pub async fn begin(store: Arc<dyn SeenStore>, key: SeenKey, lease: Duration) -> Result<Dedup> {
        Ok(match store.claim(&key, lease).await? {
            Dedup::First(token) => Dedup::First(Self { store, key, token, recorded: false }),
            Dedup::Duplicate => Dedup::Duplicate,
            Dedup::InProgress { retry_after } => Dedup::InProgress { retry_after },
        })
    }

    /// Records the work as done.
    ///
    /// # Errors
    /// As [`SeenStore::complete`]. The key is then freed: answer with a failure, and the work is done again with
    /// the vendor's next delivery.
    pub async fn done(mut self) -> Result<Completion> {
        let completion = self.store.complete(&self.key, self.token).await?;
        self.recorded = true;
        Ok(completion)
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if !self.recorded {
            self.store.release(&self.key, self.token);
        }
    }
}
