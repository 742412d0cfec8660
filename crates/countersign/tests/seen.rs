//! Telling a second webhook from the first, without losing either: in memory, and in a file that outlives crashes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::webhook::{
    Completion, Dedup, Delivery, FencingToken, FileSeen, MemorySeen, NotificationKey, SeenKey, SeenStore,
};
use countersign::{Error, ErrorKind, Result};
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

const LEASE: Duration = Duration::from_secs(60);

fn of_acme(id: &str) -> SeenKey {
    SeenKey::new("acme", key(id))
}

async fn claim(store: &dyn SeenStore, id: &str) -> Dedup<FencingToken> {
    store.claim(&of_acme(id), LEASE).await.unwrap()
}

async fn first(store: &dyn SeenStore, id: &str) -> FencingToken {
    match claim(store, id).await {
        Dedup::First(token) => token,
        other => panic!("{id} is {other:?}"),
    }
}

async fn complete(store: &dyn SeenStore, id: &str, token: FencingToken) -> Completion {
    store.complete(&of_acme(id), token).await.unwrap()
}

async fn finish(store: &dyn SeenStore, id: &str) {
    let token = first(store, id).await;
    assert_eq!(complete(store, id, token).await, Completion::Recorded);
}

fn in_progress(seconds: u64) -> Dedup<FencingToken> {
    Dedup::InProgress { retry_after: Duration::from_secs(seconds) }
}

/// Both stores, each with a clock of its own and the folder of its file.
fn stores() -> [(Arc<dyn SeenStore>, Arc<FakeClock>, Folder); 2] {
    let (now, folder) = (clock(), Folder::new());
    let memory = MemorySeen::new(10).with_clock(now.clone());
    let (later, file) = (clock(), Folder::new());
    let journal = open(&file.file(), &later);
    [(Arc::new(memory), now, folder), (Arc::new(journal), later, file)]
}

#[tokio::test]
async fn there_are_three_answers_and_an_end_to_each() {
    for (store, clock, _folder) in stores() {
        let store = &*store;
        let failed = first(store, "a").await;
        clock.advance(Duration::from_secs(10));
        assert_eq!(claim(store, "a").await, in_progress(50));
        store.release(&of_acme("a"), failed);
        let token = first(store, "a").await;
        assert_eq!(complete(store, "a", token).await, Completion::Recorded);
        store.release(&of_acme("a"), token);
        assert_eq!(claim(store, "a").await, Dedup::Duplicate);
        // Another account's event of the same name is another event.
        let other = SeenKey::new("beta", key("a"));
        assert!(matches!(store.claim(&other, LEASE).await.unwrap(), Dedup::First(_)));
        clock.advance(30 * DAY - Duration::from_secs(1));
        assert_eq!(claim(store, "a").await, Dedup::Duplicate);
        clock.advance(Duration::from_secs(2));
        assert!(matches!(claim(store, "a").await, Dedup::First(_)), "its time is over");
    }
}

#[tokio::test]
async fn a_lease_that_ends_lets_the_next_delivery_work_and_the_late_worker_cannot_end_that() {
    for (store, clock, _folder) in stores() {
        let store = &*store;
        let late = first(store, "a").await;
        clock.advance(LEASE - Duration::from_secs(1));
        assert_eq!(claim(store, "a").await, in_progress(1));
        clock.advance(Duration::from_secs(1));
        let next = first(store, "a").await;
        store.release(&of_acme("a"), late);
        assert_eq!(claim(store, "a").await, in_progress(60), "a late release frees nothing");
        assert_eq!(complete(store, "a", late).await, Completion::Superseded);
        assert_eq!(claim(store, "a").await, in_progress(60), "a late record ends nothing");
        assert_eq!(complete(store, "a", next).await, Completion::Recorded);
        assert_eq!(complete(store, "a", late).await, Completion::Superseded);
        assert_eq!(claim(store, "a").await, Dedup::Duplicate);
    }
}

#[tokio::test]
async fn late_work_that_no_other_has_taken_over_is_done() {
    for (store, clock, _folder) in stores() {
        let store = &*store;
        let (alone, before) = (first(store, "a").await, first(store, "b").await);
        clock.advance(2 * LEASE);
        assert_eq!(complete(store, "a", alone).await, Completion::Recorded);
        assert_eq!(claim(store, "a").await, Dedup::Duplicate);
        // The second worker of `b` has failed; the first one's work counts.
        let second = first(store, "b").await;
        store.release(&of_acme("b"), second);
        assert_eq!(complete(store, "b", before).await, Completion::Recorded);
        assert_eq!(claim(store, "b").await, Dedup::Duplicate);
    }
}

async fn begin(store: &Arc<dyn SeenStore>) -> Delivery {
    match Delivery::begin(Arc::clone(store), of_acme("a"), LEASE).await.unwrap() {
        Dedup::First(delivery) => delivery,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn work_that_ends_in_any_way_but_done_frees_the_key() {
    for (store, _clock, _folder) in stores() {
        drop(begin(&store).await);
        let delivery = begin(&store).await;
        let panicked = tokio::spawn(async move {
            let _delivery = delivery;
            panic!("the work failed");
        });
        assert!(panicked.await.unwrap_err().is_panic());
        let delivery = begin(&store).await;
        let cancelled = tokio::spawn(async move {
            let _delivery = delivery;
            std::future::pending::<()>().await;
        });
        assert_eq!(claim(&*store, "a").await, in_progress(60));
        cancelled.abort();
        assert!(cancelled.await.unwrap_err().is_cancelled());
        assert_eq!(begin(&store).await.done().await.unwrap(), Completion::Recorded);
        assert_eq!(claim(&*store, "a").await, Dedup::Duplicate);
    }
}

#[tokio::test]
async fn a_guard_that_is_dropped_late_does_not_free_the_next_ones_key() {
    for (store, clock, _folder) in stores() {
        let late = begin(&store).await;
        clock.advance(LEASE);
        let next = begin(&store).await;
        drop(late);
        assert_eq!(claim(&*store, "a").await, in_progress(60));
        assert_eq!(next.done().await.unwrap(), Completion::Recorded);
    }
}

/// A store whose disk is full.
#[derive(Debug, Default)]
struct Full(MemorySeen);

#[async_trait::async_trait]
impl SeenStore for Full {
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>> {
        self.0.claim(key, lease).await
    }

    async fn complete(&self, _: &SeenKey, _: FencingToken) -> Result<Completion> {
        Err(Error::new(ErrorKind::Unavailable, "the disk is full"))
    }

    fn release(&self, key: &SeenKey, token: FencingToken) {
        self.0.release(key, token);
    }
}

#[tokio::test]
async fn work_that_could_not_be_recorded_is_done_once_more() {
    let store: Arc<dyn SeenStore> = Arc::new(Full::default());
    assert_eq!(begin(&store).await.done().await.unwrap_err().message(), "the disk is full");
    let _ = begin(&store).await;
}

#[tokio::test]
async fn a_full_memory_forgets_the_oldest() {
    let store = MemorySeen::new(2).with_clock(clock()).with_retention(DAY);
    for id in ["a", "b", "c"] {
        finish(&store, id).await;
    }
    first(&store, "a").await;
    assert_eq!(claim(&store, "b").await, Dedup::Duplicate);
    assert_eq!(claim(&store, "c").await, Dedup::Duplicate);
}

#[tokio::test]
async fn what_is_done_outlives_the_process_and_what_was_begun_does_not() {
    let (folder, now) = (Folder::new(), clock());
    let store = open(&folder.file(), &now);
    finish(&store, "done").await;
    first(&store, "begun").await;
    let odd = SeenKey::new("Ek & \"Ode\"\nGmbH", key("done"));
    let Dedup::First(token) = store.claim(&odd, LEASE).await.unwrap() else { panic!("another account") };
    store.complete(&odd, token).await.unwrap();
    drop(store);
    let store = open(&folder.file(), &now);
    assert_eq!(store.len(), 2);
    assert_eq!(claim(&store, "done").await, Dedup::Duplicate);
    assert_eq!(store.claim(&odd, LEASE).await.unwrap(), Dedup::Duplicate);
    first(&store, "begun").await;
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
    for text in ["my diary\n", "countersign webhooks seen 1\n1 acme:a\n", "countersign webhooks seen 3\n"] {
        std::fs::write(folder.file(), text).unwrap();
        let error = FileSeen::open(folder.file()).unwrap_err();
        assert!(error.message().ends_with("is not a record of webhooks"), "{error}");
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
    finish(&store, "a").await;
    let mode = std::fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[tokio::test]
async fn what_has_run_out_leaves_the_file() {
    let (folder, now) = (Folder::new(), clock());
    let store = open(&folder.file(), &now);
    for number in 0..1_010 {
        finish(&store, &number.to_string()).await;
    }
    let full = std::fs::metadata(folder.file()).unwrap().len();
    now.advance(31 * DAY);
    finish(&store, "new").await;
    assert_eq!(store.len(), 1);
    let small = std::fs::metadata(folder.file()).unwrap().len();
    assert!(small * 100 < full, "{small} of {full}");
    finish(&store, "newer").await;
    drop(store);
    assert_eq!(open(&folder.file(), &now).len(), 2);
}

#[tokio::test]
async fn what_is_on_the_disk_is_done_though_the_file_cannot_be_made_smaller() {
    let (folder, now) = (Folder::new(), clock());
    let store = open(&folder.file(), &now);
    for number in 0..1_010 {
        finish(&store, &number.to_string()).await;
    }
    // A folder stands where the new file is to be put.
    let away = folder.0.join("away");
    std::fs::rename(folder.file(), &away).unwrap();
    std::fs::create_dir_all(folder.file().join("full")).unwrap();
    now.advance(31 * DAY);
    for id in ["new", "newer"] {
        finish(&store, id).await;
        assert_eq!(claim(&store, id).await, Dedup::Duplicate);
    }
    drop(store);
    std::fs::remove_dir_all(folder.file()).unwrap();
    std::fs::rename(&away, folder.file()).unwrap();
    assert_eq!(open(&folder.file(), &now).len(), 2);
}

#[tokio::test]
async fn what_a_killed_process_left_beside_the_file_goes_and_nothing_else_stays() {
    let (folder, now) = (Folder::new(), clock());
    std::fs::write(folder.0.join("seen.7-0.new"), "half of a li").unwrap();
    finish(&open(&folder.file(), &now), "a").await;
    let names: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["seen"]);
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
                finish(&store, id).await;
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
            finish(&store, "d").await;
            drop(store);
            assert_eq!(open(&folder.file(), &now).len(), kept + 1);
        });
    }
}
