//! A PgBouncer in front of a PostgreSQL server.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{PgServer, as_user, at_port, at_the_end, base, free_port, new_folder, program};

/// A PgBouncer in transaction mode: each transaction may run on another of its few connections to the server, so
/// that nothing which belongs to a connection survives a transaction.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    bouncer: Child,
    keeper: Option<Child>,
}

impl PgBouncer {
    /// Starts one in front of a server. `None` where PgBouncer is missing.
    pub fn start(server: &PgServer) -> Option<Self> {
        let bouncer = program("pgbouncer")?;
        let folder = new_folder(&base(), "pgbouncer");
        let keeper = at_the_end(r#"kill "$(cat "$1/pid")"; rm -rf "$1""#, &[&folder]);
        let (port, file) = (free_port(), folder.join("pgbouncer.ini"));
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = 8\nmax_client_conn = 500\nlogfile = {}\npidfile = {}\n",
            server.port(),
            folder.join("log").display(),
            folder.join("pid").display(),
        );
        std::fs::write(&file, settings).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut command = Command::new(bouncer);
        let quiet = command.arg("-q").arg(&file).stdin(Stdio::null()).stdout(Stdio::null());
        let bouncer = as_user(quiet.stderr(Stdio::null())).spawn().expect("pgbouncer starts");
        wait_for(port, &folder);
        Some(Self { port, bouncer, keeper: Some(keeper) })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database of the server, by way of PgBouncer.
    pub fn url(&self, database: &str) -> String {
        at_port(database, self.port)
    }
}

/// Waits until the port accepts connections.
fn wait_for(port: u16, folder: &Path) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(10), "no answer; see {}", folder.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            let _ = keeper.wait();
        }
        let _ = self.bouncer.wait();
    }
}
