//! The `countersign` command: the four operations at every vendor from a terminal or a script, a sandbox, and a
//! demo.

mod args;
mod asked;
mod bulk;
mod cassette;
mod codes;
mod commands;
mod context;
mod demo;
mod exit;
mod explain;
mod logging;
mod loopback;
mod once;
mod paste;
mod private;
mod render;
mod report;
mod sandbox_accounts;
mod signals;
mod state;

use std::process::ExitCode;

use clap::error::ErrorKind as Usage;
use clap::{CommandFactory as _, Parser};
use countersign::Error;

use crate::args::Cli;
use crate::context::invalid;
use crate::report::Report;

fn main() -> ExitCode {
    // Answers a shell's request for completions and ends the process.
    clap_complete::CompleteEnv::with_factory(Cli::command).var(commands::tools::COMPLETE).complete();
    match Cli::try_parse() {
        Ok(cli) => {
            logging::start(cli.global.verbose);
            let as_json = cli.global.json;
            commands::run(cli).unwrap_or_else(|error| Report::failed(&error)).show(as_json)
        }
        Err(error) => misused(&error),
    }
}

/// Prints help, the version, or a command-line error. With --json, errors are the same document as everywhere else.
fn misused(error: &clap::Error) -> ExitCode {
    let asked_for = matches!(error.kind(), Usage::DisplayHelp | Usage::DisplayVersion);
    let as_json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if !asked_for && as_json {
        let error = wrong_command_line(&error.render().to_string());
        return Report::failed(&error).with_code(exit::USAGE).show(true);
    }
    // If the terminal is gone, there is nothing left to report.
    let _ = error.print();
    ExitCode::from(if asked_for { exit::OK } else { exit::USAGE })
}

/// The error document for a clap error: the problem, then the tips, without the usage.
fn wrong_command_line(text: &str) -> Error {
    let lines = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let (tips, problem): (Vec<_>, Vec<_>) =
        lines.filter(|line| !line.is_empty()).partition(|line| line.starts_with("tip:"));
    let problem = problem.join(" ").trim_start_matches("error: ").to_owned();
    let tips: Vec<&str> = tips.iter().map(|tip| tip.trim_start_matches("tip: ")).collect();
    let hint = if tips.is_empty() { "see `countersign --help`".to_owned() } else { tips.join("; ") };
    invalid(problem, hint)
}
