//! One file per command. Each gives back a report; only the sandbox, which runs until it is stopped, prints itself.

mod access_code;
mod accounts;
mod cassette;
mod completions;
mod demo;
mod drain;
mod explain;
mod login;
mod man;
mod migrate;
mod plan;
mod recipients;
mod resend;
mod sandbox;
mod sandbox_hooks;
mod vendors;
mod view;
mod webhook;

use std::future::Future;
use std::sync::Arc;

use countersign::{Account, Client, Config, EnvelopeId, Error, ErrorKind, Result};

use crate::args::{Cli, Command, Global};
use crate::cassette::CassetteMode;
use crate::report::{Report, note};
use crate::trace;

/// Does what was asked, and records it if that was asked for.
pub(crate) fn run(mut cli: Cli) -> Result<Report> {
    let Some(cassette) = CassetteMode::of(&cli.global.cassette_mode, &cli.command)?.map(Arc::new) else {
        return done(cli);
    };
    cli.global.cassette = Some(Arc::clone(&cassette));
    let result = done(cli);
    Ok(cassette.finish(result))
}

fn done(cli: Cli) -> Result<Report> {
    let global = &cli.global;
    match cli.command {
        Command::Recipients(args) => wait(recipients::run(global, args)),
        Command::View(args) => wait(view::run(global, *args)),
        Command::Resend(args) => wait(resend::run(global, args)),
        Command::AccessCode(args) => wait(access_code::run(global, args)),
        Command::Plan(args) => wait(plan::run(global, args)),
        Command::Drain(args) => wait(drain::run(global, args)),
        Command::Vendors(args) => Ok(vendors::run(&args)),
        Command::Migrate(args) => migrate::run(global, &args.command),
        Command::Cassette(args) => cassette::run(&args.command),
        Command::Explain(args) => explain::run(args.code.as_deref()),
        Command::Accounts(args) => wait(accounts::run(global, &args)),
        Command::Login(args) => wait(login::run(global, args)),
        Command::Logout => wait(login::out(global)),
        Command::Webhook(args) => wait(webhook::run(global, args)),
        Command::Sandbox(args) => wait(sandbox::run(global, args)),
        Command::Demo(args) => wait(demo::run(args)),
        Command::Completions(args) => Ok(completions::run(args.shell)),
        Command::Man(args) => man::run(args.out.as_deref()),
    }
}

/// Runs to the end on a runtime of its own, made only for the commands that need one.
fn wait(work: impl Future<Output = Result<Report>>) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unexpected("the asynchronous runtime could not start", error))?;
    runtime.block_on(work)
}

/// A client for the account that owns an envelope. Of `account:envelope` with a configured account only the vendor's id
/// is left; any other id stays as it is, and belongs to the account that was named, or to the default one.
fn at(global: &Global, envelope: &mut EnvelopeId) -> Result<Client> {
    if let Some(replayer) = global.cassette.as_ref().and_then(|cassette| cassette.replayer()) {
        return Client::replaying(replayer);
    }
    let config = Config::load(global.config())?;
    let Some((account, id)) = split(&config, envelope.as_str()) else {
        if let Some((name, _)) = envelope.as_str().split_once(':').filter(|(name, _)| is_like_a_name(name)) {
            note(&format!(
                "there is no account `{name}`, so all of the envelope's name is taken for the vendor's id\n"
            ));
        }
        return client_of(global, config.account(global.account())?);
    };
    if let Some(other) = global.account().filter(|other| *other != account.name()) {
        let message =
            format!("the envelope names the account `{}`, and `{other}` is named as well", account.name());
        return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(
            "leave out --account (or the variable COUNTERSIGN_ACCOUNT), or the account in front of the envelope",
        ));
    }
    let client = client_of(global, account)?;
    *envelope = EnvelopeId::new(id)?;
    Ok(client)
}

/// Whether somebody may have meant an account: letters, digits, `-` and `_`.
fn is_like_a_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// The account and the id in `account:envelope`; `None` where no configured account stands in front.
pub(crate) fn split<'c, 't>(config: &'c Config, envelope: &'t str) -> Option<(&'c Account, &'t str)> {
    let (name, id) = envelope.split_once(':')?;
    Some((config.accounts().find(|account| account.name() == name)?, id))
}

/// A client for an account; its exchanges go to a file if that was asked for.
pub(crate) fn client_of(global: &Global, account: &Account) -> Result<Client> {
    if let (None, None) = (&global.trace_http, &global.cassette) {
        return account.client();
    }
    let mut client = Client::builder(account.provider()?).account(account.name());
    if let Some(file) = &global.trace_http {
        client = client.transport(trace::transport(file)?);
    }
    Ok(match &global.cassette {
        Some(cassette) => cassette.client(client),
        None => client.build(),
    })
}

/// The envelope that was named, where no file was.
fn named<T>(value: Option<T>, what: &'static str) -> Result<T> {
    value.ok_or_else(|| Error::new(ErrorKind::InvalidRequest, format!("no {what} is named")))
}

/// Something on this machine that has no kind of its own.
pub(crate) fn unexpected(
    message: impl Into<String>,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    let message = format!("{} ({source})", message.into());
    Error::new(ErrorKind::Unexpected, message).with_source(source)
}
