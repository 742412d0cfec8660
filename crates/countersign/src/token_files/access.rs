//! Who else can get at the tokens.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;

use countersign_core::Result;
#[cfg(unix)]
use countersign_core::{Error, ErrorKind};

#[cfg(unix)]
use super::failed;

pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Others who can write to the folder could put their own tokens there.
#[cfg(unix)]
pub(super) fn check_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(folder).map_err(|error| failed(folder, "read", &error))?;
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
pub(super) fn check_file(path: &Path, file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let found = file.metadata().map_err(|error| failed(path, "read", &error))?;
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
pub(super) fn check_folder(_folder: &Path) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn check_file(_path: &Path, _file: &File) -> Result<()> {
    Ok(())
}
