//! The stores in memory and in files do what every store has to do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use countersign::auth::{FileTokenStore, MemorySignIns, MemoryTokenStore};
use countersign::ledger::{Ledger, MemoryLedger, Scope};
use countersign::returns::MemoryReadings;
use countersign::routing::{Found, Ownership};
use countersign::webhook::{FileSeen, MemorySeen};
use countersign::{EnvelopeId, Result};
use countersign_testkit::store_suite;
use countersign_testkit::stores::race::race;

store_suite! { #[tokio::test(start_paused = true)] ledger => (Arc::new(MemoryLedger::new()), ()) }
store_suite! { #[tokio::test(start_paused = true)] nonces => (Arc::new(countersign::returns::MemoryNonces::default()), ()) }
store_suite! { #[tokio::test(start_paused = true)] readings => (Arc::new(MemoryReadings::default()), ()) }
store_suite! { #[tokio::test(start_paused = true)] sign_ins => (Arc::new(MemorySignIns::default()), ()) }
store_suite! { #[tokio::test(start_paused = true)] ownership => (Arc::new(Table::default()), ()) }
// These two have clocks of their own.
store_suite! { #[tokio::test] seen => (Arc::new(MemorySeen::default()), ()) }
store_suite! { #[tokio::test] tokens => (Arc::new(MemoryTokenStore::new()), ()) }

mod files {
    use super::*;

    store_suite! { #[tokio::test] seen => file_seen() }
    store_suite! { #[tokio::test] tokens => file_tokens() }
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("stores-suite-{}-{number}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn file_seen() -> (Arc<FileSeen>, Folder) {
    let folder = Folder::new();
    (Arc::new(FileSeen::open(folder.0.join("seen")).unwrap()), folder)
}

fn file_tokens() -> (Arc<FileTokenStore>, Folder) {
    let folder = Folder::new();
    (Arc::new(FileTokenStore::new(Some(folder.0.clone()))), folder)
}

/// A table of owners, as an application has one in its database.
#[derive(Debug, Default)]
struct Table(Mutex<HashMap<(Scope, EnvelopeId), String>>);

#[async_trait]
impl Ownership for Table {
    async fn owner(&self, scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>> {
        Ok(self.0.lock().unwrap().get(&(scope.clone(), envelope.clone())).cloned())
    }

    async fn found(&self, scope: &Scope, envelope: &EnvelopeId, account: &str) -> Result<Found> {
        let mut rows = self.0.lock().unwrap();
        let owner = rows.entry((scope.clone(), envelope.clone())).or_insert_with(|| account.to_owned());
        Ok(if owner == account { Found::Kept } else { Found::OwnedBy(owner.clone()) })
    }
}

#[tokio::test(start_paused = true)]
async fn no_seed_makes_the_ledger_send_twice() {
    for seed in 2..6 {
        let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new());
        let tally = race(&[ledger], seed).await;
        assert_eq!((tally.doubled, tally.untrue), (0, 0), "seed {seed}: {tally:?}");
    }
}
