//! The memory of notifications in one file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::{
    Clock, Completion, Dedup, Error, ErrorKind, FencingToken, Result, SeenKey, SeenStore, SystemClock,
    Timestamp,
};

use super::memory::{Keys, RETENTION};

/// What the file begins with.
const HEAD: &str = "countersign webhooks seen 2\n";

/// How many are remembered at most: about 100 MB of memory and 80 MB of file.
const CAPACITY: usize = 1_000_000;

/// A file with fewer lines is not worth writing anew.
const SLACK: usize = 1_000;

/// Remembers notifications in a file, over restarts and crashes, for one process at a time.
///
/// One line per notification is added and is on the disk before [`SeenStore::complete`] returns. A line that a crash cut off
/// counts for nothing. What is in progress is not written: after a restart its next delivery is the first. What has run out is dropped when the file is opened and when it has grown to twice of what
/// counts; then a new file takes the old one's place in one step. Beside it stands `<name>.lock`, which keeps a second
/// process out for as long as this one lives. Files are written in place of other work of the task; a line is short.
#[derive(Debug, Clone)]
pub struct FileSeen {
    inner: Arc<Mutex<Inner>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    file: File,
    /// Held for as long as the store lives.
    _lock: File,
    keys: Keys,
    lines: usize,
    /// How much of the file is whole lines; a failed write is cut off again.
    length: u64,
}

impl FileSeen {
    /// Opens the file, or makes it, and remembers for thirty days.
    ///
    /// # Errors
    /// `Config`: another process has it open, it cannot be read or written, or it is no such file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        Self::open_with(path, RETENTION, Arc::new(SystemClock))
    }

    /// Opens the file, or makes it, and remembers for so long, by this clock.
    ///
    /// # Errors
    /// As [`FileSeen::open`].
    pub fn open_with(path: impl Into<PathBuf>, retention: Duration, clock: Arc<dyn Clock>) -> Result<Self> {
        let path = path.into();
        let lock = lock(&path)?;
        let mut file =
            private().read(true).open(&path).map_err(|error| failed(&path, "cannot be opened", &error))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|error| failed(&path, "cannot be read", &error))?;
        let mut keys = Keys::new(CAPACITY, retention);
        let lines = load(&text, &mut keys).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("{} is no record of webhooks", path.display()))
                .with_hint("name another file, or remove this one")
        })?;
        keys.expire(clock.now());
        let mut inner = Inner { path, file, _lock: lock, keys, lines, length: 0 };
        // Also cuts off a torn line and drops what has run out.
        inner.rewrite()?;
        Ok(Self { inner: Arc::new(Mutex::new(inner)), clock })
    }

    /// How many notifications are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().keys.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SeenStore for FileSeen {
    async fn claim(&self, key: &SeenKey, lease: Duration) -> Result<Dedup<FencingToken>> {
        Ok(self.lock().keys.claim(key, lease, self.clock.now()))
    }

    async fn complete(&self, key: &SeenKey, token: FencingToken) -> Result<Completion> {
        let now = self.clock.now();
        let mut inner = self.lock();
        if inner.keys.is_superseded(key, token) {
            return Ok(Completion::Superseded);
        }
        inner.append(&line(now, key))?;
        inner.keys.done(key, now);
        if inner.lines > 2 * inner.keys.len() + SLACK {
            inner.shrink();
        }
        Ok(Completion::Recorded)
    }

    fn release(&self, key: &SeenKey, token: FencingToken) {
        self.lock().keys.release(key, token);
    }
}

impl Inner {
    fn append(&mut self, line: &str) -> Result<()> {
        let file = &mut self.file;
        let end = self.length;
        let written = file
            .seek(SeekFrom::Start(end))
            .and_then(|_| file.write_all(line.as_bytes()))
            .and_then(|()| file.sync_data());
        if let Err(error) = written {
            // What was written of the line must not become the beginning of the next.
            let _ = file.set_len(end);
            return Err(failed(&self.path, "cannot be written", &error));
        }
        self.lines += 1;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Drops what has run out. What is done is on the disk already, so that a failure is no failure of the work; it is
    /// tried again when the file has grown as much once more.
    fn shrink(&mut self) {
        if let Err(error) = self.rewrite() {
            self.lines = self.keys.len();
            tracing::warn!(%error, "the record of webhooks could not be made smaller");
        }
    }

    /// Writes what counts into a new file, which takes the place of the old one.
    fn rewrite(&mut self) -> Result<()> {
        let mut text = HEAD.to_owned();
        for (at, key) in self.keys.iter() {
            text.push_str(&line(*at, key));
        }
        let beside = suffixed(&self.path, ".new");
        let replaced = (|| {
            let mut file = private().read(true).truncate(true).open(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.path)?;
            if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty())
                && let Ok(folder) = File::open(folder)
            {
                // Without this the old file may come back after a power failure. Not every system lets it be done.
                let _ = folder.sync_all();
            }
            Ok(file)
        })();
        self.file = replaced.map_err(|error| failed(&self.path, "cannot be written anew", &error))?;
        self.lines = self.keys.len();
        self.length = text.len() as u64;
        Ok(())
    }
}

/// The account last and as JSON, since its name may hold blanks and line ends.
fn line(at: Timestamp, key: &SeenKey) -> String {
    let account = serde_json::Value::from(key.account());
    format!("{} {} {account}\n", at.as_second(), key.notification())
}

fn read_line(line: &str) -> Option<(Timestamp, SeenKey)> {
    let (at, rest) = line.split_once(' ')?;
    let (notification, account) = rest.split_once(' ')?;
    let at = Timestamp::from_second(at.parse().ok()?).ok()?;
    let account: String = serde_json::from_str(account).ok()?;
    Some((at, SeenKey::new(account, notification.parse().ok()?)))
}

/// Reads the lines, and tells how many there were; `None` for a file of something else.
fn load(text: &[u8], keys: &mut Keys) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    let head = HEAD.as_bytes();
    // A crash may have cut even the first line off.
    let Some(rest) = text.strip_prefix(head) else { return head.starts_with(text).then_some(0) };
    let mut lines = 0;
    for line in rest.split_inclusive(|byte| *byte == b'\n') {
        // The last line may be torn; so may one before it, if a write failed and could not be undone.
        let Some(line) = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok()) else {
            continue;
        };
        let Some((at, key)) = read_line(line) else { continue };
        keys.done(&key, at);
        lines += 1;
    }
    Some(lines)
}

/// Keeps other processes out until the file is closed, which the system does also after a crash.
fn lock(path: &Path) -> Result<File> {
    let name = suffixed(path, ".lock");
    let file = private().open(&name).map_err(|error| failed(&name, "cannot be opened", &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Error::new(ErrorKind::Config, format!("{} is in use by another process", path.display()))
                .with_hint("stop the other one, or give each its own file"))
        }
        Err(TryLockError::Error(error)) => Err(failed(&name, "cannot be locked", &error)),
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// Which envelopes were told of is nobody else's business.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn failed(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::new(ErrorKind::Config, format!("{} {what} ({})", path.display(), error.kind()))
        .with_hint("name a file in a folder that exists and that you may write to")
}
