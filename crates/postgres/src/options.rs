//! How to reach the database.

use std::path::PathBuf;
use std::time::Duration;

use countersign_core::{Error, ErrorKind, Result};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What is between this process and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Pooler {
    /// Nothing, or a pooler that keeps one connection per session. Statements are prepared once per connection.
    #[default]
    None,
    /// A pooler in transaction mode, such as PgBouncer, behind which each statement may reach another connection.
    /// Statements are not prepared, and nothing is set on a connection.
    Transaction,
}

/// How to reach the database, and how long to wait for it.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// See [`PostgresOptions::new`].
    pub url: SecretString,
    /// The most connections that this process opens, at least one; 16 by default.
    pub pool: usize,
    /// What is between this process and the server.
    pub pooler: Pooler,
    /// How long one access to the store may take, with waiting for a connection, five seconds by default. Then the call
    /// fails, and nothing is sent to a vendor.
    pub timeout: Duration,
    /// How long replies are kept under their keys, and how long a resolved key rejects calls, a day by default.
    pub keep: Duration,
    /// How long processed notifications are remembered: by default 30 days, longer than vendors repeat them.
    pub keep_seen: Duration,
}

impl PostgresOptions {
    /// Options with this URL: `postgres://user:password@host:5432/database?sslmode=verify-full`. It may name several
    /// hosts (`host1:5432,host2:5432`); the first that accepts writes is used.
    ///
    /// `sslmode` is `verify-full`, which checks the server's certificate and name, or `disable`. Without it, TLS is
    /// used unless all hosts are this machine. `sslrootcert` names a file with the authorities to accept instead of
    /// the system's.
    #[must_use]
    pub fn new(url: SecretString) -> Self {
        Self {
            url,
            pool: 16,
            pooler: Pooler::None,
            timeout: Duration::from_secs(5),
            keep: DAY,
            keep_seen: 30 * DAY,
        }
    }

    /// The servers and the database, such as `db1:5432,db2:5432/state`: the URL without user, password and settings.
    ///
    /// # Errors
    /// `Config` if the URL is wrong.
    pub fn location(&self) -> Result<String> {
        let config = self.address()?.config;
        let ports = config.get_ports();
        let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
            let host = match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            };
            format!("{host}:{}", ports.get(at).or(ports.first()).unwrap_or(&5432))
        });
        let hosts: Vec<String> = hosts.collect();
        Ok(format!("{}/{}", hosts.join(","), config.get_dbname().unwrap_or_default()))
    }

    /// The URL, understood.
    pub(crate) fn address(&self) -> Result<Address> {
        Address::parse(self.url.expose_secret())
    }
}

/// A URL, understood.
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) root_certificates: Option<PathBuf>,
}

impl Address {
    fn parse(url: &str) -> Result<Self> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(invalid("does not begin with postgres://"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root_certificates, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8().map_err(|_| invalid("is not UTF-8"))?;
            match name {
                "sslmode" => mode = Some(ssl_mode(&value)?),
                "sslrootcert" => root_certificates = Some(PathBuf::from(value.as_ref())),
                _ => rest.push(pair),
            }
        }
        // The parser's own errors could repeat parts of the URL, and with them the password.
        let parsed = format!("{base}?{}", rest.join("&")).parse::<Config>();
        let mut config = parsed.map_err(|_| invalid("cannot be understood"))?;
        if config.get_hosts().is_empty() {
            return Err(invalid("names no host"));
        }
        if config.get_dbname().is_none() {
            return Err(invalid("names no database"));
        }
        let local = config.get_hosts().iter().all(is_local);
        config.ssl_mode(mode.unwrap_or(if local { SslMode::Disable } else { SslMode::Require }));
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("countersign");
        }
        Ok(Self { config, root_certificates })
    }
}

/// Every mode with TLS checks certificate and name: a mode that does not protects against nothing.
fn ssl_mode(value: &str) -> Result<SslMode> {
    match value {
        "disable" => Ok(SslMode::Disable),
        "require" | "verify-full" => Ok(SslMode::Require),
        _ => Err(invalid("has an unknown `sslmode`; allowed: verify-full, disable")),
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn invalid(problem: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the URL of the PostgreSQL database {problem}")).with_hint(
        "write postgres://user:password@host:5432/database?sslmode=verify-full, and percent-encode the password",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address> {
        PostgresOptions::new(SecretString::from(url)).address()
    }

    #[test]
    fn tls_is_required_except_on_this_machine() {
        let mode = |url| parse(url).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://u:p@db.example.com/s"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@127.0.0.1,db.example.com/s"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@127.0.0.1:5432/s"), SslMode::Disable);
        assert_eq!(mode("postgresql://u:p@localhost/s?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u:p@db.example.com/s?sslmode=disable"), SslMode::Disable);
        assert!(parse("postgres://u:p@db.example.com/s?sslmode=prefer").is_err());
    }

    #[test]
    fn only_hosts_that_accept_writes_are_used() {
        let config = parse("postgres://u@a:1,b:2/s?target_session_attrs=any").unwrap().config;
        assert_eq!(config.get_hosts().len(), 2);
        assert_eq!(config.get_ports(), [1, 2]);
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn the_location_is_the_url_without_user_password_and_settings() {
        let location = |url| PostgresOptions::new(SecretString::from(url)).location().unwrap();
        assert_eq!(
            location("postgres://u:p@db1.example.com,db2:6432/s?sslmode=disable"),
            "db1.example.com:5432,db2:6432/s"
        );
        assert_eq!(location("postgres://u@[::1]:1/s"), "::1:1/s");
    }

    #[test]
    fn errors_and_debug_do_not_show_the_url() {
        let urls = [
            "postgres://u:hunter2@h:port/s",
            "postgres://u:hunter2@h",
            "mysql://u:hunter2@h/s",
            "postgres://u:x@h/s?hunter2=1",
        ];
        for url in urls {
            let error = parse(url).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Config, "{url}");
            assert!(!format!("{error} {error:?}").contains("ter2"), "{error:?}");
        }
        let options = PostgresOptions::new(SecretString::from(urls[0]));
        assert!(!format!("{options:?}").contains("ter2"));
    }

    #[test]
    fn the_file_of_authorities_is_read_from_the_url() {
        let address = parse("postgres://u@h/s?sslrootcert=%2Fetc%2Fca.pem&connect_timeout=3").unwrap();
        assert_eq!(address.root_certificates, Some(PathBuf::from("/etc/ca.pem")));
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    }
}
