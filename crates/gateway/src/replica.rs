//! What a replica tells the others while it serves.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::directory::Directory;

/// How often it tells that it runs.
const PAUSE: Duration = Duration::from_secs(10);

/// Tells that this replica runs.
pub(crate) struct Beating {
    directory: Directory,
    replica: String,
    task: JoinHandle<()>,
}

impl Beating {
    /// Tells it now, and from now on.
    pub(crate) async fn start(directory: Directory) -> Self {
        let replica = format!("rep_{}", uuid::Uuid::now_v7().simple());
        tell(&directory, &replica).await;
        let (others, id) = (directory.clone(), replica.clone());
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(PAUSE).await;
                tell(&others, &id).await;
            }
        });
        Self { directory, replica, task }
    }

    /// Tells that it ends.
    pub(crate) async fn end(self) {
        self.task.abort();
        // What is left is forgotten within a day.
        let _ = self.directory.last_beat(&self.replica).await;
    }
}

async fn tell(directory: &Directory, replica: &str) {
    if let Err(error) = directory.beat(replica, env!("CARGO_PKG_VERSION")).await {
        tracing::warn!(%error, "the other replicas do not see that this one runs");
    }
}
