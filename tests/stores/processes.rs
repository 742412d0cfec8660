//! Three processes on one PostgreSQL.
//!
//! `COUNTERSIGN_TEST_ROUNDS=300 cargo test -p countersign-tests --test stores three -- --nocapture` for a long run.

use std::path::Path;
use std::sync::Arc;

use countersign::secrecy::SecretString;
use countersign_postgres::{Postgres, PostgresOptions};
use countersign_testkit::servers::PgServer;
use countersign_vault::KeyEncryptionKey;

use crate::round::{Figures, LEASE, Round};
use crate::said::Setup;

const KEYS: usize = 500;

/// A store in a new database.
async fn setup(server: &PgServer, marks: bool) -> Setup {
    let store = server.database();
    Postgres::migrate(&PostgresOptions::new(SecretString::from(store.as_str()))).await.unwrap();
    let key = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stores.key");
    KeyEncryptionKey::read_or_create(&key).unwrap();
    Setup { store, key, variables: Vec::new(), lease: LEASE, marks, dies: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_processes_send_at_most_one_mail_per_key() {
    // Of this test alone, because it crashes.
    let Some(server) = PgServer::start().map(Arc::new) else { return };
    let rounds = std::env::var("COUNTERSIGN_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: u64 = rounds.unwrap_or(5);
    let mut all = Figures::default();
    for seed in 0..rounds {
        let round = Round::prepare(setup(&server, true).await, KEYS).await;
        let result = round.play(&server, seed).await;
        all.add(&result.figures);
        println!("round {seed}: {}", result.figures);
        assert!(result.wrong.is_empty(), "round {seed}: {:#?}", result.wrong);
    }
    println!("{rounds} rounds: {all}");
}

/// The same without the marks: this is how a ledger fails that has only leases, and how this test would tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_marks_mails_are_doubled() {
    // Of this test alone, because it crashes.
    let Some(server) = PgServer::start().map(Arc::new) else { return };
    let mut all = Figures::default();
    // Usually in the first or second round.
    for seed in 0..30 {
        let round = Round::prepare(setup(&server, false).await, KEYS).await;
        all.add(&round.play(&server, seed).await.figures);
        println!("without marks: {all}");
        if all.doubled > 0 {
            return;
        }
    }
    panic!("{all}");
}
