//! The commands. Each returns a report; only the sandbox, which runs until it is stopped, prints by itself.

mod accounts;
mod calls;
mod login;
mod migrate;
mod operations;
mod plan;
mod sandbox;
mod sandbox_envelope;
mod sandbox_hooks;
mod schema;
mod state;
pub(crate) mod tools;
mod unlock;
mod webhook;

use std::future::Future;
use std::sync::Arc;

use countersign::{Operation, Result};

use crate::args::{CassetteCommand, CassetteModeArgs, Cli, Command, Global, WebhookCommand};
use crate::bulk::{self, Job};
use crate::cassette::CassetteMode;
use crate::context::{invalid, unexpected};
use crate::demo;
use crate::report::Report;

/// Runs the command, with recording if it was requested.
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
        Command::Unlock(args) => wait(unlock::run(global, args)),
        Command::Plan(args) => wait(plan::run(global, args)),
        Command::Drain(args) => wait(bulk::run(global, &args.into(), None, Job::Drain)),
        Command::Vendors { markdown } => Ok(tools::vendors(markdown)),
        Command::Migrate(command) => migrate::run(global, &command),
        Command::Cassette(CassetteCommand::Scan(args)) => tools::scan(&args),
        Command::Explain { code } => tools::explain(global, code.as_deref()),
        Command::Accounts { check } => wait(accounts::run(global, check)),
        Command::Login(args) => wait(login::run(global, args)),
        Command::Logout => wait(login::out(global)),
        Command::Calls(command) => wait(calls::run(global, command)),
        Command::State(command) => wait(state::run(global, &command)),
        Command::Webhook(WebhookCommand::Verify(args)) => wait(webhook::verify::run(global, &args)),
        Command::Webhook(WebhookCommand::Listen(args)) => wait(webhook::listen::run(global, args)),
        Command::Sandbox(args) => wait(sandbox::run(global, args)),
        Command::Demo { vendor } => wait(demo::run(vendor.as_deref())),
        Command::Completions(args) => Ok(tools::completions(&args)),
        Command::Man { out } => tools::man(out.as_deref()),
        Command::Schema { command } => schema::run(&command),
    }
}

/// Runs to completion on its own runtime, created only for the commands that need one.
fn wait(work: impl Future<Output = Result<Report>>) -> Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unexpected("the asynchronous runtime could not start", error))?;
    runtime.block_on(work)
}

/// The recording to write or replay, if one was requested.
fn cassette_of(args: &CassetteModeArgs, command: &Command) -> Result<Option<CassetteMode>> {
    let story = args.story.as_deref();
    match (&args.record, &args.replay) {
        (Some(folder), _) => CassetteMode::record(folder, story, operation(command)?).map(Some),
        (None, Some(folder)) => CassetteMode::replay(folder, story, operation(command)?).map(Some),
        (None, None) if story.is_some() => {
            let problem = "--story names a recording, but none is recorded or replayed";
            Err(invalid(problem, "add --record DIR or --replay DIR"))
        }
        (None, None) => Ok(None),
    }
}

/// The operation that a command performs at a vendor, if it can be recorded.
fn operation(command: &Command) -> Result<Operation> {
    let (operation, many) = match command {
        Command::Recipients(args) => (Operation::ListRecipients, args.bulk.from.is_some()),
        Command::View(_) => (Operation::CreateView, false),
        Command::Resend(args) => (Operation::ResendRecipient, args.bulk.from.is_some()),
        Command::AccessCode(args) => (Operation::ChangeAccessCode, args.bulk.from.is_some()),
        _ => {
            let hint = "omit --record and --replay; they work with recipients, view, resend and access-code";
            return Err(invalid("this command cannot be recorded or replayed", hint));
        }
    };
    if many {
        let hint = "record one envelope, without --from: the others would be the same";
        return Err(invalid("a file of envelopes cannot be recorded or replayed", hint));
    }
    Ok(operation)
}
