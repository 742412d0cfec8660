//! The user under whom servers run. PostgreSQL and PgBouncer refuse to run as root.

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// The user's and the group's id, if this process runs as root.
static OTHER: LazyLock<Option<(u32, u32)>> = LazyLock::new(|| {
    // The owner of this process' own entry is the effective user, without a call to the C library.
    let own = std::fs::metadata("/proc/self").map(|entry| entry.uid());
    if own.ok()? != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the list of users");
    let find = |wanted: &str| users.lines().find_map(|line| ids(line, wanted));
    Some(find("postgres").or_else(|| find("daemon")).expect("a user `postgres` or `daemon`"))
});

/// The ids in a line of `/etc/passwd`, if it has this name.
fn ids(line: &str, name: &str) -> Option<(u32, u32)> {
    let mut columns = line.split(':');
    if columns.next()? != name {
        return None;
    }
    let user = columns.nth(1)?.parse().ok()?;
    Some((user, columns.next()?.parse().ok()?))
}

/// Makes a command run as that user.
pub(super) fn as_user(command: &mut Command) -> &mut Command {
    if let Some((user, group)) = *OTHER {
        command.uid(user).gid(group);
    }
    command
}

/// Gives a file or folder to that user.
pub(super) fn give(path: &Path) {
    if let Some((user, group)) = *OTHER {
        chown(path, Some(user), Some(group)).expect("root may give files away");
    }
}
