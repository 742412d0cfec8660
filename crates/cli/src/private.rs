//! Files that commands are given: of records and lines that only their owner can read, and those that are read.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use countersign::durable::{self, RecordFile};
use countersign::provider::{TextFileError, read_bytes, read_bytes_from};
use countersign::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::render::json;

/// A file, terminal or pipe that several processes may append lines to. Each line is written in one call.
#[derive(Debug)]
pub(crate) struct Lines(Mutex<Out>);

#[derive(Debug)]
struct Out {
    file: File,
    /// Whether the last line may be incomplete.
    is_torn: bool,
}

impl Lines {
    /// Opens a file at its end, or creates it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        close_to_others(&file)?;
        Ok(Self(Mutex::new(Out { file, is_torn: false })))
    }

    /// Appends a line. If only a part of it could be written, that part stays on its own line; cutting it off could
    /// remove lines that other processes appended in the meantime.
    pub(crate) fn add(&self, line: &impl Serialize) -> io::Result<()> {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if out.is_torn { "\n" } else { "" };
        let written = out.file.write_all(format!("{end}{}", json::line(line)).as_bytes());
        out.is_torn = written.is_err();
        written
    }
}

/// An existing file may be readable by others; a terminal or a pipe is left unchanged.
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

/// Whether a name means standard input.
pub(crate) fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The name of a file that was given, or of standard input.
pub(crate) fn name(file: &Path) -> String {
    if is_standard_input(file) { "standard input".to_owned() } else { file.display().to_string() }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read(file: &Path, longest: u64) -> std::result::Result<Vec<u8>, TextFileError> {
    match is_standard_input(file) {
        true => read_bytes_from(io::stdin().lock(), longest),
        false => read_bytes(file, longest),
    }
}

/// Opens or creates a file of records.
pub(crate) fn records(path: &Path) -> Result<RecordFile> {
    RecordFile::open(path).map_err(|error| cannot("opened", path, &error))
}

/// Appends a record, synced to disk.
pub(crate) fn append(file: &RecordFile, record: &impl Serialize) -> Result<()> {
    let added = file.append(json::line(record).as_bytes());
    added.map_err(|error| cannot("written", file.path(), &error))
}

/// The error for a file that cannot be read or written.
pub(crate) fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound if what == "read" => "give a file that exists, or `-` for standard input",
        io::ErrorKind::NotFound => "give a name in an existing folder",
        _ => "give a file that you can read and write",
    };
    durable::error(ErrorKind::InvalidRequest, what, path, error, hint)
}
