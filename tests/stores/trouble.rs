//! What happens to the database while the calls are made.

use std::sync::Arc;

use countersign_testkit::servers::PgServer;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tokio::sync::Mutex;

/// The trouble of one test.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// One server crashes and recovers, at random.
    Crashes(Arc<PgServer>),
    /// Of several servers, another one takes over.
    Failovers(Arc<Operator>),
}

impl Trouble {
    /// How many parts the keys of a round have: one before each failover, and one after the last.
    pub(crate) fn chapters(&self) -> usize {
        match self {
            Trouble::Crashes(_) => 1,
            Trouble::Failovers(_) => WAYS.len() + 1,
        }
    }

    /// Crashes the server and starts it again, if there is only one.
    pub(crate) async fn crash(&self) -> bool {
        let Trouble::Crashes(server) = self else { return false };
        let server = Arc::clone(server);
        let restart = move || {
            server.crash();
            server.recover();
        };
        tokio::task::spawn_blocking(restart).await.unwrap();
        true
    }

    /// Makes another server take over.
    pub(crate) async fn fail_over(&self, number: usize) {
        if let Trouble::Failovers(operator) = self {
            operator.ask(WAYS[number % WAYS.len()]).await;
        }
    }
}

/// What can happen to the leader of a cluster.
const WAYS: [&str; 2] = ["kill", "pause"];

/// Who runs the cluster: `tests/failover/run`, which reads this program's output and writes to its input.
#[derive(Debug)]
pub(crate) struct Operator(Mutex<Lines<BufReader<Stdin>>>);

impl Operator {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(BufReader::new(tokio::io::stdin()).lines()))
    }

    /// Returns once it is done, and the cluster is whole again.
    async fn ask(&self, what: &str) {
        let mut answers = self.0.lock().await;
        println!("operator: {what}");
        assert_eq!(answers.next_line().await.unwrap().as_deref(), Some("done"), "{what}");
    }
}
