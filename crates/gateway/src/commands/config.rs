//! The configuration: the command line over variables over a file.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::provider::{Settings, read_duration};
use countersign::secrecy::{ExposeSecret as _, SecretString};
use countersign::{BaseUrl, Error, ErrorKind, Result};
use countersign_gateway::{Listening, Options, State, TrustedProxies};
use tracing::Level;

/// Variables of keys that have no variable of their own: `COUNTERSIGN_GATEWAY__SERVER__LISTEN`.
const PREFIX: &str = "COUNTERSIGN_GATEWAY__";

const DEFAULT_STATE: &str = "countersign-gateway.db";
const DEFAULT_KEY: &str = "countersign-gateway.key";
const DATABASE: &str = "give sqlite:FILE, or postgres://user:password@host/database";
const PUBLIC_URL: &str = "an https URL without a query, such as https://sign.example.com";
const ADDRESS: &str = "an address and port, such as 0.0.0.0:8790";
const DEFAULT_DRAIN: Duration = Duration::from_secs(5);

/// The words of `log.level`.
const LEVELS: [(&str, Level); 4] =
    [("error", Level::ERROR), ("warn", Level::WARN), ("info", Level::INFO), ("debug", Level::DEBUG)];

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Common {
    /// The configuration, a TOML file; what is given here or in a variable is used in place of it.
    #[arg(long, env = "COUNTERSIGN_GATEWAY_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// The SQLite file with all state; or for several replicas `postgres://user:password@host/database`, which is
    /// better given as the environment variable [default: countersign-gateway.db].
    #[arg(long, env = "COUNTERSIGN_GATEWAY_STATE", hide_env_values = true, global = true)]
    state: Option<SecretString>,
    /// The files of the keys that seal the state, with commas between them: the first one wraps, all of them unwrap
    /// [default: countersign-gateway.key].
    #[arg(long, env = "COUNTERSIGN_GATEWAY_KEY", value_delimiter = ',', global = true)]
    key: Vec<PathBuf>,
}

/// What `serve` takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Serving {
    /// Address and port [default: 127.0.0.1:8790].
    #[arg(long, env = "COUNTERSIGN_GATEWAY_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    /// Where browsers reach the gateway, such as https://sign.example.com: signers may return through it.
    #[arg(long, env = "COUNTERSIGN_GATEWAY_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<BaseUrl>,
    /// A host, with its port if it is not the usual one, to which accounts' settings may point in addition to the
    /// vendors' own.
    #[arg(long, env = "COUNTERSIGN_GATEWAY_ALLOW_HOST", value_delimiter = ',')]
    allow_host: Vec<String>,
    /// A host, without its port, at which endpoints for events may have private addresses and plain http.
    #[arg(long, env = "COUNTERSIGN_GATEWAY_ALLOW_PRIVATE", value_delimiter = ',')]
    allow_private: Vec<String>,
    /// Whether calls with an unknown outcome are settled if the vendor proves that they happened [default: true].
    #[arg(long, env = "COUNTERSIGN_GATEWAY_RECONCILE")]
    reconcile: Option<bool>,
    /// Address and port of the operator's pages; none without it. On loopback, unless there is an admin key.
    #[arg(long, env = "COUNTERSIGN_GATEWAY_ADMIN")]
    admin: Option<SocketAddr>,
    /// A file with the key that the operator's pages require.
    #[arg(long, env = "COUNTERSIGN_GATEWAY_ADMIN_KEY")]
    admin_key: Option<PathBuf>,
    /// Seconds between the failing of /readyz and the end of new connections [default: 5].
    #[arg(long)]
    drain: Option<u64>,
}

/// The effective configuration.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) listen: SocketAddr,
    pub(super) public_url: Option<BaseUrl>,
    pub(super) admin: Option<SocketAddr>,
    pub(super) admin_key: Option<PathBuf>,
    /// The files of the certificate and its key.
    pub(super) tls: Option<(PathBuf, PathBuf)>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) drain: Duration,
    pub(super) max_connections: usize,
    allow_hosts: Vec<String>,
    allow_private: Vec<String>,
    reconcile: bool,
    pub(super) level: Level,
    state: State,
    /// Whether a pooler in transaction mode is in front of the database.
    pooler: bool,
    keys: Vec<PathBuf>,
}

impl Config {
    /// Reads the file and the variables of this process, and puts them together with the command line.
    ///
    /// # Errors
    /// `Config`, which names the wrong key and where it is.
    pub(super) fn read(common: &Common, serving: &Serving) -> Result<Self> {
        let readable =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let file = common.config.as_deref();
        let root = countersign::Config::settings_of(PREFIX, file, std::env::vars_os().filter_map(readable))?;
        let table = |key: &str| match root.has(key) {
            true => root.table(key, "a table").map(Some),
            false => Ok(None),
        };
        let (server, store, seal) = (table("server")?, table("store")?, table("seal")?);
        let (accounts, events) = (table("accounts")?, table("events")?);
        let (calls, log) = (table("calls")?, table("log")?);
        let beside = |name: &str| file.and_then(Path::parent).unwrap_or(Path::new("")).join(name);
        let address = |key: &str, expected: &str| {
            value(server.as_ref(), key, expected, |text| text.parse::<SocketAddr>().ok())
        };
        let listen = address("listen", ADDRESS)?;
        let admin = address("admin", "an address and port, such as 127.0.0.1:8791")?;
        let admin_key = value(server.as_ref(), "admin_key", "a file", |name| Some(beside(name)))?;
        let url = value(server.as_ref(), "public_url", PUBLIC_URL, |text| public_url(text).ok())?;
        let default = || SocketAddr::from(([127, 0, 0, 1], 8790));
        let tls = server.as_ref().map(|server| certificate(server, beside)).transpose()?.flatten();
        let trusted_proxies = list(server.as_ref(), "trusted_proxies", TrustedProxies::check)?;
        let drain = value(server.as_ref(), "drain", "a duration such as 5s", duration)?;
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
        let max_connections = value(server.as_ref(), "max_connections", "a number such as 4096", number)?;
        // Not parsed by clap, whose errors repeat the value, and so a password.
        let given_state =
            common.state.as_ref().map(|text| text.expose_secret().parse::<State>()).transpose()?;
        let state = store.as_ref().map(|store| database(store, beside)).transpose()?.flatten();
        let pooler = store.as_ref().map(|store| store.choice("pooler", &["none", "transaction"]));
        let pooler = pooler.transpose()?.flatten() == Some("transaction");
        let keys: Vec<PathBuf> =
            list(seal.as_ref(), "keys", |_| Ok(()))?.iter().map(|name| beside(name)).collect();
        let level = value(log.as_ref(), "level", "one of error, warn, info and debug", level)?;
        let hosts = list(accounts.as_ref(), "allow_hosts", Options::check_allowed_host)?;
        let private = list(events.as_ref(), "allow_private", Options::check_private_host)?;
        let reconcile = value(calls.as_ref(), "reconcile", "true or false", |text| text.parse().ok())?;
        for table in [server, store, seal, accounts, events, calls, log].iter().flatten() {
            table.finish()?;
        }
        root.finish()?;
        // Not by clap either.
        let given_hosts = given("--allow-host", &serving.allow_host, Options::check_allowed_host)?;
        let given_private = given("--allow-private", &serving.allow_private, Options::check_private_host)?;
        Ok(Self {
            listen: serving.listen.or(listen).unwrap_or_else(default),
            public_url: serving.public_url.clone().or(url),
            admin: serving.admin.or(admin),
            admin_key: serving.admin_key.clone().or(admin_key),
            tls,
            trusted_proxies,
            drain: serving.drain.map(Duration::from_secs).or(drain).unwrap_or(DEFAULT_DRAIN),
            max_connections: max_connections.unwrap_or(Listening::MOST_CONNECTIONS),
            allow_hosts: first_of(given_hosts, hosts),
            allow_private: first_of(given_private, private),
            reconcile: serving.reconcile.or(reconcile).unwrap_or(true),
            level: level.unwrap_or(Level::INFO),
            state: given_state.or(state).unwrap_or_else(|| PathBuf::from(DEFAULT_STATE).into()),
            pooler,
            keys: first_of(first_of(common.key.clone(), keys), vec![DEFAULT_KEY.into()]),
        })
    }

    pub(super) fn options(&self) -> Options {
        let state = self.state.clone();
        let state = if self.pooler { state.behind_pooler() } else { state };
        Options::new(state, self.keys.clone())
            .with_allowed_hosts(self.allow_hosts.clone())
            .with_private_hosts(self.allow_private.clone())
            .with_public_url(self.public_url.clone())
            .with_reconciler(self.reconcile)
    }

    /// The keys that only a restart changes and that another configuration has otherwise.
    pub(super) fn fixed_differences(&self, other: &Self) -> Vec<&'static str> {
        let rows = [
            ("server.listen", self.listen != other.listen),
            ("server.tls", self.tls.is_some() != other.tls.is_some()),
            ("server.drain", self.drain != other.drain),
            ("server.max_connections", self.max_connections != other.max_connections),
            ("server.admin", self.admin != other.admin),
            ("server.admin_key", self.admin_key != other.admin_key),
            ("store.url", self.state.to_string() != other.state.to_string()),
            ("store.pooler", self.pooler != other.pooler),
            ("seal.keys", self.keys != other.keys),
        ];
        rows.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }

    /// The file that would have the same effect, without secrets.
    pub(super) fn shown(&self) -> String {
        let level = LEVELS.iter().find(|(_, level)| *level == self.level).map_or("", |(word, _)| word);
        let keys: Vec<String> = self.keys.iter().map(|file| file.display().to_string()).collect();
        let url = match &self.state {
            State::File(file) => format!("sqlite:{}", file.display()),
            other => other.to_string(),
        };
        let mut text = format!("[server]\nlisten = \"{}\"\n", self.listen);
        // Writing to a text cannot fail; Debug writes texts and lists as TOML does.
        if let Some(url) = &self.public_url {
            let _ = writeln!(text, "public_url = {:?}", url.as_str());
        }
        if let Some(admin) = self.admin {
            let _ = writeln!(text, "admin = \"{admin}\"");
        }
        if let Some(file) = &self.admin_key {
            let _ = writeln!(text, "admin_key = {:?}", file.display().to_string());
        }
        if let Some((certificate, key)) = &self.tls {
            let files = [certificate, key].map(|file| file.display().to_string());
            let _ = writeln!(text, "tls = {{ cert = {:?}, key = {:?} }}", files[0], files[1]);
        }
        let _ = write!(
            text,
            "trusted_proxies = {:?}\ndrain = \"{}s\"\nmax_connections = {}\n\n[store]\nurl = {url:?}\n\
             pooler = \"{}\"\n\n[seal]\n\
             keys = {keys:?}\n\n[accounts]\nallow_hosts = {:?}\n\n[events]\nallow_private = {:?}\n\n\
             [calls]\nreconcile = {}\n\n[log]\nlevel = \"{level}\"\n",
            self.trusted_proxies,
            self.drain.as_secs(),
            self.max_connections,
            if self.pooler { "transaction" } else { "none" },
            self.allow_hosts,
            self.allow_private,
            self.reconcile,
        );
        text
    }
}

/// The database. A URL may contain a password, so it can be in a file of its own, `url_file`.
fn database(store: &Settings, beside: impl Fn(&str) -> PathBuf) -> Result<Option<State>> {
    if let Ok(Some(text)) = store.text("url")
        && let Some(file) = text.strip_prefix("sqlite:").filter(|file| !file.is_empty())
    {
        return Ok(Some(beside(file).into()));
    }
    let Some(url) = store.secret("url")? else { return Ok(None) };
    let url = Some(url.expose_secret()).filter(|url| url.starts_with("postgres"));
    match url.map(str::parse) {
        Some(Ok(state)) => Ok(Some(state)),
        _ => Err(store.wrong("url", "is not a database").with_hint(DATABASE)),
    }
}

/// The table `server.tls`, if there is one.
fn certificate(server: &Settings, beside: impl Fn(&str) -> PathBuf) -> Result<Option<(PathBuf, PathBuf)>> {
    if !server.has("tls") {
        return Ok(None);
    }
    let table = server.table("tls", "tls = { cert = \"FILE\", key = \"FILE\" }")?;
    let file = |key: &str| Ok::<_, Error>(beside(&table.required(key, "the name of a PEM file")?));
    let files = (file("cert")?, file("key")?);
    table.finish()?;
    Ok(Some(files))
}

/// The first list, or the second if the first is empty.
fn first_of<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    if first.is_empty() { second } else { first }
}

/// A value of a table that may be missing.
fn value<T>(
    table: Option<&Settings>,
    key: &str,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    let Some((table, text)) = table.map(|table| Ok::<_, Error>((table, table.text(key)?))).transpose()?
    else {
        return Ok(None);
    };
    let wrong = || table.wrong(key, "has an unreadable value").with_hint(format!("give {expected}"));
    text.map(|text| read(&text).ok_or_else(wrong)).transpose()
}

fn list(table: Option<&Settings>, key: &str, check: impl Fn(&str) -> Result<()>) -> Result<Vec<String>> {
    let Some(table) = table else { return Ok(Vec::new()) };
    checked(&table.texts(key)?, check, |problem| table.wrong(key, problem))
}

/// The same of an option, which may be given as a variable.
fn given(option: &str, texts: &[String], check: impl Fn(&str) -> Result<()>) -> Result<Vec<String>> {
    checked(texts, check, |problem| Error::new(ErrorKind::Config, format!("{option} {problem}")))
}

/// A list of texts; one text may have commas, as in a variable. A wrong one is named by its number: it may be a URL
/// with a password.
fn checked(
    texts: &[String],
    check: impl Fn(&str) -> Result<()>,
    wrong: impl Fn(&str) -> Error,
) -> Result<Vec<String>> {
    let parts = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    for (number, part) in (1..).zip(&parts) {
        check(part).map_err(|error| {
            let problem = format!("has a wrong entry, number {number}: {}", error.message());
            wrong(&problem).with_hint(error.hint().to_owned())
        })?;
    }
    Ok(parts)
}

/// `0s` is no duration elsewhere, but a useful drain.
fn duration(text: &str) -> Option<Duration> {
    read_duration(text).or_else(|| (text == "0s").then_some(Duration::ZERO))
}

fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("give {ADDRESS}"))
}

/// Signers come there from the vendor's page, with what they claim.
fn public_url(text: &str) -> Result<BaseUrl, String> {
    let url = BaseUrl::new(text).ok().filter(BaseUrl::may_carry_credentials);
    url.ok_or_else(|| format!("give {PUBLIC_URL}"))
}

fn level(text: &str) -> Option<Level> {
    LEVELS.iter().find(|(word, _)| *word == text).map(|(_, level)| *level)
}
