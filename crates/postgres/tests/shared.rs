//! Several processes on one database: each with a pool of its own, some behind PgBouncer.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_core::store::{Claim, Completed, Ending, Ledger, StoredReply};
use countersign_core::{Effect, ErrorKind, Resent, SecretString, StoredTokens, Timestamp, TokenStore};
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_testkit::servers::{PgBouncer, PgServer};
use countersign_testkit::stores::race::race;
use countersign_vault::{KeyEncryptionKey, Vault};
use support::{Example, options};

/// A folder for key files, removed with this value.
struct Keys(PathBuf);

impl Keys {
    fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("countersign-keys-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A vault with these keys, which are made if there are none.
    fn vault(&self, names: &[&str]) -> Vault {
        let key = |name: &&str| KeyEncryptionKey::read_or_create(&self.0.join(name)).unwrap();
        Vault::new(names.iter().map(key)).unwrap()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_processes_with_pools_of_their_own_none_sends_twice() {
    let Some(server) = PgServer::shared() else { return };
    let Some(bouncer) = PgBouncer::start(server) else { return };
    let (url, keys) = (server.database(), Keys::new());
    Postgres::migrate(&options(&url)).await.unwrap();
    let behind = PostgresOptions { pooler: Pooler::Transaction, ..options(&bouncer.url(&url)) };
    let mut ledgers: Vec<Arc<dyn Ledger>> = Vec::new();
    for options in [options(&url), options(&url), behind.clone(), behind] {
        ledgers.push(Arc::new(Postgres::connect(&options, keys.vault(&["one"])).await.unwrap()));
    }
    let tally = race(&ledgers, 7).await;
    assert_eq!((tally.keys, tally.doubled, tally.untrue), (150, 0, 0), "{tally:?}");
    assert!(tally.overtaken > 0, "no process was paused for longer than its lease");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_is_replaced_without_stopping() {
    let Some(server) = PgServer::shared() else { return };
    let (url, keys) = (server.database(), Keys::new());
    Postgres::migrate(&options(&url)).await.unwrap();
    let connect = async |names: &[&str]| Postgres::connect(&options(&url), keys.vault(names)).await.unwrap();

    let old = connect(&["old"]).await;
    let tokens = StoredTokens::new(SecretString::from("t"), Timestamp::now(), Timestamp::now());
    old.save("sales", &tokens, None).await.unwrap();

    let error = connect(&["new"]).await.load("sales").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("is needed but not configured"), "{error}");

    // Processes with the old key first, the new key first, and the new key only.
    let both = connect(&["new", "old"]).await;
    assert_eq!(both.rewrap_keys().await.unwrap(), 1);
    assert_eq!(both.rewrap_keys().await.unwrap(), 0);
    for store in [connect(&["old", "new"]).await, connect(&["new"]).await, old] {
        assert!(store.load("sales").await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_removed_and_the_rest_is_not() {
    let Some((store, ())) = support::direct().await else { return };
    let (short, long) = (Duration::ZERO, Duration::from_secs(60));
    for (key, keep) in [("expired", short), ("kept", long)] {
        let example = Example::new(key);
        let claimed = Ledger::claim(&store, &example.ask(long)).await.unwrap();
        let Claim::Acquired(lease) = claimed else { panic!("{claimed:?}") };
        let reply = StoredReply::Resent(Resent::new(Vec::new()));
        let ending = Ending::Reply { reply, keep };
        assert_eq!(store.complete(&lease, &ending).await.unwrap(), Completed::Kept);
    }
    let unknown = Example::new("unknown");
    let Claim::Acquired(lease) = Ledger::claim(&store, &unknown.ask(short)).await.unwrap() else { panic!() };
    let _ = store.mark_in_flight(&lease, Effect::Notifies).await.unwrap();

    assert!(!store.remove_expired().await.unwrap(), "no more than these");
    let mut left = Vec::new();
    for key in ["expired", "kept", "unknown"] {
        let example = Example::new(key);
        if store.find(&example.scope, &example.key).await.unwrap().is_some() {
            left.push(key);
        }
    }
    assert_eq!(left, ["kept", "unknown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_after_it_has_saved_tokens_holds_nobody_up() {
    let Some((store, ())) = support::direct().await else { return };
    let tokens = StoredTokens::new(
        "t".into(),
        "2026-01-01T00:00:00Z".parse().unwrap(),
        "2026-01-01T08:00:00Z".parse().unwrap(),
    );
    for _ in 0..2 {
        let lease = store.begin_renewal("a", Duration::from_secs(60)).await.unwrap().unwrap();
        std::mem::forget(lease);
        assert!(store.begin_renewal("a", Duration::from_secs(60)).await.unwrap().is_none());
        let version = store.load("a").await.unwrap().map(|(_, version)| version);
        store.save("a", &tokens, version).await.unwrap();
    }
}
