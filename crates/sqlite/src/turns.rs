//! Who writes next. SQLite keeps no queue: without one, a connection that writes again and again keeps the others out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

/// How long to wait for another process to finish writing.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// SQLite's own pauses grow to 100 ms. A process that writes in one transaction after the other would be found
/// writing each time.
const PAUSE: Duration = Duration::from_millis(1);

/// The order in which the connections of this process write: that in which they asked. A store has its own; further
/// connections of an application to the same file share it ([`Sqlite::turns`](crate::Sqlite::turns)). Clones are the
/// same one.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<()>>);

/// The turn of one connection, until it is dropped.
#[must_use = "it ends when it is dropped"]
pub struct Turn(OwnedMutexGuard<()>);

impl fmt::Debug for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turns")
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Turns {
    /// Waits for a turn. Keep it for one transaction.
    pub async fn take(&self) -> Turn {
        Turn(Arc::clone(&self.0).lock_owned().await)
    }

    /// On a thread of its own.
    pub(crate) fn wait(&self) -> MutexGuard<'_, ()> {
        self.0.blocking_lock()
    }
}

/// What a connection does while another process writes, for up to five seconds: a busy handler of SQLite, which is
/// given how often it was called before.
#[must_use]
pub fn wait_for_writer(calls: i32) -> bool {
    std::thread::sleep(PAUSE);
    PAUSE * calls.unsigned_abs() < BUSY
}
