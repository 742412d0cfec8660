//! The behavior that is the same for every store, for SQLite.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign_core::store::Ledger;
use countersign_sqlite::Sqlite;
use countersign_testkit::store_suite;
use countersign_testkit::stores::race::race;
use countersign_vault::{KeyEncryptionKey, Vault};

/// Removes the folder when the test has ended.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("suite-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Opens the store as one more process does.
    fn open(&self) -> Arc<Sqlite> {
        let key = KeyEncryptionKey::read_or_create(&self.0.join("state.key")).unwrap();
        Arc::new(Sqlite::open(&self.0.join("state.db"), Vault::new([key]).unwrap()).unwrap())
    }
}

fn fresh() -> (Arc<Sqlite>, Folder) {
    let folder = Folder::new();
    (folder.open(), folder)
}

store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] ledger => fresh() }
store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] seen => fresh() }
store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] tokens => fresh() }
store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] nonces => fresh() }
store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] readings => fresh() }
store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] sign_ins => fresh() }
store_suite! { #[tokio::test(flavor = "multi_thread", worker_threads = 4)] ownership => fresh() }

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_processes_with_connections_of_their_own_none_sends_twice() {
    let folder = Folder::new();
    let ledgers: Vec<Arc<dyn Ledger>> = (0..3).map(|_| folder.open() as Arc<dyn Ledger>).collect();
    let tally = race(&ledgers, 7).await;
    assert_eq!((tally.doubled, tally.untrue), (0, 0), "{tally:?}");
    assert!(tally.overtaken > 0, "some calls were paused for longer than their lease");
}
