//! The command line: serve, and what the operator does beside it.

mod config;
#[cfg(feature = "dev")]
mod dev;
mod health;
mod hold;
mod log;
mod reload;
mod shared;
#[cfg(feature = "otel")]
mod traces;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use countersign::{Error, ErrorKind, Result, Timestamp};
use countersign_gateway::{
    AdminAccess, Gateway, KeyLimits, KeyRow, KeyScope, Listening, Tenant, Tls, TrustedProxies, serve,
};
use countersign_vault::KeyEncryptionKey;

use config::{Common, Config, Serving};
use hold::HoldCommand;
use log::LogLevel;
use reload::Reload;
use shared::{bind, print, start_admin, stop_asked};

/// How long running calls may take at the end: the usual deadline of a call, and a little more.
const LAST: Duration = Duration::from_secs(70);

/// Countersign over HTTP: one interface over e-signature vendors, for any language.
#[derive(Debug, Parser)]
#[command(name = "countersign-gateway", version, propagate_version = true)]
pub(crate) struct Args {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests until SIGTERM or Ctrl-C.
    Serve(Serving),
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
    /// After a restore: hold calls that the database may have forgotten.
    #[command(subcommand)]
    Hold(HoldCommand),
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
        #[arg(long, env = "COUNTERSIGN_GATEWAY_LISTEN")]
        at: Option<String>,
    },
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[cfg(feature = "otel")]
impl Command {
    /// Whether it answers requests.
    fn serves(&self) -> bool {
        match self {
            Self::Serve(_) => true,
            #[cfg(feature = "dev")]
            Self::Dev { .. } => true,
            _ => false,
        }
    }
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check it, and print the effective one as a file.
    Check(Serving),
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Add a tenant, and print its id.
    Add {
        /// 1 to 64 of a-z, 0-9, - and _.
        name: String,
    },
    /// List the tenants: id, name, valid keys, accounts, and the hosts to which signers may return.
    List,
    /// Set the hosts to which signers may return through the gateway, in place of the former ones.
    ReturnHosts {
        /// The tenant's name or id.
        tenant: String,
        /// Hosts, each with its port if it is not the usual one.
        #[arg(required_unless_present = "none")]
        host: Vec<String>,
        /// No host at all.
        #[arg(long, conflicts_with = "host")]
        none: bool,
    },
    /// Remove a tenant, and erase everything that is kept about it.
    Remove {
        /// Its name or id.
        tenant: String,
        /// Also if the outcome of calls is unknown: their keys are forgotten.
        #[arg(long)]
        force: bool,
    },
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
        /// Only for these accounts, by name or id, with commas between them.
        #[arg(long, value_delimiter = ',')]
        account: Vec<String>,
        /// How many requests it may send in a minute, to each replica.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        per_minute: Option<u32>,
    },
    /// List the keys: public part, tenant, state, last use, and what limits them.
    List {
        /// Only those of this tenant, by name or id.
        tenant: Option<String>,
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
    // Before the runtime: what sends traces has threads of its own, which it also ends with.
    #[cfg(feature = "otel")]
    let traces = args.command.serves().then(traces::Traces::start).flatten();
    #[cfg(feature = "otel")]
    let layer = traces.as_ref().map(traces::Traces::layer);
    #[cfg(not(feature = "otel"))]
    let layer = None;
    let log = LogLevel::init(if is_serving { tracing::Level::INFO } else { tracing::Level::ERROR }, layer);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(command(args, log)),
        Err(error) => Err(Error::new(ErrorKind::Unexpected, "the runtime cannot start").with_source(error)),
    };
    #[cfg(feature = "otel")]
    if let Some(traces) = traces {
        traces.end();
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where standard error is closed, the exit code says it.
            let _ = writeln!(std::io::stderr(), "error: {}\nnext: {}", error.message(), error.hint());
            ExitCode::FAILURE
        }
    }
}

async fn command(args: Args, log: LogLevel) -> Result<()> {
    let common = args.common;
    let options = || Ok::<_, Error>(Config::read(&common, &Serving::default())?.options());
    match args.command {
        Command::Serve(serving) => {
            let config = Config::read(&common, &serving)?;
            log.set(config.level);
            let access = config
                .admin_key
                .as_deref()
                .map_or_else(|| Ok(AdminAccess::loopback()), AdminAccess::key_file)?;
            let gateway = Gateway::open(&config.options()).await?;
            let listener = bind(config.listen).await?;
            // Before the log says that anything is served: from then on, a signal ends it in order.
            let stop = stop_asked()?;
            if let Some(admin) = config.admin {
                start_admin(admin, &gateway, access).await?;
            }
            let tls =
                config.tls.as_ref().map(|(certificate, key)| Tls::read(certificate, key)).transpose()?;
            let trusted_proxies = TrustedProxies::read(&config.trusted_proxies)?;
            let mut listening = Listening::from(listener)
                .with_trusted_proxies(trusted_proxies.clone())
                .with_most_connections(config.max_connections);
            if let Some(tls) = tls.clone() {
                listening = listening.with_tls(tls);
            }
            let (listen, drain) = (config.listen, config.drain);
            reload::start(Reload {
                common,
                serving,
                config,
                gateway: gateway.clone(),
                tls,
                trusted_proxies,
                log,
            })?;
            tracing::info!(%listen, "serving");
            serve(listening, gateway, stop, drain, LAST).await;
            Ok(())
        }
        Command::Config(ConfigCommand::Check(serving)) => {
            let config = Config::read(&common, &serving)?;
            config.tls.as_ref().map(|(certificate, key)| Tls::read(certificate, key)).transpose()?;
            print(&config.shown())
        }
        #[cfg(feature = "dev")]
        Command::Dev { port } => dev::run(port).await,
        Command::Tenant(TenantCommand::Add { name }) => {
            print(&format!("{}\n", Gateway::open(&options()?).await?.directory().add_tenant(&name).await?))
        }
        Command::Tenant(TenantCommand::List) => {
            let tenants = Gateway::open(&options()?).await?.directory().tenants().await?;
            print(&tenants.iter().map(tenant_line).collect::<String>())
        }
        Command::Tenant(TenantCommand::ReturnHosts { tenant, host, none: _ }) => {
            Gateway::open(&options()?).await?.directory().set_return_hosts(&tenant, &host).await
        }
        Command::Tenant(TenantCommand::Remove { tenant, force }) => {
            Gateway::open(&options()?).await?.directory().remove_tenant(&tenant, force).await
        }
        Command::Key(KeyCommand::Add { tenant, scope, test, days, note, account, per_minute }) => {
            let scopes = if scope.is_empty() { KeyScope::ALL.to_vec() } else { scope };
            let life = days.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60));
            let gateway = Gateway::open(&options()?).await?;
            let limits = KeyLimits::default().with_accounts(account).with_per_minute(per_minute);
            let directory = gateway.directory();
            let key = directory.add_limited_key(&tenant, &scopes, &note, test, life, &limits).await?;
            print(&format!("{}\n", key.expose()))
        }
        Command::Key(KeyCommand::List { tenant }) => {
            let keys = Gateway::open(&options()?).await?.directory().keys(tenant.as_deref()).await?;
            print(&keys.iter().map(key_line).collect::<String>())
        }
        Command::Key(KeyCommand::Revoke { id }) => {
            match Gateway::open(&options()?).await?.directory().revoke_key(&id).await? {
                true => Ok(()),
                false => {
                    Err(Error::new(ErrorKind::InvalidRequest, "there is no valid key with this public part")
                        .with_hint("give the eight characters behind cs_live_ or cs_test_"))
                }
            }
        }
        Command::Hold(command) => print(&hold::run(&command, &Gateway::open(&options()?).await?).await?),
        Command::Migrate { create_key } => {
            let options = options()?;
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
            print(&format!("{} keys wrapped\n", Gateway::open(&options()?).await?.rewrap_keys().await?))
        }
        Command::Health { at } => {
            let config = Config::read(&common, &Serving::default())?;
            health::check(&at.unwrap_or_else(|| config.listen.to_string()), config.tls.is_some())
        }
    }
}

fn tenant_line(one: &Tenant) -> String {
    let mut line = format!("{}  {}  keys {}  accounts {}", one.id, one.name, one.keys, one.accounts);
    if !one.return_hosts.is_empty() {
        line += &format!("  return hosts {}", one.return_hosts);
    }
    if let Some(at) = one.held_since {
        line += &format!("  held since {at}");
    }
    line + "\n"
}

fn key_line(key: &KeyRow) -> String {
    let day = |at: Option<Timestamp>| at.map(|at| at.to_string().chars().take(10).collect::<String>());
    let mut line = format!("{}  {}  {}", key.id, key.tenant, if key.is_valid { "valid" } else { "ended" });
    for (what, value) in [
        ("used", day(key.used_on).or_else(|| Some("never".to_owned()))),
        ("until", day(key.expires_at)),
        ("accounts", key.accounts.clone()),
        ("per minute", key.per_minute.map(|requests| requests.to_string())),
        ("scopes", Some(key.scopes.clone()).filter(|scopes| !scopes.is_empty())),
        ("note", Some(key.note.clone()).filter(|note| !note.is_empty())),
    ] {
        if let Some(value) = value {
            line += &format!("  {what} {value}");
        }
    }
    line + "\n"
}
