//! What a gateway does beside answering requests: it turns what vendors reported into events, and delivers events.
//! Every process does it; the database hands out the work. Each also tells the others that it runs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use countersign::Result;
use tokio::sync::Semaphore;
use tokio::sync::futures::Notified;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout, timeout_at};

use crate::directory::{AT_ONCE, Directory, Due};
use crate::gateway::Gateway;
use crate::outgoing::Message;

/// How long to wait for work that another process may have left.
const IDLE: Duration = Duration::from_secs(1);

/// How long to wait before unknown calls are looked at again.
const RECONCILE: Duration = Duration::from_secs(60);

/// How long to wait before old rows are deleted again.
const SWEEP: Duration = Duration::from_secs(10 * 60);

/// How often a replica tells that it runs.
const BEAT: Duration = Duration::from_secs(10);

/// The most deliveries at once, each for 15 s if the endpoint does not answer. A tenant takes at most a quarter of those
/// that are free: 128 if it is alone, so that some are left for others.
const DELIVERIES: usize = 640;

impl Gateway {
    /// Does everything that is due now, and returns how much that was. [`serve`](crate::serve) does it all the time.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn work(&self) -> Result<usize> {
        let mut done = 0;
        loop {
            let folded = self.directory().fold(self.clock().now()).await?;
            let due = self.directory().take_due(self.clock().now(), "").await?;
            if folded == 0 && due.is_none() {
                return Ok(done);
            }
            let due = due.unwrap_or_default();
            done += folded + due.len();
            let mut running = JoinSet::new();
            for one in due {
                let gateway = self.clone();
                running.spawn(async move { gateway.deliver(&one).await });
            }
            while let Some(ended) = running.join_next().await {
                // A task that panicked has its delivery until the lease ends.
                ended.unwrap_or(Ok(()))?;
            }
        }
    }

    /// Deletes what is older than it is kept. [`serve`](crate::serve) does it every ten minutes.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn sweep(&self) -> Result<()> {
        self.directory().sweep(|| self.is_stopping()).await
    }

    /// Works until the gateway stops, and ends what was begun.
    pub(crate) async fn work_always(self) {
        tokio::join!(self.fold_always(), self.deliver_always(), self.sweep_always(), self.reconcile_always());
    }

    async fn fold_always(&self) {
        while !self.is_stopping() {
            let woken = self.woken();
            match self.directory().fold(self.clock().now()).await {
                Ok(0) => self.rest(woken, IDLE).await,
                // Their deliveries are due.
                Ok(_) => self.wake(),
                Err(error) => self.failed("reports of vendors cannot be read", &error).await,
            }
        }
    }

    async fn deliver_always(&self) {
        let places = Arc::new(Semaphore::new(DELIVERIES));
        let mut tenants = Tenants::default();
        let mut running = JoinSet::new();
        while !self.is_stopping() {
            let woken = self.woken();
            // The semaphore is never closed.
            let Ok(mut group) = Arc::clone(&places).acquire_many_owned(AT_ONCE).await else { break };
            let sated = tenants.sated(places.available_permits());
            let due = match self.directory().take_due(self.clock().now(), &sated).await {
                Ok(Some(due)) => due,
                Ok(None) => {
                    drop(group);
                    tokio::select! {
                        () = self.rest(woken, IDLE) => {}
                        // Its endpoint may have more.
                        Some(_) = running.join_next() => {}
                    }
                    continue;
                }
                Err(error) => {
                    drop(group);
                    self.failed("deliveries cannot be taken", &error).await;
                    continue;
                }
            };
            for one in due {
                let (gateway, place) = (self.clone(), (group.split(1), tenants.begin(&one.tenant)));
                running.spawn(async move {
                    if let Err(error) = gateway.deliver(&one).await {
                        tracing::warn!(%error, endpoint = one.endpoint, "a delivery is made again");
                    }
                    drop(place);
                });
            }
            while running.try_join_next().is_some() {}
        }
        while running.join_next().await.is_some() {}
    }

    async fn reconcile_always(&self) {
        while !self.is_stopping() {
            if let Err(error) = self.reconcile().await {
                tracing::warn!(%error, "unknown calls cannot be looked at");
            }
            self.rest_for(RECONCILE).await;
        }
    }

    async fn sweep_always(&self) {
        while !self.is_stopping() {
            if let Err(error) = self.sweep().await {
                tracing::warn!(%error, "what is old cannot be deleted");
            }
            self.rest_for(SWEEP).await;
        }
    }

    /// Waits for this long, or until the gateway stops.
    async fn rest_for(&self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            let woken = self.woken();
            if self.is_stopping() || timeout_at(end, woken).await.is_err() {
                return;
            }
        }
    }

    /// Waits until there may be something to do. `woken` is from before it was looked for, so that nothing is missed.
    async fn rest(&self, woken: Notified<'_>, at_most: Duration) {
        if !self.is_stopping() {
            // Either is a reason to go on.
            let _ = timeout(at_most, woken).await;
        }
    }

    async fn failed(&self, what: &'static str, error: &countersign::Error) {
        tracing::warn!(%error, "{what}");
        self.rest(self.woken(), IDLE).await;
    }

    /// Makes one attempt.
    async fn deliver(&self, due: &Due) -> Result<()> {
        let directory = self.directory();
        let now = self.clock().now();
        let Some((endpoint, event)) = directory.due_event(due).await? else {
            return directory.forget_delivery(due).await;
        };
        let (id, body) = (event.shown.id.clone(), event.message(endpoint.people));
        let secrets = endpoint.secrets(now);
        let message = Message { id: &id, body: &body, secrets: &secrets, now };
        let attempt = self.sender().send(&endpoint.url, &message).await?;
        let mut random = [0; 2];
        // Without random numbers there is no jitter.
        let _ = getrandom::fill(&mut random);
        // The attempt took time, and the pause begins now.
        let now = self.clock().now();
        if let Some(why) = directory.end_attempt(due, &attempt, now, u16::from_le_bytes(random)).await? {
            tracing::warn!(tenant = due.tenant, endpoint = due.endpoint, why, "endpoint disabled");
        }
        Ok(())
    }
}

/// The deliveries that run, by tenant: each has a clone of its tenant's mark until it ends.
#[derive(Default)]
struct Tenants(HashMap<String, Arc<()>>);

impl Tenants {
    fn begin(&mut self, tenant: &str) -> Arc<()> {
        Arc::clone(self.0.entry(tenant.to_owned()).or_default())
    }

    /// The ids, with blanks between them, of the tenants that would have more than a quarter of the free places.
    fn sated(&mut self, free: usize) -> String {
        let running = |mark: &Arc<()>| Arc::strong_count(mark) - 1;
        self.0.retain(|_, mark| running(mark) > 0);
        let is_sated = |mark: &Arc<()>| (running(mark) + AT_ONCE as usize) * 4 > free;
        let sated = self.0.iter().filter(|(_, mark)| is_sated(mark));
        sated.map(|(tenant, _)| tenant.as_str()).collect::<Vec<_>>().join(" ")
    }
}

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
                tokio::time::sleep(BEAT).await;
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
