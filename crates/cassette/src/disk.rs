//! Cassettes on disk.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use countersign_core::model::read_text;
use countersign_core::{Error, ErrorKind, Result};

use crate::file::{Cassette, SUFFIX};
use crate::scanner::Scanner;

/// More than any cassette has.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Reads a cassette from a file, and refuses one that holds a secret.
///
/// # Errors
/// `InvalidRequest` when the file cannot be read or is no cassette; with the places, when something in it is no
/// placeholder and has to be one.
pub fn load(file: &Path) -> Result<Cassette> {
    let text = read_text(file, LONGEST).map_err(|problem| {
        Error::new(ErrorKind::InvalidRequest, format!("{} {problem}", file.display()))
            .with_hint("name a cassette that you may read")
    })?;
    let cassette = Cassette::parse(&text).map_err(|error| {
        let message = format!("{}: {}", file.display(), error.message());
        error.reworded(ErrorKind::InvalidRequest, message)
    })?;
    Scanner::new().scan_text(file, &text).refuse(&file.display().to_string())?;
    Ok(cassette)
}

/// The cassettes of a folder, in the order of their names.
///
/// # Errors
/// `InvalidRequest` when the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| cannot("read", folder, &error))?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(SUFFIX)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a cassette whole or not at all: a reader never sees half of it.
pub(crate) fn write(cassette: &Cassette, file: &Path) -> Result<()> {
    let attempt = || -> std::io::Result<()> {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(name);
        let written = std::fs::File::create(&part)
            .and_then(|mut open| open.write_all(cassette.text().as_bytes()).and_then(|()| open.sync_all()))
            .and_then(|()| std::fs::rename(&part, file));
        if written.is_err() {
            // Reports the first failure.
            let _ = std::fs::remove_file(&part);
        }
        written
    };
    attempt().map_err(|error| cannot("written", file, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let message = format!("{} cannot be {what} ({error})", path.display());
    Error::new(ErrorKind::InvalidRequest, message).with_hint("give a place that exists and that you may use")
}
