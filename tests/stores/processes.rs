//! Three processes on one PostgreSQL.
//!
//! `COUNTERSIGN_TEST_ROUNDS=300 cargo test -p countersign-tests --test stores three -- --nocapture` for a long run.

use std::path::Path;
use std::sync::Arc;

use countersign::secrecy::SecretString;
use countersign_postgres::{Postgres, PostgresOptions};
use countersign_sandbox::Vendor;
use countersign_testkit::servers::PgServer;
use countersign_vault::KeyEncryptionKey;

use crate::figures::Figures;
use crate::round::Round;
use crate::said::{Caller, Setup};
use crate::trouble::Trouble;

pub(crate) const KEYS: usize = 500;
/// Fewer, because a round with gateways takes longer.
const HTTP_KEYS: usize = 200;

/// A store in this new database.
pub(crate) async fn setup(store: String, marks: bool) -> Setup {
    Postgres::migrate(&PostgresOptions::new(SecretString::from(store.as_str()))).await.unwrap();
    let key = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stores.key");
    KeyEncryptionKey::read_or_create(&key).unwrap();
    Setup { marks, ..Setup::new(store, key) }
}

/// How many rounds were asked for.
pub(crate) fn rounds(default: u64) -> u64 {
    let asked = std::env::var("COUNTERSIGN_TEST_ROUNDS").ok();
    asked.map_or(default, |rounds| rounds.parse().expect("a number of rounds"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_processes_send_at_most_one_mail_per_key() {
    // Of this test alone, because it crashes.
    let Some(server) = PgServer::start().map(Arc::new) else { return };
    let mut all = Figures::default();
    let rounds = rounds(5);
    for seed in 0..rounds {
        let round = Round::prepare(setup(server.database(), true).await, KEYS, Vendor::all()).await;
        let result = round.play(&Trouble::Crashes(Arc::clone(&server)), seed).await;
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
        let round = Round::prepare(setup(server.database(), false).await, KEYS, Vendor::all()).await;
        all.add(&round.play(&Trouble::Crashes(Arc::clone(&server)), seed).await.figures);
        println!("without marks: {all}");
        if all.doubled > 0 {
            return;
        }
    }
    panic!("{all}");
}

/// The same over HTTP: three gateways, whose callers ask any of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_gateways_send_at_most_one_mail_per_key() {
    // Of this test alone, because it crashes.
    let Some(server) = PgServer::start().map(Arc::new) else { return };
    let mut all = Figures::default();
    let rounds = rounds(2);
    for seed in 0..rounds {
        let setup = Setup { gateway: Some(Caller::default()), ..setup(server.database(), true).await };
        let round = Round::prepare(setup, HTTP_KEYS, Vendor::all()).await;
        let result = round.play(&Trouble::Crashes(Arc::clone(&server)), seed).await;
        all.add(&result.figures);
        println!("round {seed}: {}", result.figures);
        assert!(result.wrong.is_empty(), "round {seed}: {:#?}", result.wrong);
    }
    println!("{rounds} rounds over HTTP: {all}");
}
