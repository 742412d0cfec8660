//! A lock between the processes of a machine. The system ends it with the process that holds it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::private;
use super::records::is_at;

/// How long [`Lock::take`] waits, and for how long it sleeps between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(2);

/// A locked file. Dropping it removes the file, where the system allows that; the file of a killed process stays behind
/// unlocked.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Closing it ends the lock.
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, unless another holder has it.
    pub(crate) fn try_take(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = private().create(true).truncate(false).open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // The holder before may have removed the file after it was opened here: then others lock another one.
            if is_at(&file, path)? {
                return Ok(Some(Self { _file: file, path: path.to_path_buf() }));
            }
        }
    }

    /// Takes a lock that is only held for moments; waits for it.
    pub(crate) fn take(path: &Path) -> io::Result<Self> {
        let end = Instant::now() + LONGEST_WAIT;
        loop {
            if let Some(lock) = Self::try_take(path)? {
                return Ok(lock);
            }
            if Instant::now() >= end {
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays behind harms nothing. Elsewhere than on Unix it cannot be told from a new one, so it stays.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
