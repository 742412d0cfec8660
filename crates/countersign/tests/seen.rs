//! Telling a second webhook from the first: in memory, and in a file that outlives crashes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::{ErrorKind, FileSeen, MemorySeen, NotificationKey, Seen, SeenStore};
use countersign_testkit::FakeClock;
use proptest::prelude::*;

const DAY: Duration = Duration::from_secs(86_400);

fn key(id: &str) -> NotificationKey {
    NotificationKey::told("acme", id)
}

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at("2026-01-01T09:30:00Z"))
}

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("countersign-seen-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("seen")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path, clock: &Arc<FakeClock>) -> FileSeen {
    FileSeen::open_with(path, 30 * DAY, clock.clone()).unwrap()
}

async fn story(store: &dyn SeenStore, clock: &FakeClock) {
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::First);
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::Again, "it is under way");
    store.forget(&key("a")).await.unwrap();
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::First, "it failed before");
    store.done(&key("a")).await.unwrap();
    store.forget(&key("a")).await.unwrap();
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::Again, "it is done");
    assert_eq!(store.begin(&key("b")).await.unwrap(), Seen::First);
    clock.advance(Duration::from_secs(3_601));
    assert_eq!(store.begin(&key("b")).await.unwrap(), Seen::First, "nobody works for an hour");
    clock.advance(29 * DAY);
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::Again);
    clock.advance(DAY);
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::First, "it has run out");
}

#[tokio::test]
async fn both_stores_tell_the_same() {
    let now = clock();
    story(&MemorySeen::new(10).with_clock(now.clone()), &now).await;
    let folder = Folder::new();
    let now = clock();
    story(&open(&folder.file(), &now), &now).await;
}

#[tokio::test]
async fn a_full_memory_forgets_the_oldest() {
    let store = MemorySeen::new(2).with_clock(clock()).with_retention(DAY);
    for id in ["a", "b", "c"] {
        store.begin(&key(id)).await.unwrap();
        store.done(&key(id)).await.unwrap();
    }
    assert_eq!(store.begin(&key("a")).await.unwrap(), Seen::First);
    assert_eq!(store.begin(&key("b")).await.unwrap(), Seen::Again);
    assert_eq!(store.begin(&key("c")).await.unwrap(), Seen::Again);
}

#[tokio::test]
async fn what_is_done_outlives_the_process_and_what_was_begun_does_not() {
    let (folder, now) = (Folder::new(), clock());
    let store = open(&folder.file(), &now);
    for id in ["done", "begun"] {
        store.begin(&key(id)).await.unwrap();
    }
    store.done(&key("done")).await.unwrap();
    drop(store);
    let store = open(&folder.file(), &now);
    assert_eq!(store.len(), 1);
    assert_eq!(store.begin(&key("done")).await.unwrap(), Seen::Again);
    assert_eq!(store.begin(&key("begun")).await.unwrap(), Seen::First);
}

#[tokio::test]
async fn a_second_process_is_kept_out() {
    let (folder, now) = (Folder::new(), clock());
    let first = open(&folder.file(), &now);
    let error = FileSeen::open(folder.file()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("in use by another process"), "{error}");
    drop(first);
    FileSeen::open(folder.file()).unwrap();
}

#[tokio::test]
async fn another_file_is_not_overwritten() {
    let folder = Folder::new();
    for text in ["my diary\n", "countersign webhooks seen 2\n1 acme:a\n"] {
        std::fs::write(folder.file(), text).unwrap();
        let error = FileSeen::open(folder.file()).unwrap_err();
        assert!(error.message().ends_with("is no record of webhooks"), "{error}");
        assert_eq!(std::fs::read_to_string(folder.file()).unwrap(), text);
    }
    FileSeen::open(folder.0.join("no/such/folder")).unwrap_err();
}

#[cfg(unix)]
#[tokio::test]
async fn others_cannot_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let store = FileSeen::open(folder.file()).unwrap();
    store.done(&key("a")).await.unwrap();
    let mode = std::fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[tokio::test]
async fn what_has_run_out_leaves_the_file() {
    let (folder, now) = (Folder::new(), clock());
    let store = open(&folder.file(), &now);
    for number in 0..1_010 {
        store.done(&key(&number.to_string())).await.unwrap();
    }
    let full = std::fs::metadata(folder.file()).unwrap().len();
    now.advance(31 * DAY);
    store.done(&key("new")).await.unwrap();
    assert_eq!(store.len(), 1);
    let small = std::fs::metadata(folder.file()).unwrap().len();
    assert!(small * 100 < full, "{small} of {full}");
    store.done(&key("newer")).await.unwrap();
    drop(store);
    assert_eq!(open(&folder.file(), &now).len(), 2);
}

#[tokio::test]
async fn what_is_on_the_disk_is_done_though_the_file_cannot_be_made_smaller() {
    let (folder, now) = (Folder::new(), clock());
    let store = open(&folder.file(), &now);
    for number in 0..1_010 {
        store.done(&key(&number.to_string())).await.unwrap();
    }
    // A folder stands where the new file is to be written.
    std::fs::create_dir(folder.0.join("seen.new")).unwrap();
    now.advance(31 * DAY);
    for id in ["new", "newer"] {
        store.done(&key(id)).await.unwrap();
        assert_eq!(store.begin(&key(id)).await.unwrap(), Seen::Again);
    }
    drop(store);
    std::fs::remove_dir(folder.0.join("seen.new")).unwrap();
    assert_eq!(open(&folder.file(), &now).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A crash may leave any beginning of the file, and a bad disk anything.
    #[test]
    fn a_torn_file_keeps_its_whole_lines(cut in 0usize..200, garbage in proptest::collection::vec(any::<u8>(), 0..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (folder, now) = (Folder::new(), clock());
            let store = open(&folder.file(), &now);
            for id in ["a", "b", "c"] {
                store.done(&key(id)).await.unwrap();
            }
            drop(store);
            let whole = std::fs::read(folder.file()).unwrap();
            let mut torn = whole[..cut.min(whole.len())].to_vec();
            let kept = torn.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1);
            if kept > 0 {
                torn.extend(garbage.iter().filter(|byte| **byte != b'\n'));
            }
            std::fs::write(folder.file(), &torn).unwrap();
            let store = open(&folder.file(), &now);
            assert_eq!(store.len(), kept);
            store.done(&key("d")).await.unwrap();
            drop(store);
            assert_eq!(open(&folder.file(), &now).len(), kept + 1);
        });
    }
}
