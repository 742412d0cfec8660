//! Files that survive a crash, a power failure and a full disk.
//!
//! - [`RecordFile`] grows by whole records: each is synced to disk before [`RecordFile::append`] returns, or leaves
//!   no trace.
//! - [`replace`] and [`create`] write a whole file or none.
//! - [`error`] turns a failure into an [`Error`]; a full disk and a file in use have their own text and hint.
//!
//! All files are private: on Unix only their owner can read and write them. New files are synced together with
//! their folder, if the file system supports it. All calls block; the files are meant to be small and local.
//!
//! ```
//! use countersign::durable::RecordFile;
//!
//! # fn main() -> std::io::Result<()> {
//! # let folder = std::env::temp_dir().join(format!("countersign-durable-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let file = RecordFile::open(folder.join("events.jsonl"))?;
//! file.append(b"{\"event\":1}\n")?;
//! for record in file.records()? {
//!     println!("{}", String::from_utf8_lossy(&record?));
//! }
//! # std::fs::remove_dir_all(folder)
//! # }
//! ```

mod lock;
mod records;
mod replace;
mod tail;

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use countersign_core::{Error, ErrorKind};

pub(crate) use lock::Lock;
pub use records::RecordFile;
pub use replace::{create, leftovers, replace};

/// The error for a file that cannot be `action` ("read", "written").
///
/// `hint` is for causes without a hint of their own. These have one: no space on the disk, in a quota or below the
/// file size limit; a file that another process has locked; something other than a regular file.
#[must_use]
pub fn error(kind: ErrorKind, action: &str, path: &Path, cause: &io::Error, hint: &'static str) -> Error {
    let shown = path.display();
    let no_room = |what: &str| (format!("{shown} cannot be {action}: {what}"), MAKE_ROOM);
    let (message, hint) = match cause.kind() {
        io::ErrorKind::StorageFull => no_room("the disk is full"),
        io::ErrorKind::QuotaExceeded => no_room("the disk quota is used up"),
        io::ErrorKind::FileTooLarge => no_room("the file has reached its maximum size"),
        io::ErrorKind::WouldBlock => (
            format!("{shown} is in use by another process"),
            "wait until the other process has ended, or stop it",
        ),
        io::ErrorKind::InvalidInput if !is_regular(path) => (
            format!("{shown} is not a regular file"),
            "give a regular file, not a device, a pipe or a folder",
        ),
        io::ErrorKind::NotFound if action == "read" => {
            (format!("{shown} cannot be read (there is no such file)"), hint)
        }
        _ => (format!("{shown} cannot be {action} ({cause})"), hint),
    };
    Error::new(kind, message).with_hint(hint)
}

const MAKE_ROOM: &str = "free some space there, then repeat; earlier records are intact";

/// Whether records can be stored there: a regular file, or none yet.
fn is_regular(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |about| about.is_file())
}

/// Options that create a file which only its owner can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Syncs the folder, so that its file names survive a power failure. Not every system supports it, and the file is
/// valid anyway.
fn sync_folder_of(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
}
