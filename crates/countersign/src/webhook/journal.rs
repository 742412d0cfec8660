//! Stores processed notifications in one file.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::{
    Clock, Completion, Dedup, Error, ErrorKind, FencingToken, Result, SeenKey, SeenStore, SystemClock,
    Timestamp,
};

use super::memory::{Keys, RETENTION};
use crate::durable::{self, RecordFile};

/// The first line of the file.
const HEAD: &str = "countersign webhooks seen 2\n";

/// The maximum number of notifications: about 100 MB of memory and 80 MB of file.
const CAPACITY: usize = 1_000_000;

/// A file with fewer lines is not worth rewriting.
const SLACK: usize = 1_000;

/// Stores processed notifications in a file, across restarts and crashes, for one process at a time.
///
/// One line per notification is appended and synced to disk before [`SeenStore::complete`] returns. An incomplete
/// line left by a crash is ignored. Work in progress is not written: after a restart its next delivery is the
/// first. Expired entries are dropped when the file is opened and when it has grown to twice its useful size; then
/// a new file replaces the old one atomically. The file is a [`RecordFile`]: its lock excludes other processes
/// while this one runs. Files are written synchronously; a line is short.
#[derive(Debug, Clone)]
pub struct FileSeen {
    inner: Arc<Mutex<Inner>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Inner {
    file: RecordFile,
    keys: Keys,
    lines: usize,
}

impl FileSeen {
    /// Opens the file, or creates it, and keeps entries for thirty days.
    ///
    /// # Errors
    /// `Config`: another process has it open, it cannot be read or written, or it is not such a file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        Self::open_with(path, RETENTION, Arc::new(SystemClock))
    }

    /// Opens the file, or creates it, and keeps entries for this long, by this clock.
    ///
    /// # Errors
    /// As [`FileSeen::open`].
    pub fn open_with(path: impl Into<PathBuf>, retention: Duration, clock: Arc<dyn Clock>) -> Result<Self> {
        let path = path.into();
        let file = RecordFile::open(&path).map_err(|error| failed(&path, "opened", &error))?;
        let mut keys = Keys::new(CAPACITY, retention);
        let lines =
            load(&file, &mut keys).map_err(|error| failed(&path, "read", &error))?.ok_or_else(|| {
                Error::new(ErrorKind::Config, format!("{} is not a record of webhooks", path.display()))
                    .with_hint("give another file, or remove this one")
            })?;
        keys.expire(clock.now());
        let mut inner = Inner { file, keys, lines };
        // Also removes an incomplete line and expired entries.
        inner.rewrite()?;
        Ok(Self { inner: Arc::new(Mutex::new(inner)), clock })
    }

    /// The number of stored notifications.
    pub fn len(&self) -> usize {
        locked(&self.inner).keys.len()
    }

    /// Whether none is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[async_trait]
impl SeenStore for FileSeen {
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>> {
        Ok(locked(&self.inner).keys.claim(key, lease, self.clock.now()))
    }

    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion> {
        let now = self.clock.now();
        let mut inner = locked(&self.inner);
        if inner.keys.is_superseded(key, token) {
            return Ok(Completion::Superseded);
        }
        let added = inner.file.append(line(now, key).as_bytes());
        added.map_err(|error| failed(inner.file.path(), "written", &error))?;
        inner.lines += 1;
        inner.keys.done(key, now);
        if inner.lines > 2 * inner.keys.len() + SLACK {
            inner.shrink();
        }
        Ok(Completion::Recorded)
    }

    fn release(&self, key: &SeenKey, token: FencingToken) {
        locked(&self.inner).keys.release(key, token);
    }
}

impl Inner {
    /// Drops expired entries. Completed work is already on disk, so a failure here is not a failure of the work; it
    /// is tried again when the file has grown by the same amount.
    fn shrink(&mut self) {
        if let Err(error) = self.rewrite() {
            self.lines = self.keys.len();
            tracing::warn!(%error, "the record of webhooks could not be compacted");
        }
    }

    /// Writes the valid entries into a new file, which replaces the old one.
    fn rewrite(&mut self) -> Result<()> {
        let mut text = HEAD.to_owned();
        for (at, key) in self.keys.iter() {
            text.push_str(&line(*at, key));
        }
        let rewritten = self.file.rewrite(text.as_bytes());
        rewritten.map_err(|error| failed(self.file.path(), "rewritten", &error))?;
        self.lines = self.keys.len();
        Ok(())
    }
}

/// The account is last and in JSON, because its name may contain blanks and line breaks.
fn line(at: Timestamp, key: &SeenKey) -> String {
    let account = serde_json::Value::from(key.account.as_ref());
    format!("{} {} {account}\n", at.as_second(), key.notification)
}

fn read_line(line: &str) -> Option<(Timestamp, SeenKey)> {
    let (at, rest) = line.split_once(' ')?;
    let (notification, account) = rest.split_once(' ')?;
    let at = Timestamp::from_second(at.parse().ok()?).ok()?;
    let account: String = serde_json::from_str(account).ok()?;
    Some((at, SeenKey::new(account, notification.parse().ok()?)))
}

/// Reads the lines and returns their number; `None` for another kind of file.
fn load(file: &RecordFile, keys: &mut Keys) -> io::Result<Option<usize>> {
    let head = HEAD.trim_end().as_bytes();
    let mut records = file.records()?;
    match records.next().transpose()? {
        // A crash may have cut even the first line.
        None => return Ok(head.starts_with(&file.torn_end()?).then_some(0)),
        Some(first) if first != head => return Ok(None),
        Some(_) => {}
    }
    let (mut lines, mut damaged) = (0, 0);
    for line in records {
        match std::str::from_utf8(&line?).ok().and_then(read_line) {
            Some((at, key)) => keys.done(&key, at),
            None => damaged += 1,
        }
        lines += 1;
    }
    if damaged > 0 {
        let path = file.path().display();
        tracing::warn!(%path, damaged, "damaged lines in the record of webhooks: their webhooks count as new");
    }
    Ok(Some(lines))
}

fn failed(path: &Path, action: &str, error: &io::Error) -> Error {
    durable::error(
        ErrorKind::Config,
        action,
        path,
        error,
        "give a file in an existing folder that you can write to",
    )
}
