//! A PostgreSQL server in a temporary folder.

use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{after, at_the_end, base, free_port, give, make_folder, new_folder, program, run};

/// A PostgreSQL server on a free port of this machine, whose only user is `postgres`, without a password.
///
/// Its settings are those of a real one: what is committed is synced. Its files are in memory where there is room.
#[derive(Debug)]
pub struct PgServer {
    port: u16,
    folder: PathBuf,
    pg_ctl: PathBuf,
    /// Stops the server when this process is gone. `None` for a server that several processes share.
    keeper: Option<Child>,
}

/// Stops the server and removes its folder: `$1` is `pg_ctl`, `$2` the folder.
const ENDING: &str = r#""$1" -D "$2/data" -m immediate -s stop; rm -rf "$2""#;

impl PgServer {
    /// Starts a server for one test, which may stop and start it. `None` where PostgreSQL is missing.
    pub fn start() -> Option<Self> {
        Self::start_in(&base())
    }

    /// As [`PgServer::start`], with the server's files in a new folder within this one: benchmarks need a real disk.
    pub fn start_in(base: &Path) -> Option<Self> {
        let pg_ctl = program("pg_ctl")?;
        let folder = new_folder(base, "postgres");
        let keeper = at_the_end(ENDING, &[&pg_ctl, &folder]);
        let port = initialize(&pg_ctl, &folder);
        Some(Self { port, folder, pg_ctl, keeper: Some(keeper) })
    }

    /// The server that all tests of one run share; the first that needs it starts it. `None` where PostgreSQL is
    /// missing.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<PgServer>> = OnceLock::new();
        SHARED.get_or_init(share).as_ref()
    }

    /// Makes an empty database and returns its URL.
    pub fn database(&self) -> String {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}", std::process::id());
        let createdb = self.pg_ctl.with_file_name("createdb");
        run(Command::new(createdb)
            .args(["-h", "127.0.0.1", "-U", "postgres", "-T", "template0", "-p"])
            .arg(self.port.to_string())
            .arg(&name));
        self.url(&name)
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops the server as a crash would: without a checkpoint and without waiting for anything.
    pub fn crash(&self) {
        self.pg_ctl(&["-m", "immediate", "stop"]);
    }

    /// Starts the stopped server again, which recovers from its log.
    pub fn recover(&self) {
        self.pg_ctl(&["-w", "start"]);
    }

    /// Everything in a database, as `pg_dump` writes it.
    pub fn dump(&self, url: &str) -> String {
        let pg_dump = self.pg_ctl.with_file_name("pg_dump");
        let output = run(Command::new(pg_dump).arg("--inserts").arg(format!("--dbname={url}")));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs SQL in a database as its administrator and returns what `psql` prints of the rows.
    pub fn run(&self, url: &str, sql: &str) -> String {
        let psql = self.pg_ctl.with_file_name("psql");
        let output = run(Command::new(psql).args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql]).arg(url));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Makes the server accept TLS, with a certificate for `localhost` from an authority of its own; returns the file
    /// with that authority.
    pub fn enable_tls(&self) -> PathBuf {
        let (authority, request) = (self.folder.join("ca.pem"), self.folder.join("server.csr"));
        let (ca_key, key) = (self.folder.join("ca.key"), self.folder.join("data/server.key"));
        let openssl = |arguments: &[&str], files: [(&str, &Path); 4]| {
            let mut command = Command::new("openssl");
            command.args(arguments);
            for (option, file) in files.into_iter().filter(|(option, _)| !option.is_empty()) {
                command.arg(option).arg(file);
            }
            run(&mut command);
        };
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"];
        let none = ("", Path::new(""));
        openssl(
            &[&["req", "-x509", "-days", "2"], &curve[..], &["/CN=test authority"]].concat(),
            [("-keyout", &ca_key), ("-out", &authority), none, none],
        );
        openssl(
            &[&["req", "-addext", "subjectAltName=DNS:localhost"], &curve[..], &["/CN=localhost"]].concat(),
            [("-keyout", &key), ("-out", &request), none, none],
        );
        let certificate = self.folder.join("data/server.crt");
        openssl(
            &["x509", "-req", "-days", "2", "-copy_extensions", "copy"],
            [("-in", &request), ("-CA", &authority), ("-CAkey", &ca_key), ("-out", &certificate)],
        );
        let url = self.url("postgres");
        self.run(&url, "alter system set ssl = on");
        self.run(&url, "select pg_reload_conf()");
        authority
    }

    /// Begins a new file of the server's log of changes.
    pub fn switch_log(&self) {
        self.run(&self.url("postgres"), "select pg_switch_wal()");
    }

    /// The current file of the server's log of changes.
    pub fn log(&self) -> Vec<u8> {
        let name = self.run(&self.url("postgres"), "select pg_walfile_name(pg_current_wal_flush_lsn())");
        let mut bytes = std::fs::read(self.folder.join("data/pg_wal").join(name)).expect("the log");
        // Files are made in their full size.
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        bytes
    }

    fn pg_ctl(&self, arguments: &[&str]) {
        assert!(self.keeper.is_some(), "the shared server serves other tests too");
        control(&self.pg_ctl, &self.folder, arguments);
    }
}

impl Drop for PgServer {
    fn drop(&mut self) {
        // Closes the pipe, and waits until the folder is gone.
        if let Some(mut keeper) = self.keeper.take() {
            let _ = keeper.wait();
        }
    }
}

fn control(pg_ctl: &Path, folder: &Path, arguments: &[&str]) {
    let (data, log) = (folder.join("data"), folder.join("log"));
    run(Command::new(pg_ctl).arg("-s").arg("-D").arg(data).arg("-l").arg(log).args(arguments));
}

/// Makes the server's files and starts it; returns its port.
fn initialize(pg_ctl: &Path, folder: &Path) -> u16 {
    let data = folder.join("data");
    run(Command::new(pg_ctl.with_file_name("initdb"))
        .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-N", "-D"])
        .arg(&data));
    let port = free_port();
    let settings = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 200\n\
         shared_buffers = 32MB\nfsync = on\n"
    );
    let file = data.join("postgresql.auto.conf");
    std::fs::write(&file, settings).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    control(pg_ctl, folder, &["-w", "start"]);
    port
}

/// Finds the server of this run, or starts it. Tests may run in one process or in many; all have the same parent,
/// with which the server ends.
fn share() -> Option<PgServer> {
    let pg_ctl = program("pg_ctl")?;
    let parent = std::os::unix::process::parent_id();
    let folder = base().join(format!("countersign-postgres-of-{parent}"));
    let lock_file = folder.with_extension("lock");
    let lock = File::create(&lock_file).expect("a lock file");
    // That user removes it.
    give(&lock_file);
    lock.lock().expect("the lock");
    let noted = folder.join("port");
    let port = std::fs::read_to_string(&noted).ok().and_then(|text| text.parse().ok());
    let running = port.filter(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok());
    let port = running.unwrap_or_else(|| {
        // What an interrupted start, or an earlier process with the same id, left behind.
        let _ = std::fs::remove_dir_all(&folder);
        make_folder(&folder);
        let ending = format!(r#"{ENDING}; rm -f "$2.lock""#);
        drop(after(parent, &ending, &[&pg_ctl, &folder]));
        let port = initialize(&pg_ctl, &folder);
        std::fs::write(&noted, port.to_string()).expect("a note");
        port
    });
    Some(PgServer { port, folder, pg_ctl, keeper: None })
}
