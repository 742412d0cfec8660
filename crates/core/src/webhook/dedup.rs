//! Telling a second delivery of a webhook from the first, without losing either.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::key::NotificationKey;
use crate::error::Result;

/// What a delivery of a webhook is.
#[must_use = "a first delivery that is dropped counts as not done"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dedup<W = Delivery> {
    /// The first, or the first since earlier work failed. Do the work, then call [`Delivery::done`].
    First(W),
    /// The work is done already. Answer 200 and do nothing.
    Duplicate,
    /// Another delivery's work is in progress and may still fail. Answer 503 with `Retry-After`, so that the vendor
    /// delivers again; a 200 would lose the event if that work fails.
    InProgress {
        /// The time until the other delivery's lease ends. Its work is usually over sooner.
        retry_after: Duration,
    },
}

/// What a store knows a notification by: the account of this application that received it, and the vendor's event.
///
/// The account keeps tenants apart: one that can sign its own webhooks cannot use up the key of another one's event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeenKey {
    account: Arc<str>,
    notification: NotificationKey,
}

impl SeenKey {
    /// The key of a notification that this account received. Any name will do that is the same after a restart.
    #[must_use]
    pub fn new(account: impl Into<Arc<str>>, notification: NotificationKey) -> Self {
        Self { account: account.into(), notification }
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The vendor's event.
    #[must_use]
    pub fn notification(&self) -> &NotificationKey {
        &self.notification
    }
}

/// Proof of one claim of a [`SeenKey`]. A store never issues the same token twice for a key, not even after the key was
/// released; so a worker whose lease ended cannot end the work of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FencingToken(i64);

impl FencingToken {
    /// A token with this number. Signed, because databases count so.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// What [`SeenStore::complete`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Completion {
    /// The work is recorded as done; further deliveries are duplicates.
    Recorded,
    /// Nothing was changed: the lease had ended, and another delivery has taken the work over. The work may be done
    /// twice.
    Superseded,
}

/// Remembers which notifications were processed. Applications use it through a [`Delivery`].
///
/// A key is free, in progress under a [`FencingToken`] until its lease ends, or done. Work is done at least once; twice
/// only if a process ends, or a lease does, between the work and its record. All times are judged by the store's own
/// clock, so that processes that share a store need not agree about the time.
///
/// For a store over a database: [`SeenStore::claim`] is one statement that inserts the row, or takes it over if it is in
/// progress and its lease has ended; tokens come from a sequence. A crash frees nothing there, and neither does a
/// [`SeenStore::release`] that does not arrive: the end of the lease does.
#[async_trait]
pub trait SeenStore: fmt::Debug + Send + Sync + 'static {
    /// Claims the key for as long as the lease, if the key is free or the lease of the earlier claim has ended. Of
    /// several at the same time exactly one gets [`Dedup::First`].
    ///
    /// # Errors
    /// When the store cannot be used; the key is then not claimed, or only until the lease ends.
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>>;

    /// Records the work as done, unless it is done already or in progress under another token. That the own lease has
    /// ended alone does not matter: the work is done. Recorded as durably as the store records anything when this
    /// returns.
    ///
    /// # Errors
    /// When the store cannot be used; it may then be recorded or not.
    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion>;

    /// Frees the key if it is in progress under this token: the next delivery counts as the first.
    ///
    /// Called when a [`Delivery`] is dropped, where nothing can be awaited: it must not block and cannot fail. A store
    /// over a network hands it to a task of its own and may lose it; the key is then free when its lease ends.
    fn release(&self, key: &SeenKey, token: FencingToken);
}

/// The first delivery of a notification, whose work is in progress for as long as this value lives.
///
/// [`Delivery::done`] records the work as done. Dropping the value in any other way (an error, a panic, a future that is
/// cancelled) frees the key, and the vendor's next delivery is the first again. Servers drop the future of a handler when
/// the sender hangs up, so run the work in a task of its own; `Webhook::process` of the client crate does.
#[must_use = "dropping it means that the work failed"]
#[derive(Debug)]
pub struct Delivery {
    store: Arc<dyn SeenStore>,
    key: SeenKey,
    token: FencingToken,
    recorded: bool,
}

impl Delivery {
    /// The lease to take unless the work is known to last longer: five minutes. Far more than a vendor waits for an
    /// answer, and short beside the hours in which vendors repeat a delivery.
    pub const LEASE: Duration = Duration::from_secs(5 * 60);

    /// Asks the store what this delivery is, and claims it for as long as the lease if it is the first. When the lease
    /// ends before the work does, another delivery of the same notification counts as the first.
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
    /// As [`SeenStore::complete`]. The key is then freed: answer with a failure, and the work is done once more with the
    /// vendor's next delivery.
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
