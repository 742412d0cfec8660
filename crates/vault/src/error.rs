//! What can fail. No error contains a key or a plaintext.

use std::io;
use std::path::PathBuf;

/// A [`std::result::Result`] of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a key or a value cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vault needs at least one key.
    #[error("no key is configured")]
    NoKey,
    /// The key file cannot be read or created.
    #[error("cannot read or create the key file {}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        problem: io::Error,
    },
    /// Others can read or replace the key.
    #[error("other users can read or change the key file {path}; run: chmod 600 {path}", path = .0.display())]
    Exposed(PathBuf),
    /// The file does not contain one key in base64.
    #[error("the key file {} is not one line of base64; create it with: openssl rand -base64 32", .0.display())]
    NotBase64(PathBuf),
    /// The key has another length than AES-256 needs.
    #[error("the key in {} has {bits} bits instead of 256; create it with: openssl rand -base64 32", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// How many bits it contains.
        bits: usize,
    },
    /// The value was sealed under a key that is not configured.
    #[error("the key {0} is needed but not configured; add its file to the list of keys")]
    UnknownKey(String),
    /// The value does not open.
    #[error(
        "a sealed value in {table}.{column} cannot be opened: it was changed, moved from another row, or sealed under another key"
    )]
    Damaged {
        /// The table of the place.
        table: String,
        /// The column of the place.
        column: String,
    },
    /// The value has a form that this version does not know.
    #[error("a sealed value has the form {0}, which this version does not know; use a newer version")]
    UnknownForm(u8),
    /// The cryptographic library failed, for example because the system has no randomness.
    #[error("the cryptographic library failed")]
    Library,
}

/// Its text is kept: it contains no key and no plaintext.
impl From<Error> for countersign_core::Error {
    fn from(error: Error) -> Self {
        Self::new(countersign_core::ErrorKind::Config, error.to_string()).with_source(error)
    }
}

impl From<aws_lc_rs::error::Unspecified> for Error {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Library
    }
}
