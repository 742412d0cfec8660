//! Files of JSON lines that only their owner can read, and the error for any file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use countersign::{Error, ErrorKind, durable};
use serde::Serialize;

use crate::render::json;

/// A file, terminal or pipe to which several processes may add lines. Each goes out whole, in one write.
#[derive(Debug)]
pub(crate) struct Lines(Mutex<Out>);

#[derive(Debug)]
struct Out {
    file: File,
    /// Whether the last line may be written in part.
    is_torn: bool,
}

impl Lines {
    /// Opens a file at its end, or makes it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        close_to_others(&file)?;
        Ok(Self(Mutex::new(Out { file, is_torn: false })))
    }

    /// Adds a line. One that could be written in part only keeps a line of its own: what other processes wrote behind
    /// it in the meantime must not be cut off with it.
    pub(crate) fn add(&self, line: &impl Serialize) -> io::Result<()> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if out.is_torn { "\n" } else { "" };
        let written = out.file.write_all(format!("{end}{}", json::line(line)).as_bytes());
        out.is_torn = written.is_err();
        written
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

/// The error for a file that cannot be read or written.
pub(crate) fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound if what == "read" => "name a file that exists, or `-` for standard input",
        io::ErrorKind::NotFound => "give a name in a folder that exists",
        _ => "give a file that you may read and write",
    };
    durable::error(ErrorKind::InvalidRequest, what, path, error, hint)
}
