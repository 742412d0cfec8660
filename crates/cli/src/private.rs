//! Files of JSON lines that only their owner can read, and that grow line by line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use countersign::{Error, ErrorKind};
use serde::Serialize;

use crate::render::json;

/// A file to which lines are added at its end. Each goes out whole, in one write.
#[derive(Debug)]
pub(crate) struct Lines(Mutex<File>);

impl Lines {
    /// Opens a file at its end, or makes it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let is_new = !path.exists();
        let file = options.open(path)?;
        close_to_others(&file)?;
        if is_new {
            keep_name(path);
        }
        Ok(Self(Mutex::new(file)))
    }

    /// Keeps every other process from doing the same work at the same time.
    pub(crate) fn lock(&self) -> io::Result<()> {
        self.file().try_lock().map_err(io::Error::from)
    }

    /// Drops what stands behind so many bytes.
    pub(crate) fn cut(&self, bytes: u64) -> io::Result<()> {
        self.file().set_len(bytes)
    }

    /// Adds a line.
    pub(crate) fn add(&self, line: &impl Serialize) -> io::Result<()> {
        self.file().write_all(json::line(line).as_bytes())
    }

    /// Adds a line, and comes back only when it would survive a loss of power.
    pub(crate) fn add_for_good(&self, line: &impl Serialize) -> io::Result<()> {
        let mut file = self.file();
        file.write_all(json::line(line).as_bytes())?;
        file.sync_data()
    }

    fn file(&self) -> std::sync::MutexGuard<'_, File> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file that was there already may be open to others; a terminal or a pipe is left as it is.
fn close_to_others(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = file.metadata()?;
        if about.is_file() && about.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

/// Has the folder remember the file over a loss of power. Some file systems cannot, and the file is good all the same.
fn keep_name(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// The error for a file that cannot be read or written.
pub(crate) fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    let message = format!("{} cannot be {what} ({error})", path.display());
    let hint = match error.kind() {
        io::ErrorKind::NotFound if what == "read" => "name a file that exists, or `-` for standard input",
        io::ErrorKind::WouldBlock => "another run is at work with this file: wait until it has ended",
        io::ErrorKind::NotFound => "give a name in a folder that exists",
        io::ErrorKind::StorageFull => "make room on the disk, then give the same command again",
        _ => "give a file that you may read and write",
    };
    Error::new(ErrorKind::InvalidRequest, message).with_hint(hint)
}
