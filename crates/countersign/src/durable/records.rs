//! Files that grow by whole records.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use countersign_core::locked;

use super::tail::Tail;
use super::{is_regular, private, replace, sync_folder_of};

/// How much is read at once when searching for the end of the last record.
const BLOCK: u64 = 8 * 1024;

/// The longest record that is read; a longer one means a file of another kind.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A file of records that end with a line feed each, for one process at a time.
///
/// The file is locked until it is closed, which also happens when the process ends. Opening changes nothing in an
/// existing file: a caller can check [`RecordFile::records`] and leave a file of another kind unchanged. The first
/// [`RecordFile::append`] makes the file private and removes an incomplete record left by a crash.
///
/// A failed append is removed again. If that fails too, each later append tries the removal first and fails if it
/// cannot: nothing is ever written after an incomplete record.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    tail: Mutex<Tail<File>>,
}

impl RecordFile {
    /// Opens a file, or creates an empty one.
    ///
    /// # Errors
    /// Fails if the file cannot be opened; with `WouldBlock` if another process has it open as a `RecordFile`; with
    /// `InvalidInput` if it is not a regular file.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = loop {
            let is_new = !path.exists();
            // Opening a device or a pipe can have side effects.
            if !is_regular(&path) {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
            }
            let file = private().read(true).append(true).create(true).open(&path)?;
            file.try_lock()?;
            if is_new {
                sync_folder_of(&path);
            }
            // The previous process may have replaced it between the two steps.
            if is_at(&file, &path)? {
                break file;
            }
        };
        let size = file.metadata()?.len();
        let length = end_of_records(&file, size)?;
        Ok(Self { path, tail: Mutex::new(Tail::new(file, length, size > length)) })
    }

    /// The records, without their line feeds, in order. An incomplete record at the end is skipped. Any other read
    /// of the file ends this iteration.
    ///
    /// # Errors
    /// Fails if the file cannot be read; each item likewise, and with `InvalidData` for a record of more than 16
    /// MiB, which is the last item.
    pub fn records(&self) -> io::Result<impl Iterator<Item = io::Result<Vec<u8>>> + use<>> {
        let tail = locked(&self.tail);
        let mut file = tail.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let mut from = BufReader::new(file.take(tail.length));
        let mut is_over = false;
        Ok(std::iter::from_fn(move || {
            let next = if is_over { None } else { record(&mut from).transpose() };
            is_over = !matches!(next, Some(Ok(_)));
            next
        }))
    }

    /// The data after the last complete record, up to 4 KiB: an incomplete record left by a crash, or a file of
    /// another kind.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn torn_end(&self) -> io::Result<Vec<u8>> {
        let tail = locked(&self.tail);
        let mut end = Vec::new();
        let mut file = &tail.file;
        file.seek(SeekFrom::Start(tail.length))?;
        file.take(4096).read_to_end(&mut end)?;
        Ok(end)
    }

    /// Whether the file is empty.
    pub fn is_empty(&self) -> bool {
        let tail = locked(&self.tail);
        tail.length == 0 && !tail.is_torn
    }

    /// Appends a record, which ends with a line feed and contains no other. When this returns, the record survives
    /// a power failure.
    ///
    /// # Errors
    /// Fails if the record cannot be written or synced; then it is not in the file. Fails with `InvalidInput` for
    /// anything but one record.
    pub fn append(&self, record: &[u8]) -> io::Result<()> {
        if record.iter().position(|byte| *byte == b'\n').map(|at| at + 1) != Some(record.len()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not one record"));
        }
        locked(&self.tail).append(record)
    }

    /// Replaces all records atomically; the lock is kept.
    ///
    /// # Errors
    /// Fails if the new content cannot be written; then the file is unchanged.
    pub fn rewrite(&self, content: &[u8]) -> io::Result<()> {
        let mut tail = locked(&self.tail);
        let file = replace::replaced(&self.path, content)?;
        *tail = Tail::new(file, content.len() as u64, false);
        Ok(())
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The next record without its line feed.
fn record(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut record = Vec::new();
    if from.take(LONGEST).read_until(b'\n', &mut record)? as u64 == LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a record is longer than 16 MiB"));
    }
    record.pop_if(|byte| *byte == b'\n').map_or(Ok(None), |_| Ok(Some(record)))
}

/// Where the last record ends, searched from the end of the file.
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

/// Whether the name still refers to this file.
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
            "f cannot be written: the disk is full; free some space there, then repeat; earlier records are \
             intact"
        );
        assert!(
            told(io::ErrorKind::QuotaExceeded)
                .starts_with("f cannot be written: the disk quota is used up; free")
        );
        assert!(told(io::ErrorKind::PermissionDenied).ends_with("another hint"));
    }
}
