//! Files that grow by whole records.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::tail::Tail;
use super::{is_regular, private, replace, sync_folder_of};

/// How much is read at once in search of the last record's end.
const BLOCK: u64 = 8 * 1024;

/// A file of records that end with a line feed each, for one process at a time.
///
/// The file is locked until it is closed, which the system does also when the process dies. Opening changes nothing in
/// a file that exists: a caller can look at [`RecordFile::records`] and leave a file of another kind as it is. The first
/// [`RecordFile::append`] closes the file to others and cuts off what a crash left of a record.
///
/// An append that fails is cut off again. If that fails too, each later one tries the cut first and fails without it:
/// nothing is ever written behind a torn record.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    tail: Mutex<Tail<File>>,
}

impl RecordFile {
    /// Opens a file, or makes an empty one.
    ///
    /// # Errors
    /// Fails if the file cannot be opened; with `WouldBlock` if another process has it open as a `RecordFile`; with
    /// `InvalidInput` if it is no regular file.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = loop {
            let is_new = !path.exists();
            // Opening a device or a pipe can have effects of its own.
            if !is_regular(&path) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
            }
            let file = private().read(true).append(true).create(true).open(&path)?;
            file.try_lock()?;
            if is_new {
                sync_folder_of(&path);
            }
            // The process that had it may have replaced it between the two steps.
            if is_at(&file, &path)? {
                break file;
            }
        };
        let size = file.metadata()?.len();
        let length = end_of_records(&file, size)?;
        Ok(Self { path, tail: Mutex::new(Tail::new(file, length, size > length)) })
    }

    /// The records, without their line feeds, in order. A torn record at the end is none. Reading anything else of the
    /// file ends this reading.
    ///
    /// # Errors
    /// Fails if the file cannot be read; each item likewise.
    pub fn records(&self) -> io::Result<impl Iterator<Item = io::Result<Vec<u8>>> + use<>> {
        let tail = self.tail();
        let mut file = tail.file().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::new(file.take(tail.length())).split(b'\n'))
    }

    /// What stands behind the last whole record, as far as 4 KiB: what a crash left of a record, or a file of another
    /// kind.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn torn_end(&self) -> io::Result<Vec<u8>> {
        let tail = self.tail();
        let mut end = Vec::new();
        tail.file().seek(SeekFrom::Start(tail.length()))?;
        tail.file().take(4096).read_to_end(&mut end)?;
        Ok(end)
    }

    /// Whether the file has nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let tail = self.tail();
        tail.length() == 0 && !tail.is_torn()
    }

    /// Adds a record, which ends with a line feed and has no other. When this returns, the record survives a loss of
    /// power.
    ///
    /// # Errors
    /// Fails if the record cannot be written or synced; then it is not in the file. Fails with `InvalidInput` for
    /// anything but one record.
    pub fn append(&self, record: &[u8]) -> io::Result<()> {
        if record.iter().position(|byte| *byte == b'\n').map(|at| at + 1) != Some(record.len()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not one record"));
        }
        self.tail().append(record)
    }

    /// Replaces all records by these in one step; the lock stays.
    ///
    /// # Errors
    /// Fails if the new content cannot be written; then the file is as it was.
    pub fn rewrite(&self, content: &[u8]) -> io::Result<()> {
        let mut tail = self.tail();
        let file = replace::replaced(&self.path, content)?;
        *tail = Tail::new(file, content.len() as u64, false);
        Ok(())
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn tail(&self) -> MutexGuard<'_, Tail<File>> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the last record ends, looked for from the end of the file.
fn end_of_records(mut file: &File, size: u64) -> io::Result<u64> {
    let mut end = size;
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let mut block = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        file.take(end - start).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Whether the name still leads to this file.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (ours, named) = (file.metadata()?, std::fs::metadata(path));
        Ok(named.is_ok_and(|named| (named.dev(), named.ino()) == (ours.dev(), ours.ino())))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(path.exists())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicU32, Ordering};

    use countersign_core::ErrorKind;

    use super::super::error;
    use super::*;

    /// A folder of its own, removed at the end.
    pub(in super::super) struct Folder(pub(in super::super) PathBuf);

    impl Folder {
        pub(in super::super) fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path =
                std::env::temp_dir().join(format!("countersign-durable-{}-{number}", std::process::id()));
            fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn texts(file: &RecordFile) -> Vec<String> {
        file.records()
            .expect("readable")
            .map(|one| String::from_utf8(one.expect("a record")).expect("text"))
            .collect()
    }

    #[test]
    fn a_torn_end_is_found_and_goes_only_when_something_is_added() {
        let folder = Folder::new();
        let path = folder.0.join("records");
        let long = "x".repeat(3 * 8192);
        for torn in ["t", "torn", long.as_str()] {
            let before = format!("one\n\n{long}\n{torn}");
            fs::write(&path, &before).expect("a file");
            let file = RecordFile::open(&path).expect("open");
            assert_eq!(texts(&file), ["one", "", long.as_str()]);
            assert_eq!(file.torn_end().expect("readable"), torn.as_bytes()[..torn.len().min(4096)]);
            assert_eq!(fs::read_to_string(&path).expect("the file"), before);
            file.append(b"two\n").expect("written");
            assert_eq!(texts(&file), ["one", "", long.as_str(), "two"]);
            assert!(file.torn_end().expect("readable").is_empty());
        }
    }

    #[test]
    fn one_process_at_a_time_also_after_the_file_was_replaced() {
        let folder = Folder::new();
        let path = folder.0.join("records");
        let file = RecordFile::open(&path).expect("open");
        assert!(file.is_empty());
        let in_use = || {
            let error = RecordFile::open(&path).expect_err("locked");
            super::super::error(ErrorKind::Config, "opened", &path, &error, "").message().to_owned()
        };
        assert!(in_use().ends_with("is in use by another process"));
        file.append(b"old\n").expect("written");
        file.rewrite(b"new\n").expect("replaced");
        file.append(b"newer\n").expect("written");
        assert!(in_use().ends_with("is in use by another process"));
        assert_eq!(texts(&file), ["new", "newer"]);
        drop(file);
        assert_eq!(texts(&RecordFile::open(&path).expect("free again")), ["new", "newer"]);
    }

    #[test]
    fn only_one_whole_record_is_taken() {
        let folder = Folder::new();
        let file = RecordFile::open(folder.0.join("records")).expect("open");
        for record in [&b""[..], b"none", b"a\nb\n", b"a\n\n"] {
            file.append(record).expect_err("no record");
        }
        assert!(file.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn the_first_record_closes_the_file_to_others_and_nothing_but_files_is_opened() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new();
        let path = folder.0.join("records");
        fs::write(&path, "").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
        let mode = || fs::metadata(&path).expect("the file").permissions().mode() & 0o777;
        let file = RecordFile::open(&path).expect("open");
        assert_eq!(mode(), 0o644);
        file.append(b"a\n").expect("written");
        assert_eq!(mode(), 0o600);
        for path in [Path::new("/dev/full"), Path::new("/dev/null"), folder.0.as_path()] {
            let cause = RecordFile::open(path).expect_err("no file");
            let told = error(ErrorKind::InvalidRequest, "opened", path, &cause, "");
            assert!(told.message().ends_with("is not a regular file"), "{told}");
        }
    }

    #[test]
    fn a_full_disk_has_its_own_text() {
        let told = |kind: io::ErrorKind| {
            let told = error(ErrorKind::Config, "written", Path::new("f"), &kind.into(), "another hint");
            format!("{}; {}", told.message(), told.hint())
        };
        assert_eq!(
            told(io::ErrorKind::StorageFull),
            "f cannot be written: the disk is full; make room there, then repeat; what was recorded before is intact"
        );
        assert!(
            told(io::ErrorKind::QuotaExceeded)
                .starts_with("f cannot be written: the disk quota is used up; make")
        );
        assert!(told(io::ErrorKind::PermissionDenied).ends_with("another hint"));
    }
}
