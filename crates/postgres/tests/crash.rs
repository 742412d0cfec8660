//! A crash of the server under writers: no mark that was accepted is lost.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_core::Effect;
use countersign_core::store::{Claim, InFlight, Ledger};
use countersign_postgres::Postgres;
use countersign_testkit::servers::PgServer;
use support::{Example, options, vault};

const WRITERS: u64 = 12;

/// Marks key after key until the store fails or `stop` is set; returns the keys whose mark was accepted.
async fn write(store: Postgres, writer: u64, accepted: Arc<AtomicU64>) -> Vec<String> {
    let mut keys = Vec::new();
    for number in 0.. {
        let key = format!("w{writer}-{number}");
        let example = Example::new(&key);
        let Ok(claim) = Ledger::claim(&store, &example.ask(Duration::from_secs(600))).await else { break };
        let Claim::Acquired(lease) = claim else { panic!("{claim:?}") };
        let Ok(marked) = store.mark_in_flight(&lease, Effect::Notifies).await else { break };
        assert_eq!(marked, InFlight::Accepted);
        keys.push(key);
        accepted.fetch_add(1, Ordering::Relaxed);
    }
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn an_immediate_restart_loses_no_accepted_mark() {
    let Some(server) = PgServer::start() else { return };
    let url = server.database();
    let options = options(&url);
    Postgres::migrate(&options).await.unwrap();
    let store = Postgres::connect(&options, vault()).await.unwrap();
    let mut total = 0;
    for round in 0..3 {
        let accepted = Arc::new(AtomicU64::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(store.clone(), round * WRITERS + writer, Arc::clone(&accepted))))
            .collect();
        // In the middle of the work.
        while accepted.load(Ordering::Relaxed) < 100 {
            tokio::task::yield_now().await;
        }
        server.crash();
        server.recover();
        let found = server.run(&url, "select key from call where state = 'in_flight'");
        let found: HashSet<&str> = found.lines().collect();
        for writer in writers {
            for key in writer.await.unwrap() {
                assert!(found.contains(key.as_str()), "{key} was accepted and is lost");
                total += 1;
            }
        }
        // The same pool, whose connections are all broken, finds the server again.
        let example = Example::new("none");
        assert!(store.find(&example.scope, &example.key).await.unwrap().is_none());
    }
    assert!(total >= 300, "{total}");
}
