//! What each command does. Each gives back a report; only the sandbox, which runs until it is stopped, prints itself.

mod accounts;
mod cassette;
mod demo;
mod login;
mod migrate;
mod operations;
mod plan;
mod sandbox;
mod sandbox_hooks;
mod tools;
mod webhook;

use std::future::Future;
use std::sync::Arc;

use countersign::{Error, ErrorKind, Operation, Result};

use crate::args::{CassetteModeArgs, Cli, Command, Global};
use crate::bulk::{self, Job};
use crate::cassette::CassetteMode;
use crate::context::unexpected;
use crate::report::Report;

/// Does what was asked, and records it if that was asked for.
pub(crate) fn run(mut cli: Cli) -> Result<Report> {
    let Some(cassette) = cassette_of(&cli.global.cassette_mode, &cli.command)?.map(Arc::new) else {
        return done(cli);
    };
    cli.global.cassette = Some(Arc::clone(&cassette));
    let result = done(cli);
    Ok(cassette.finish(result))
}

fn done(cli: Cli) -> Result<Report> {
    let global = &cli.global;
    dispatch(global, cli.command).map_err(|error| match global.asked.get() {
        Some(asked) => asked.explain(error),
        None => error,
    })
}

fn dispatch(global: &Global, command: Command) -> Result<Report> {
    match command {
        Command::Recipients(args) => wait(operations::recipients(global, args)),
        Command::View(args) => wait(operations::view(global, *args)),
        Command::Resend(args) => wait(operations::resend(global, args)),
        Command::AccessCode(args) => wait(operations::access_code(global, args)),
        Command::Plan(args) => wait(plan::run(global, args)),
        Command::Drain(args) => wait(bulk::run(global, &args.into(), None, Job::Drain)),
        Command::Vendors(args) => Ok(tools::vendors(&args)),
        Command::Migrate(args) => migrate::run(global, &args.command),
        Command::Cassette(args) => cassette::run(&args.command),
        Command::Explain(args) => tools::explain(args.code.as_deref()),
        Command::Accounts(args) => wait(accounts::run(global, &args)),
        Command::Login(args) => wait(login::run(global, args)),
        Command::Logout => wait(login::out(global)),
        Command::Webhook(args) => wait(webhook::run(global, args)),
        Command::Sandbox(args) => wait(sandbox::run(global, args)),
        Command::Demo(args) => wait(demo::run(args)),
        Command::Completions(args) => Ok(tools::completions(args.shell)),
        Command::Man(args) => tools::man(args.out.as_deref()),
    }
}

/// Runs to the end on a runtime of its own, made only for the commands that need one.
fn wait(work: impl Future<Output = Result<Report>>) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unexpected("the asynchronous runtime could not start", error))?;
    runtime.block_on(work)
}

/// The recording that is made or played, if that was asked for.
fn cassette_of(args: &CassetteModeArgs, command: &Command) -> Result<Option<CassetteMode>> {
    let story = args.story.as_deref();
    match (&args.record, &args.replay) {
        (Some(folder), _) => CassetteMode::record(folder, story, operation(command)?).map(Some),
        (None, Some(folder)) => CassetteMode::replay(folder, story, operation(command)?).map(Some),
        (None, None) if story.is_some() => {
            Err(invalid("--story names a recording, and none is made or played")
                .with_hint("add --record DIR or --replay DIR"))
        }
        (None, None) => Ok(None),
    }
}

/// What a command does at a vendor, where that can be recorded.
fn operation(command: &Command) -> Result<Operation> {
    let (operation, many) = match command {
        Command::Recipients(args) => (Operation::ListRecipients, args.bulk.from.is_some()),
        Command::View(_) => (Operation::CreateView, false),
        Command::Resend(args) => (Operation::ResendRecipient, args.bulk.from.is_some()),
        Command::AccessCode(args) => (Operation::ChangeAccessCode, args.bulk.from.is_some()),
        _ => {
            return Err(invalid("this command can be neither recorded nor replayed").with_hint(
                "leave out --record and --replay; recipients, view, resend and access-code take them",
            ));
        }
    };
    if many {
        return Err(invalid("a file of envelopes can be neither recorded nor replayed")
            .with_hint("record one envelope, without --from: the others would say the same"));
    }
    Ok(operation)
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}
