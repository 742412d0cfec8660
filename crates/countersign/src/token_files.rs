//! Tokens of people who sign in, one file each, for the command line and for small services.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use countersign_core::{
    Error, ErrorKind, ExposeSecret, Result, SecretString, StoredTokens, Timestamp, TokenStore,
};
use serde_json::{Value, json};

/// No file of ours is longer.
const LONGEST: u64 = 256 * 1024;

/// Keeps tokens in a folder that only its owner can enter, in files that only their owner can read.
///
/// A file is replaced in one step and is on the disk before `save` returns, so there is always a whole one, old or
/// new. A file that others can read is refused, since its tokens may be known to others by now; so is a folder that
/// others can write to. The folder is made when the first tokens come. Files are read and written in place of other
/// work of the task; they are small and local.
#[derive(Debug)]
pub struct FileTokenStore {
    folder: Option<PathBuf>,
}

impl FileTokenStore {
    /// A store in this folder. Without one, every use is an error that says how to name one.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    fn folder(&self) -> Result<&Path> {
        self.folder.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "there is no folder for the tokens of people who sign in")
                .with_hint("set `token_store` in the configuration to the name of a folder")
        })
    }

    fn file(&self, key: &str) -> Result<PathBuf> {
        Ok(self.folder()?.join(format!("{}.json", file_name(key))))
    }

    fn read(&self, key: &str) -> Result<Option<StoredTokens>> {
        let path = self.file(key)?;
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path, "cannot be read", &error)),
        };
        check_folder(self.folder()?)?;
        check_file(&path, &file)?;
        let mut text = String::new();
        let read = file.take(LONGEST).read_to_string(&mut text);
        read.map_err(|error| failed(&path, "cannot be read", &error))?;
        understand(&text).map(Some).ok_or_else(|| {
            Error::new(ErrorKind::Config, format!("{} holds no tokens", path.display()))
                .with_hint("remove the file and sign in again")
        })
    }

    fn write(&self, key: &str, tokens: &StoredTokens) -> Result<()> {
        let (folder, path) = (self.folder()?, self.file(key)?);
        make_folder(folder).map_err(|error| failed(folder, "cannot be made", &error))?;
        check_folder(folder)?;
        let text = json!({
            "access_token": tokens.access_token.expose_secret(),
            "obtained_at": tokens.obtained_at.to_string(),
            "expires_at": tokens.expires_at.to_string(),
            "refresh_token": tokens.refresh_token.as_ref().map(ExposeSecret::expose_secret),
        })
        .to_string();
        let beside = folder.join(format!(".{}.{}.{}.new", file_name(key), std::process::id(), number()));
        let replaced = write_new(&beside, &text).and_then(|()| std::fs::rename(&beside, &path));
        replaced.map_err(|error| {
            // The error above is the one to tell; what is left is readable by its owner only.
            let _ = std::fs::remove_file(&beside);
            failed(&path, "cannot be written", &error)
        })?;
        // Without this the old file may come back after a power failure. Not every system lets a folder be synced.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, key: &str) -> Result<Option<StoredTokens>> {
        self.read(key)
    }

    async fn save(&self, key: &str, tokens: &StoredTokens) -> Result<()> {
        self.write(key, tokens)
    }

    async fn remove(&self, key: &str) -> Result<()> {
        let path = self.file(key)?;
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(&path, "cannot be removed", &error)),
        }
    }
}

fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A key as a file name: letters and digits stay, everything else is written as its code.
fn file_name(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    name
}

fn understand(text: &str) -> Option<StoredTokens> {
    let value: Value = serde_json::from_str(text).ok()?;
    let secret = |name: &str| value.get(name)?.as_str().map(SecretString::from);
    let time = |name: &str| value.get(name)?.as_str()?.parse::<Timestamp>().ok();
    let tokens = StoredTokens::new(secret("access_token")?, time("obtained_at")?, time("expires_at")?);
    Some(tokens.with_refresh_token(secret("refresh_token")))
}

fn failed(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::new(ErrorKind::Config, format!("{} {what} ({})", path.display(), error.kind())).with_hint(
        "tokens are kept there: give yourself the right to it, or set `token_store` to another folder",
    )
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Others who can write to the folder could put their own tokens there.
#[cfg(unix)]
fn check_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(folder).map_err(|error| failed(folder, "cannot be read", &error))?;
    if found.permissions().mode() & 0o022 != 0 {
        return Err(Error::new(
            ErrorKind::Config,
            format!("{} is a folder that others can write to", folder.display()),
        )
        .with_hint(format!("it holds tokens: `chmod 700 {}`", folder.display())));
    }
    Ok(())
}

/// Others who can read the file could use its tokens, and may have.
#[cfg(unix)]
fn check_file(path: &Path, file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = file.metadata().map_err(|error| failed(path, "cannot be read", &error))?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(Error::new(
            ErrorKind::Config,
            format!("{} is a file that others can read", path.display()),
        )
        .with_hint(format!(
            "its tokens may be known to others: revoke them with the vendor, remove the file and sign in again; if nobody \
             can have read it, `chmod 600 {}`",
            path.display()
        )));
    }
    Ok(())
}

/// Elsewhere the user's own folders are closed to others by their access lists, which are inherited.
#[cfg(not(unix))]
fn check_folder(_folder: &Path) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn check_file(_path: &Path, _file: &File) -> Result<()> {
    Ok(())
}
