//! Keys of the operator, which wrap all other keys.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign_core::hidden;
use zeroize::Zeroizing;

use crate::data_key::{DataKey, KEY_LEN};
use crate::error::{Error, Result};

/// More than a key in base64 with white space around it.
const LONGEST: u64 = 1024;

/// A key that wraps the keys of a store: 256 random bits in base64, in a file that only its owner can read.
pub struct KeyEncryptionKey {
    id: String,
    key: DataKey,
}

hidden!(KeyEncryptionKey { id });

impl KeyEncryptionKey {
    /// A key in memory, for tests and for keys that come from elsewhere than a file.
    ///
    /// # Errors
    /// Fails if the system has no randomness.
    pub fn random() -> Result<Self> {
        Self::new(DataKey::random()?)
    }

    /// Reads the key in a file.
    ///
    /// # Errors
    /// Fails if the file cannot be read, if other users can read or change it, or if it does not contain exactly
    /// 256 bits in base64.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |problem| Error::File { path: path.to_owned(), problem };
        let file = File::open(path).map_err(failed)?;
        if is_exposed(&file).map_err(failed)? {
            return Err(Error::Exposed(path.to_owned()));
        }
        let mut text = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
        file.take(LONGEST + 1).read_to_end(&mut text).map_err(failed)?;
        let not_base64 = || Error::NotBase64(path.to_owned());
        if text.len() as u64 > LONGEST {
            return Err(not_base64());
        }
        let decoded = Zeroizing::new(STANDARD.decode(text.trim_ascii()).map_err(|_| not_base64())?);
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        if decoded.len() != KEY_LEN {
            return Err(Error::Length { path: path.to_owned(), bits: decoded.len() * 8 });
        }
        bytes.copy_from_slice(&decoded);
        Self::new(DataKey::new(bytes)?)
    }

    /// Reads the key in a file, or creates the file with a random key if there is none. Of several processes that
    /// do this at once, all get the same key.
    ///
    /// # Errors
    /// As [`KeyEncryptionKey::read`], or if the file cannot be created.
    pub fn read_or_create(path: &Path) -> Result<Self> {
        match Self::read(path) {
            Err(Error::File { problem, .. }) if problem.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let key = DataKey::random()?;
        let line = Zeroizing::new(STANDARD.encode(key.bytes()) + "\n");
        create_whole(path, line.as_bytes())
            .map_err(|problem| Error::File { path: path.to_owned(), problem })?;
        // Not the key from above: another process may have been first.
        Self::read(path)
    }

    fn new(key: DataKey) -> Result<Self> {
        // The id identifies the key without revealing it, and stays the same when the file is renamed.
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), b"countersign key id");
        let id = tag.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id, key })
    }

    /// Identifies the key: 16 hexadecimal digits that are derived from it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn key(&self) -> &DataKey {
        &self.key
    }
}

/// Whether users other than the owner can change a file, or others than the owner and the group can read it.
#[cfg(unix)]
fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.mode() & 0o027 != 0)
}

/// Systems without file modes have no answer.
#[cfg(not(unix))]
fn is_exposed(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// Creates a file with this content, unless there is one. No reader ever sees a part of it.
fn create_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| io::Error::other("no randomness"))?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}.new", u64::from_ne_bytes(random)));
    let temporary = Path::new(&name);
    let written = write_new(temporary, content).and_then(|()| match std::fs::hard_link(temporary, path) {
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = std::fs::remove_file(temporary);
    written.and(removed)?;
    sync_folder(path)
}

fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a new name in a folder survive a power failure: a lost key makes a whole store unreadable.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
