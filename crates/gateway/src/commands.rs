//! The command line: serve, and what the operator does beside it.

mod health;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use countersign::{Error, ErrorKind, Result};
use countersign_gateway::{AdminAccess, Gateway, KeyScope, Options, State, serve, serve_admin};
use countersign_vault::KeyEncryptionKey;
use tokio::net::TcpListener;

const DEFAULT_LISTEN: &str = "127.0.0.1:8790";

/// How long running calls may take at the end: the usual deadline of a call, and a little more.
const LAST: Duration = Duration::from_secs(70);

/// Countersign over HTTP: one interface over e-signature vendors, for any language.
#[derive(Debug, Parser)]
#[command(name = "countersign-gateway", version, propagate_version = true)]
pub(crate) struct Args {
    /// The SQLite file with all state; or for several replicas `postgres://user:password@host/database`, which is
    /// better given as the environment variable.
    #[arg(
        long,
        env = "COUNTERSIGN_GATEWAY_STATE",
        hide_env_values = true,
        default_value = "countersign-gateway.db",
        global = true
    )]
    state: State,
    /// The files of the keys that seal the state, with commas between them: the first one wraps, all of them unwrap.
    #[arg(
        long,
        env = "COUNTERSIGN_GATEWAY_KEY",
        default_value = "countersign-gateway.key",
        value_delimiter = ',',
        global = true
    )]
    key: Vec<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests until SIGTERM or Ctrl-C.
    Serve {
        /// Address and port. TLS is the work of a proxy in front.
        #[arg(long, env = "COUNTERSIGN_GATEWAY_LISTEN", default_value = DEFAULT_LISTEN)]
        listen: SocketAddr,
        /// A host, with its port if it is not the usual one, to which accounts' settings may point in addition to the
        /// vendors' own.
        #[arg(long, env = "COUNTERSIGN_GATEWAY_ALLOW_HOST", value_delimiter = ',')]
        allow_host: Vec<String>,
        /// Address and port of the operator's pages; none without it. On loopback, unless there is an admin key.
        #[arg(long, env = "COUNTERSIGN_GATEWAY_ADMIN")]
        admin: Option<SocketAddr>,
        /// A file with the key that the operator's pages require.
        #[arg(long, env = "COUNTERSIGN_GATEWAY_ADMIN_KEY")]
        admin_key: Option<PathBuf>,
        /// Seconds between the failing of /readyz and the end of new connections.
        #[arg(long, default_value_t = 5)]
        drain: u64,
    },
    /// Try it: with simulated vendors, on this machine only, and without a trace afterwards.
    #[cfg(feature = "dev")]
    Dev {
        /// The port; 0 picks any free one.
        #[arg(long, default_value_t = 8790)]
        port: u16,
    },
    /// Tenants.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Keys of tenants.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Create the state, or bring it up to date.
    Migrate {
        /// Also create the file of the sealing key, if there is none.
        #[arg(long)]
        create_key: bool,
    },
    /// Wrap all keys of the state under the first sealing key.
    Rewrap,
    /// Whether a gateway is ready: exit code 0 if it is.
    Health {
        /// Its address, or a name such as localhost, and its port; by default those where it listens.
        #[arg(long, env = "COUNTERSIGN_GATEWAY_LISTEN", default_value = DEFAULT_LISTEN)]
        at: String,
    },
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Add a tenant, and print its id.
    Add {
        /// 1 to 64 of a-z, 0-9, - and _.
        name: String,
    },
    /// List the tenants: id, name, valid keys, accounts.
    List,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Add a key, and print it: it is never shown again.
    Add {
        /// The tenant's name or id.
        tenant: String,
        /// What it may do, with commas between them; everything without this option.
        #[arg(long, value_delimiter = ',', value_parser = scope)]
        scope: Vec<KeyScope>,
        /// Label the key as one for tests.
        #[arg(long)]
        test: bool,
        /// Let it expire.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        days: Option<u32>,
        /// What it is for.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Revoke a key at once.
    Revoke {
        /// Its public part: what is between `cs_live_` or `cs_test_` and the next `_`.
        id: String,
    },
}

fn scope(word: &str) -> Result<KeyScope, String> {
    KeyScope::named(word)
        .ok_or_else(|| format!("use one of: {}", KeyScope::ALL.map(KeyScope::as_str).join(", ")))
}

pub(crate) fn run(args: Args) -> ExitCode {
    let is_serving = matches!(args.command, Command::Serve { .. });
    let level = if is_serving { tracing::Level::INFO } else { tracing::Level::ERROR };
    // A log that cannot be written is no reason to fail: reporting that would panic.
    let log = tracing_subscriber::fmt().json().with_max_level(level).log_internal_errors(false);
    log.with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(command(args)),
        Err(error) => Err(Error::new(ErrorKind::Unexpected, "the runtime cannot start").with_source(error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed, the exit code says it.
            let _ = writeln!(std::io::stderr(), "error: {}\nnext: {}", error.message(), error.hint());
            ExitCode::FAILURE
        }
    }
}

async fn command(args: Args) -> Result<()> {
    let options = Options::new(args.state, args.key);
    match args.command {
        Command::Serve { listen, allow_host, admin, admin_key, drain } => {
            let access = match &admin_key {
                Some(file) => AdminAccess::key_file(file)?,
                None => AdminAccess::loopback(),
            };
            let gateway = Gateway::open(&options.with_allowed_hosts(allow_host)).await?;
            let listener = bind(listen).await?;
            if let Some(admin) = admin {
                start_admin(admin, &gateway, access).await?;
            }
            tracing::info!(listen = %listen, "serving");
            serve(listener, gateway, stopped(), Duration::from_secs(drain), LAST).await;
            Ok(())
        }
        #[cfg(feature = "dev")]
        Command::Dev { port } => dev(port).await,
        Command::Tenant(TenantCommand::Add { name }) => {
            print(&format!("{}\n", Gateway::open(&options).await?.directory().add_tenant(&name).await?))
        }
        Command::Tenant(TenantCommand::List) => {
            let tenants = Gateway::open(&options).await?.directory().tenants().await?;
            let line = |one: &countersign_gateway::Tenant| {
                format!("{}  {}  keys {}  accounts {}\n", one.id, one.name, one.keys, one.accounts)
            };
            print(&tenants.iter().map(line).collect::<String>())
        }
        Command::Key(KeyCommand::Add { tenant, scope, test, days, note }) => {
            let scopes = if scope.is_empty() { KeyScope::ALL.to_vec() } else { scope };
            let life = days.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60));
            let gateway = Gateway::open(&options).await?;
            let key = gateway.directory().add_key(&tenant, &scopes, &note, test, life).await?;
            print(&format!("{}\n", key.expose()))
        }
        Command::Key(KeyCommand::Revoke { id }) => {
            match Gateway::open(&options).await?.directory().revoke_key(&id).await? {
                true => Ok(()),
                false => {
                    Err(Error::new(ErrorKind::InvalidRequest, "there is no valid key with this public part")
                        .with_hint("give the eight characters behind cs_live_ or cs_test_"))
                }
            }
        }
        Command::Migrate { create_key } => {
            if let (true, Some(file)) = (create_key, options.keys.first()) {
                KeyEncryptionKey::read_or_create(file).map_err(|error| {
                    Error::new(ErrorKind::Config, format!("the sealing key cannot be created: {error}"))
                        .with_hint("give a file in a folder that this user may write to")
                })?;
            }
            let is_new = options.state.is_new();
            Gateway::open(&options).await?;
            let done = if is_new { "was created" } else { "is up to date" };
            print(&format!("{} {done}\n", options.state))
        }
        Command::Rewrap => {
            print(&format!("{} keys wrapped\n", Gateway::open(&options).await?.rewrap_keys().await?))
        }
        Command::Health { at } => health::check(&at),
    }
}

#[cfg(feature = "dev")]
async fn dev(port: u16) -> Result<()> {
    let dev = countersign_gateway::dev::Dev::start().await?;
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    let url = format!("http://{}", address(&listener)?);
    dev.send_webhooks(&url).await?;
    let pages = SocketAddr::from(([127, 0, 0, 1], 0));
    let pages = start_admin(pages, &dev.gateway, AdminAccess::loopback()).await?;
    print(&format!(
        "# The gateway is at {url}, with simulated vendors: {}/console shows them, {}/inbox their mails.\n\
         # The operator's pages are at http://{pages}.\n\
         # Everything ends with Ctrl-C. Paste this into another shell:\n{}",
        dev.sandbox.url(),
        dev.sandbox.url(),
        dev.lines(&url)
    ))?;
    serve(listener, dev.gateway.clone(), stopped(), Duration::ZERO, Duration::from_secs(5)).await;
    Ok(())
}

/// Serves the operator's pages until the process ends; returns where.
async fn start_admin(at: SocketAddr, gateway: &Gateway, access: AdminAccess) -> Result<SocketAddr> {
    if !at.ip().is_loopback() && !access.needs_key() {
        let message = format!("other machines could open the operator's pages at {at}");
        return Err(Error::new(ErrorKind::Config, message)
            .with_hint("choose an address on loopback, or require a key with --admin-key"));
    }
    let listener = bind(at).await?;
    let at = address(&listener)?;
    tracing::info!(admin = %at, "serving the operator's pages");
    tokio::spawn(serve_admin(listener, gateway.clone(), access));
    Ok(at)
}

fn address(listener: &TcpListener) -> Result<SocketAddr> {
    listener
        .local_addr()
        .map_err(|error| Error::new(ErrorKind::Unexpected, "the port is gone").with_source(error))
}

async fn bind(at: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).await.map_err(|error| {
        Error::new(ErrorKind::Config, format!("the gateway cannot listen on {at}: {error}"))
            .with_hint("choose another address or port")
    })
}

/// Ends when the process is asked to stop.
async fn stopped() {
    let interrupt = async {
        // Without a handler the signal ends the process at once, so waiting on is as good.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut end) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupt => {}
                _ = end.recv() => {}
            }
            return;
        }
    }
    interrupt.await;
}

fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| {
        Error::new(ErrorKind::Unexpected, "standard output cannot be written").with_source(error)
    })
}
