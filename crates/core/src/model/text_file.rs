//! Reads files that users name: up to a maximum size, and text without a byte order mark.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why a file was rejected. Displayed after the file's name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextFileError {
    /// It cannot be opened or read.
    #[error("cannot be read ({})", reason(.0))]
    Unreadable(io::Error),
    /// It is larger than this many bytes.
    #[error("is larger than {}", size(*.0))]
    TooLarge(u64),
    /// It is not UTF-8.
    #[error("is not valid text; save it as UTF-8")]
    NotText,
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        other => other.to_string(),
    }
}

fn size(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 20) {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{} KiB", bytes >> 10)
    }
}

/// Reads a text file of at most `longest` bytes. A leading byte order mark, which some editors add, is removed.
///
/// # Errors
/// Says why the file was rejected, without its content.
pub fn read_text(path: &Path, longest: u64) -> Result<String, TextFileError> {
    text(read_bytes(path, longest)?)
}

/// Reads a text like [`read_text`], from any reader, such as standard input.
///
/// # Errors
/// As [`read_text`].
pub fn read_text_from(from: impl Read, longest: u64) -> Result<String, TextFileError> {
    text(read_bytes_from(from, longest)?)
}

/// Reads a file of at most `longest` bytes unchanged. Use [`without_mark`] if it turns out to be text.
///
/// # Errors
/// As [`read_text`], except [`TextFileError::NotText`].
pub fn read_bytes(path: &Path, longest: u64) -> Result<Vec<u8>, TextFileError> {
    read_bytes_from(File::open(path).map_err(TextFileError::Unreadable)?, longest)
}

/// Reads like [`read_bytes`], from any reader, such as standard input.
///
/// # Errors
/// As [`read_bytes`].
pub fn read_bytes_from(from: impl Read, longest: u64) -> Result<Vec<u8>, TextFileError> {
    let mut bytes = Vec::new();
    // A pipe or a device has no length to check in advance, and some have no end.
    from.take(longest.saturating_add(1)).read_to_end(&mut bytes).map_err(TextFileError::Unreadable)?;
    if bytes.len() as u64 > longest {
        return Err(TextFileError::TooLarge(longest));
    }
    Ok(bytes)
}

/// A text without its leading byte order mark.
#[must_use]
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

fn text(bytes: Vec<u8>) -> Result<String, TextFileError> {
    match without_mark(&bytes) {
        whole if whole.len() == bytes.len() => String::from_utf8(bytes).map_err(|_| TextFileError::NotText),
        text => str::from_utf8(text).map(str::to_owned).map_err(|_| TextFileError::NotText),
    }
}

/// Whether every user of this machine may read a file. Always `false` on systems without file modes.
#[must_use]
pub fn is_open_to_all(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o004 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_is_dropped_and_a_file_of_another_kind_is_named() {
        let read = |bytes: &[u8]| read_text_from(bytes, 1024).map_err(|error| error.to_string());
        assert_eq!(read("\u{feff}a\r\n".as_bytes()).as_deref(), Ok("a\r\n"));
        assert_eq!(read("\u{feff}\u{feff}a".as_bytes()).as_deref(), Ok("\u{feff}a"));
        assert_eq!(read(&[b'x'; 1025]).unwrap_err(), "is larger than 1 KiB");
        assert_eq!(read(b"\xff\xfe").unwrap_err(), "is not valid text; save it as UTF-8");
    }

    #[test]
    fn a_file_that_does_not_exist_is_told_in_plain_words() {
        let error = read_text(Path::new("/nowhere/at/all"), 1).unwrap_err();
        assert_eq!(error.to_string(), "cannot be read (there is no such file)");
    }
}
