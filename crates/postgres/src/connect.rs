//! Connects to one of several servers, with TLS, and watches what the server reports beside its answers.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use countersign_core::ErrorKind;
use deadpool_postgres::Connect;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connects to the first server that accepts writes, beginning with the one that did so last.
pub(crate) struct Servers {
    servers: Vec<Config>,
    last: AtomicUsize,
    /// How long one server may take. A server that accepts connections but answers nothing must not use up the time
    /// of the others.
    timeout: Duration,
    tls: MakeRustlsConnect,
}

impl Servers {
    pub(crate) fn new(config: &Config, timeout: Duration, tls: MakeRustlsConnect) -> Self {
        let hosts = config.get_hosts().iter().enumerate();
        let servers: Vec<Config> = hosts.map(|(at, host)| single(config, at, host)).collect();
        let share = u32::try_from(servers.len().max(1)).unwrap_or(1);
        Self { servers, last: AtomicUsize::new(0), timeout: timeout / share, tls }
    }

    /// Connects to one of the servers; the error is that of the last one that answered. If none answers, this never
    /// returns: callers have a limit of their own.
    pub(crate) async fn open(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let first = self.last.load(Ordering::Relaxed);
        let mut failure = None;
        for step in 0..self.servers.len() {
            let at = (first + step) % self.servers.len();
            let connecting = self.servers[at].connect(self.tls.clone());
            match tokio::time::timeout(self.timeout, connecting).await {
                Ok(Ok((client, connection))) => {
                    self.last.store(at, Ordering::Relaxed);
                    return Ok((client, tokio::spawn(drive(connection))));
                }
                Ok(Err(error)) => failure = Some(error),
                Err(_) => {}
            }
        }
        match failure {
            Some(error) => Err(error),
            None => std::future::pending().await,
        }
    }
}

/// For the pool, which owns its own.
pub(crate) struct Connector(pub(crate) std::sync::Arc<Servers>);

impl Connect for Connector {
    fn connect(
        &self,
        _: &Config,
    ) -> Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + '_>> {
        Box::pin(self.0.open())
    }
}

/// The settings with one of the hosts.
fn single(config: &Config, at: usize, host: &Host) -> Config {
    let ports = config.get_ports();
    let mut one = Config::new();
    match host {
        Host::Tcp(name) => one.host(name),
        #[cfg(unix)]
        Host::Unix(path) => one.host_path(path),
    };
    if let Some(address) = config.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    one.port(ports.get(at).or(ports.first()).copied().unwrap_or(5432));
    macro_rules! copy {
        ($($get:ident => $set:ident),*) => {
            $(if let Some(value) = config.$get() {
                one.$set(value.to_owned());
            })*
        };
    }
    copy!(get_user => user, get_password => password, get_dbname => dbname, get_options => options);
    copy!(get_application_name => application_name, get_connect_timeout => connect_timeout);
    copy!(get_tcp_user_timeout => tcp_user_timeout, get_keepalives_interval => keepalives_interval);
    copy!(get_keepalives_retries => keepalives_retries);
    one.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .channel_binding(config.get_channel_binding())
        .target_session_attrs(config.get_target_session_attrs())
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle());
    one
}

/// Carries a connection's messages until it ends, or until the server reports that a commit is not replicated.
///
/// A commit whose wait for its standby is cancelled still counts as a success for the statement, with a mere warning.
/// After a failover, it would be gone. Ending the connection before the success is read makes it an error.
async fn drive<S, T>(mut connection: Connection<S, T>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        match message {
            // The text is in the server's language; the name of its function is not.
            Ok(AsyncMessage::Notice(notice)) if notice.routine() == Some("SyncRepWaitForLSN") => {
                tracing::error!("the database gave up waiting for its standby; the connection is closed");
                return;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(
                    code = error.code().map(SqlState::code),
                    "a connection to the database ended"
                );
                return;
            }
        }
    }
}

/// TLS with the checks of a web browser: a connector that accepts the system's authorities, or those in a file.
pub(crate) fn connector(authorities: Option<&Path>) -> countersign_core::Result<MakeRustlsConnect> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let failed = |error: rustls::Error| {
        countersign_core::Error::new(ErrorKind::Config, "TLS to the database cannot be set up")
            .with_source(error)
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = match authorities {
        Some(file) => builder.with_root_certificates(read(file)?),
        None => builder.with_platform_verifier().map_err(failed)?,
    };
    Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
}

fn read(file: &Path) -> countersign_core::Result<RootCertStore> {
    let failed = |problem| {
        let message = format!("{problem} in the file of `sslrootcert`, {}", file.display());
        countersign_core::Error::new(ErrorKind::Config, message)
    };
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file)
        .map_err(|error| failed("there is nothing to read").with_source(error))?;
    for certificate in found {
        let certificate = certificate.map_err(|error| failed("there is no PEM").with_source(error))?;
        roots.add(certificate).map_err(|error| failed("there is a bad certificate").with_source(error))?;
    }
    if roots.is_empty() {
        return Err(failed("there is no certificate"));
    }
    Ok(roots)
}
