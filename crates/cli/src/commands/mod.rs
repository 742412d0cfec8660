//! One file per command. Each gives back a report; only the sandbox, which runs until it is stopped, prints itself.

mod access_code;
mod accounts;
mod completions;
mod demo;
mod explain;
mod login;
mod man;
mod migrate;
mod plan;
mod recipients;
mod resend;
mod sandbox;
mod vendors;
mod view;

use std::future::Future;

use countersign::{Account, Client, Config, Error, ErrorKind, Result};

use crate::args::{Cli, Command, Global};
use crate::report::Report;
use crate::trace;

/// Does what was asked.
pub(crate) fn run(cli: Cli) -> Result<Report> {
    let global = &cli.global;
    match cli.command {
        Command::Recipients(args) => wait(recipients::run(global, args)),
        Command::View(args) => wait(view::run(global, *args)),
        Command::Resend(args) => wait(resend::run(global, args)),
        Command::AccessCode(args) => wait(access_code::run(global, args)),
        Command::Plan(args) => wait(plan::run(global, args)),
        Command::Vendors(args) => Ok(vendors::run(&args)),
        Command::Migrate(args) => migrate::run(global, &args.command),
        Command::Explain(args) => explain::run(args.code.as_deref()),
        Command::Accounts(args) => wait(accounts::run(global, &args)),
        Command::Login(args) => wait(login::run(global, args)),
        Command::Logout => wait(login::out(global)),
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

/// A client for the account that was named, or the default one.
fn client(global: &Global) -> Result<Client> {
    client_of(global, Config::load(global.config())?.account(global.account())?)
}

/// A client for an account; its exchanges go to a file if that was asked for.
pub(crate) fn client_of(global: &Global, account: &Account) -> Result<Client> {
    match &global.trace_http {
        None => account.client(),
        Some(file) => {
            let client = Client::builder(account.provider()?).account(account.name());
            Ok(client.transport(trace::transport(file)?).build())
        }
    }
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
