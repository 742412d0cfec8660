//! A lock between the processes of a machine. The system releases it when its process ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::private;
use super::records::is_at;

/// How long [`Lock::take`] waits in total, and how long it sleeps between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(2);

/// A locked file. Dropping it removes the file if the system allows that; the file of a killed process remains,
/// unlocked.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Closing it releases the lock.
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
            // The previous holder may have removed the file after it was opened here: then other processes lock
            // another file.
            if is_at(&file, path)? {
                return Ok(Some(Self { _file: file, path: path.to_path_buf() }));
            }
        }
    }

    /// Takes a lock that is only held briefly; waits for it.
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
        // A remaining file is harmless. On systems other than Unix it cannot be distinguished from a new one, so it
        // remains.
        if cfg!(unix) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
