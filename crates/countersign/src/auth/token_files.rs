//! Stores users' tokens, one file each, for the command line and for small services.

use std::fs::{DirBuilder, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::locked;
use countersign_core::model::{TextFileError, read_text_from};
use countersign_core::{
    Error, ErrorKind, ExposeSecret, RenewalLease, Result, SecretString, StoredTokens, Timestamp, TokenSave,
    TokenStore, TokenVersion,
};
use serde_json::{Value, json};

use crate::durable::{self, Lock};

/// Longer than any of our files.
const LONGEST: u64 = 256 * 1024;

/// Stores tokens in a folder that only its owner can enter, in files that only their owner can read.
///
/// A file is replaced atomically and synced to disk before `save` returns, so there is always a complete file, old
/// or new. Processes that share the folder take turns by file locks, which end with the process. If one was killed
/// before its new file replaced the old one, the next process that renews recovers the new tokens.
///
/// A file that others can read is rejected, because its tokens may be known to others; so is a folder that others
/// can write to. The folder is created with the first tokens. Files are read and written synchronously; they are
/// small and local. Leases end by timeout only in a tokio runtime with its timer; without it, a lease ends with its
/// renewal or with the process.
#[derive(Debug)]
pub struct FileTokenStore {
    folder: Option<PathBuf>,
}

impl FileTokenStore {
    /// A store in this folder. Without a folder, every use is an error that says how to set one.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder }
    }

    fn folder(&self) -> Result<&Path> {
        self.folder.as_deref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "there is no folder for the tokens of users who sign in")
                .with_hint("set `token_store` in the configuration to the name of a folder")
        })
    }

    fn place(&self, key: &str) -> Result<Place<'_>> {
        Ok(Place { folder: self.folder()?, name: file_name(key) })
    }
}

/// The files of one key.
struct Place<'s> {
    folder: &'s Path,
    name: String,
}

impl Place<'_> {
    fn file(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }

    fn lock_file(&self, purpose: &str) -> PathBuf {
        self.folder.join(format!(".{}.{purpose}.lock", self.name))
    }

    /// Prevents other processes from writing. Held briefly.
    fn writing(&self) -> Result<Lock> {
        let path = self.lock_file("write");
        Lock::take(&path).map_err(|error| failed(&path, "locked", &error))
    }

    /// Prevents other processes from renewing; `None` while one does.
    fn renewing(&self) -> Result<Option<Lock>> {
        let path = self.lock_file("renew");
        Lock::try_take(&path).map_err(|error| failed(&path, "locked", &error))
    }

    fn read(&self) -> Result<Option<(StoredTokens, TokenVersion)>> {
        read(&self.file(), self.folder)
    }

    /// Replaces the file. Requires the write lock.
    fn write(&self, tokens: &StoredTokens, version: TokenVersion) -> Result<()> {
        let text = json!({
            "access_token": tokens.access_token.expose_secret(),
            "obtained_at": tokens.obtained_at.to_string(),
            "expires_at": tokens.expires_at.to_string(),
            "refresh_token": tokens.refresh_token.as_ref().map(ExposeSecret::expose_secret),
            "version": version.0,
        })
        .to_string();
        let path = self.file();
        durable::replace(&path, text.as_bytes()).map_err(|error| failed(&path, "written", &error))
    }

    /// The new files of processes that were killed before the last step of writing. Requires the write lock,
    /// because otherwise they may belong to a running process.
    fn leftovers(&self) -> Result<Vec<PathBuf>> {
        durable::leftovers(&self.file()).map_err(|error| failed(self.folder, "read", &error))
    }

    fn remove_leftovers(&self) -> Result<()> {
        self.leftovers()?.iter().try_for_each(|path| remove(path))
    }

    /// Recovers newer tokens that a killed process has left: their refresh token may be the only valid one.
    /// Requires the renewal lock, because a process that renews without it may have newer ones soon.
    fn take_up_leftover(&self) -> Result<()> {
        let _writing = self.writing()?;
        let leftovers = self.leftovers()?;
        if leftovers.is_empty() {
            return Ok(());
        }
        let Some((tokens, version)) = self.read()? else { return self.remove_leftovers() };
        let whole = leftovers.iter().filter_map(|path| read(path, self.folder).ok().flatten());
        let newest = whole.map(|(tokens, _)| tokens).max_by_key(|tokens| tokens.obtained_at);
        match newest.filter(|newest| newest.obtained_at > tokens.obtained_at) {
            Some(newest) => self.write(&newest, after(Some(version))),
            None => self.remove_leftovers(),
        }
    }
}

#[async_trait]
impl TokenStore for FileTokenStore {
    async fn load(&self, key: &str) -> Result<Option<(StoredTokens, TokenVersion)>> {
        self.place(key)?.read()
    }

    async fn save(
        &self,
        key: &str,
        tokens: &StoredTokens,
        expected: Option<TokenVersion>,
    ) -> Result<TokenSave> {
        let place = self.place(key)?;
        make_folder(place.folder).map_err(|error| failed(place.folder, "made", &error))?;
        check_folder(place.folder)?;
        let _writing = place.writing()?;
        let there = match (place.read(), expected) {
            (Ok(there), _) => there,
            // A sign-in replaces whatever is there.
            (Err(_), None) => None,
            (Err(error), Some(_)) => return Err(error),
        };
        let version = there.as_ref().map(|(_, version)| *version);
        if expected.is_some() && expected != version {
            return Ok(TokenSave::Overtaken(there));
        }
        let version = after(version);
        place.write(tokens, version)?;
        Ok(TokenSave::Kept(version))
    }

    async fn begin_renewal(&self, key: &str, duration: Duration) -> Result<Option<RenewalLease>> {
        let place = self.place(key)?;
        check_folder(place.folder)?;
        let Some(lock) = place.renewing()? else { return Ok(None) };
        place.take_up_leftover()?;
        let held = Arc::new(Mutex::new(Some(lock)));
        let release = |held: &Mutex<Option<Lock>>| {
            locked(held).take();
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let held = Arc::downgrade(&held);
            runtime.spawn(async move {
                tokio::time::sleep(duration).await;
                if let Some(held) = held.upgrade() {
                    release(&held);
                }
            });
        }
        Ok(Some(RenewalLease::new(after(None).0, move || release(&held))))
    }

    async fn remove(&self, key: &str) -> Result<()> {
        let place = self.place(key)?;
        if !place.folder.exists() {
            return Ok(());
        }
        let _writing = place.writing()?;
        remove(&place.file())?;
        place.remove_leftovers()?;
        // Removes the file of a killed process that renewed.
        place.renewing().map(drop)
    }

    /// These are the files of one user. Applications get new tokens whenever they need them.
    fn is_for_applications(&self) -> bool {
        false
    }
}

/// A new version, which the key never had: the time in microseconds, unless the clock was set back.
fn after(version: Option<TokenVersion>) -> TokenVersion {
    let now = Timestamp::now().as_microsecond();
    TokenVersion(version.map_or(now, |TokenVersion(before)| now.max(before.saturating_add(1))))
}

fn read(path: &Path, folder: &Path) -> Result<Option<(StoredTokens, TokenVersion)>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, "read", &error)),
    };
    check_folder(folder)?;
    check_file(path, &file)?;
    let text = match read_text_from(file, LONGEST) {
        Err(TextFileError::Unreadable(error)) => return Err(failed(path, "read", &error)),
        text => text.unwrap_or_default(),
    };
    understand(&text).map(Some).ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("{} contains no tokens", path.display()))
            .with_hint("remove the file and sign in again")
    })
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, "removed", &error)),
        _ => Ok(()),
    }
}

/// A key as a file name: letters and digits stay, all other characters are encoded.
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

fn understand(text: &str) -> Option<(StoredTokens, TokenVersion)> {
    let value: Value = serde_json::from_str(text).ok()?;
    let secret = |name: &str| value.get(name)?.as_str().map(SecretString::from);
    let time = |name: &str| value.get(name)?.as_str()?.parse::<Timestamp>().ok();
    let tokens = StoredTokens::new(secret("access_token")?, time("obtained_at")?, time("expires_at")?);
    // Files written before versions existed have none.
    let version = value.get("version").map_or(Some(tokens.obtained_at.as_microsecond()), Value::as_i64)?;
    Some((tokens.with_refresh_token(secret("refresh_token")), TokenVersion(version)))
}

fn failed(path: &Path, action: &str, cause: &io::Error) -> Error {
    let hint = "tokens are stored there: get permission for it, or set `token_store` to another folder";
    durable::error(ErrorKind::Config, action, path, cause, hint)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Other users who can write to the folder could put their own tokens there.
fn check_folder(folder: &Path) -> Result<()> {
    let hint = format!("it contains tokens: `chmod 700 {}`", folder.display());
    check_mode(folder, std::fs::metadata(folder), 0o022, "a folder that others can write to", hint)
}

/// Other users who can read the file could use its tokens, and may have done so.
fn check_file(path: &Path, file: &File) -> Result<()> {
    let hint = format!(
        "its tokens may be known to others: revoke them at the vendor, remove the file and sign in again; if no other \
         user can have read it, `chmod 600 {}`",
        path.display()
    );
    check_mode(path, file.metadata(), 0o077, "a file that others can read", hint)
}

fn check_mode(
    path: &Path,
    about: io::Result<Metadata>,
    forbidden: u32,
    what: &str,
    hint: String,
) -> Result<()> {
    let about = about.map_err(|error| failed(path, "read", &error))?;
    if mode(&about) & forbidden == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Config, format!("{} is {what}", path.display())).with_hint(hint))
}

#[cfg(unix)]
fn mode(about: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions())
}

/// On other systems, the user's own folders are protected by inherited access lists.
#[cfg(not(unix))]
fn mode(_about: &Metadata) -> u32 {
    0
}
