//! Real servers for the tests of stores: a PostgreSQL in a temporary folder, a PgBouncer in front of it, and a proxy
//! that fails on demand.
//!
//! The servers run on a free port of this machine, without root's rights, and end with the test, however it ends. Where
//! the programs are missing, the test says so on stderr and is left out; with `COUNTERSIGN_TEST_POSTGRES=require`, it
//! fails instead.
//!
//! ```no_run
//! # fn main() {
//! let Some(server) = countersign_testkit::servers::PgServer::shared() else { return };
//! let url = server.database();
//! # drop(url);
//! # }
//! ```

mod pgbouncer;
mod postgres;
mod proxy;

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub use pgbouncer::PgBouncer;
pub use postgres::PgServer;
pub use proxy::{Network, Proxy};

/// Requires the servers if it is `require`.
const REQUIRE: &str = "COUNTERSIGN_TEST_POSTGRES";

/// Finds a program on the path or in the folders where distributions keep servers.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Debian keeps one folder per version; the newest comes first.
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.extend(["/usr/sbin", "/usr/local/sbin", "/usr/local/bin"].map(PathBuf::from));
    let file = folders.into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())?;
    // Behind a link, the programs that belong to it are elsewhere.
    Some(file.canonicalize().unwrap_or(file))
}

/// The program, or `None` after a loud message.
fn program(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        let missing = format!("{name} is missing");
        assert!(std::env::var(REQUIRE).as_deref() != Ok("require"), "{missing}, and {REQUIRE}=require");
        // Not by the macro, whose output a test that passes does not show.
        let _ = writeln!(std::io::stderr(), "!! {missing}; the tests of PostgreSQL are left out");
    }
    found
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The URL of a database by way of another port.
fn at_port(database: &str, port: u16) -> String {
    let (start, rest) = database.rsplit_once(':').expect("a port");
    let (_, name) = rest.split_once('/').expect("a database");
    format!("{start}:{port}/{name}")
}

/// Where the servers' folders are: in memory where that is large enough, because a disk takes milliseconds for each
/// commit.
fn base() -> PathBuf {
    let memory = Command::new("df").args(["-Pk", "/dev/shm"]).output();
    let text = memory.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let free: Option<u64> = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    if free.is_some_and(|kilobytes| kilobytes > 1 << 20) {
        return PathBuf::from("/dev/shm");
    }
    std::env::temp_dir()
}

/// A new folder that belongs to the servers' user.
fn new_folder(base: &Path, what: &str) -> PathBuf {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    let name = format!("countersign-{what}-{}-{number}", std::process::id());
    let folder = base.join(name);
    make_folder(&folder);
    folder
}

fn make_folder(folder: &Path) {
    std::fs::create_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    give(folder);
}

/// Runs a program to its end as the servers' user.
fn run(command: &mut Command) -> Output {
    let output = as_user(command).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Starts a shell that runs `ending` once this process is gone, even if it was killed.
fn at_the_end(ending: &str, arguments: &[&Path]) -> Child {
    // Reading ends when the other side of the pipe is closed, which the system does with the process.
    keeper(&format!("read -r _; {ending}"), arguments)
}

/// Starts a shell that runs `ending` once the process with this id is gone.
fn after(process: u32, ending: &str, arguments: &[&Path]) -> Child {
    keeper(&format!("while [ -d /proc/{process} ] || ps -p {process}; do sleep 1; done; {ending}"), arguments)
}

/// Signals to the test's process group, such as Ctrl-C, do not reach the shell, which has to clean up after them.
fn keeper(script: &str, arguments: &[&Path]) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).args(arguments).process_group(0).current_dir("/");
    let shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    as_user(shell).spawn().expect("a shell")
}

/// The ids of the user and group under which servers run, if this process runs as root: PostgreSQL and PgBouncer refuse
/// to.
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
fn as_user(command: &mut Command) -> &mut Command {
    if let Some((user, group)) = *OTHER {
        command.uid(user).gid(group);
    }
    command
}

/// Gives a file or folder to that user.
fn give(path: &Path) {
    if let Some((user, group)) = *OTHER {
        chown(path, Some(user), Some(group)).expect("root may give files away");
    }
}
