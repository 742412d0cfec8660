//! Writes a whole file or none.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{private, sync_folder_of};

/// The suffix of a new file, after the name of the file to replace, the process and a number.
const SUFFIX: &str = ".new";

/// Replaces a file, or creates it, atomically: a reader, and the disk after a crash, has the old content or the new
/// one.
///
/// The content is written next to the file, as `NAME.PROCESS-NUMBER.new`, and renamed. Files left by killed
/// processes are removed.
///
/// # Errors
/// Fails if the content cannot be written or renamed; then the old file is unchanged, and no new file remains.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    replaced(path, content).map(drop)
}

/// As [`replace`], but returns the new file, open for reading and appending, and locked.
pub(super) fn replaced(path: &Path, content: &[u8]) -> io::Result<File> {
    let (beside, mut file) = beside(path)?;
    let written =
        file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if let Err(error) = written {
        // Reports the first failure; the next call removes what remains.
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    sync_folder_of(path);
    for leftover in leftovers(path)? {
        remove_unused(&leftover);
    }
    Ok(file)
}

/// Creates a file with this content.
///
/// # Errors
/// Fails if the file exists already, or cannot be written; then there is none.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).inspect_err(|_| {
        // Reports the first failure.
        let _ = fs::remove_file(path);
    })?;
    sync_folder_of(path);
    Ok(())
}

/// The files that calls of [`replace`] have not renamed yet, because they are in progress or their process was
/// killed.
///
/// # Errors
/// Fails if the folder cannot be read. A folder that does not exist has none.
pub fn leftovers(path: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(Vec::new()) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let ours = |entry: &fs::DirEntry| {
        let entry = entry.file_name();
        let number = entry.as_encoded_bytes().strip_prefix(name.as_encoded_bytes())?;
        let number = number.strip_prefix(b".")?.strip_suffix(SUFFIX.as_bytes())?;
        (number.contains(&b'-') && number.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-'))
            .then_some(())
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if ours(&entry).is_some() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Creates a file with an unused name and locks it, so that no other process takes it for a leftover.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    loop {
        let mut name = name.to_owned();
        name.push(format!(".{}-{}{SUFFIX}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let beside = path.with_file_name(name);
        let file = match private().append(true).read(true).create_new(true).open(&beside) {
            // An earlier process had the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            file => file?,
        };
        file.lock()?;
        // Another process may have removed it as a leftover between the two steps.
        if beside.exists() {
            return Ok((beside, file));
        }
    }
}

/// Removes a leftover unless a process is using it.
fn remove_unused(path: &Path) {
    if let Ok(file) = private().open(path)
        && file.try_lock().is_ok()
    {
        // Left for the next time if it cannot be removed.
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::tests::Folder;
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leftovers_of_killed_processes_go() {
        let folder = Folder::new();
        let file = folder.0.join("tokens.json");
        let (other, dead, live) = (
            folder.0.join("tokens.json.new"),
            folder.0.join("tokens.json.7-0.new"),
            folder.0.join("tokens.json.8-0.new"),
        );
        for file in [&other, &dead, &live] {
            fs::write(file, "old").expect("a file");
        }
        let at_work = File::open(&live).expect("a file");
        at_work.lock().expect("locked");
        replace(&file, b"one").expect("made");
        replace(&file, b"two").expect("replaced");
        assert_eq!(fs::read(&file).expect("the file"), b"two");
        assert!(other.exists() && live.exists() && !dead.exists());
        assert_eq!(leftovers(&file).expect("a list"), [live]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = Folder::new();
        let taken = folder.0.join("taken");
        fs::create_dir_all(taken.join("full")).expect("a folder");
        replace(&taken, b"x").expect_err("a folder is no file");
        create(&taken, b"x").expect_err("it exists");
        assert!(leftovers(&taken).expect("a list").is_empty() && taken.is_dir());
        let file = folder.0.join("new");
        create(&file, b"x").expect("made");
        assert_eq!(create(&file, b"y").expect_err("it exists").kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).expect("the file"), b"x");
    }
}
