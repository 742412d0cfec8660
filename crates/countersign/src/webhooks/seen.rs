//! Telling a second delivery from the first.

use std::fmt::Debug;

use async_trait::async_trait;
use countersign_core::{NotificationKey, Result};

/// Whether a notification was taken before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// Not before: do the work, then say [`SeenStore::done`].
    First,
    /// Before, or being worked on right now: answer 200 and do nothing.
    Again,
}

/// Remembers the notifications that were taken.
///
/// [`SeenStore::begin`] is asked before the work, [`SeenStore::done`] is told after it, and [`SeenStore::forget`] when it
/// failed, so that the vendor's next attempt is taken. Only what is done is kept over a crash: what was begun and not
/// done comes as [`Seen::First`] once more when the vendor tries again. So work is done at least once, and twice only if
/// the process died in between. What is under way for more than an hour counts as failed. Answer a failed one with a
/// status that the vendor takes for a failure.
#[async_trait]
pub trait SeenStore: Debug + Send + Sync + 'static {
    /// Asks before the work, and notes that it is under way.
    ///
    /// # Errors
    /// When the store cannot be used.
    async fn begin(&self, key: &NotificationKey) -> Result<Seen>;

    /// Notes that the work is done. Kept when this returns, as safely as the store keeps anything.
    ///
    /// # Errors
    /// When the store cannot be used; the work is then still under way to it.
    async fn done(&self, key: &NotificationKey) -> Result<()>;

    /// The work failed: the next delivery counts as the first.
    ///
    /// # Errors
    /// When the store cannot be used.
    async fn forget(&self, key: &NotificationKey) -> Result<()>;
}
