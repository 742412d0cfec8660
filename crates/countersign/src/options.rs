//! What can be chosen for single calls.

use std::time::Duration;

use countersign_core::store::IdempotencyKey;

/// What can be chosen for single calls; what is not chosen is as in the client.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Performs the call once under this key.
    pub key: Option<IdempotencyKey>,
    /// Ends the call after this time ([`ClientBuilder::deadline`](crate::ClientBuilder::deadline)).
    pub deadline: Option<Duration>,
    /// How long a call with a key waits for another call under the same key; by default
    /// [`CallOptions::WAIT_FOR_RUNNING`], never longer than the deadline.
    pub wait_for_running: Option<Duration>,
}

impl CallOptions {
    /// The default of `wait_for_running`.
    pub const WAIT_FOR_RUNNING: Duration = Duration::from_secs(10);

    /// Nothing is chosen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the key.
    #[must_use]
    pub fn with_key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Sets the deadline.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets how long to wait for another call under the same key. With zero, such a call fails at once.
    #[must_use]
    pub fn with_wait_for_running(mut self, wait: Duration) -> Self {
        self.wait_for_running = Some(wait);
        self
    }
}
