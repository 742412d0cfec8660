//! The command-line arguments.

mod help;
mod operations;
mod state;
mod tools;
mod values;
mod webhook;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::asked::Asked;
use crate::cassette::CassetteMode;
use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};
use clap_complete::ArgValueCompleter;

use countersign::provider::Feature::{
    AccessCodeNotify, ChangeAccessCode, CreateView, ListRecipients, ResendEveryone, ResendMessage, ResendOne,
    Unlock, ViewExpiry, ViewReturnOutcome, ViewReturnUrl,
};

use crate::state::Store;
use help::differences;

pub(crate) use operations::*;
pub(crate) use state::*;
pub(crate) use tools::*;
pub(crate) use webhook::*;

/// One interface over e-signature vendors: signing links, resends, access codes, recipients
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    max_term_width = 100,
    long_about = help::of_command("countersign").0,
    after_help = help::of_command("countersign").1,
    after_long_help = help::examples_and_exit_codes(),
    mut_subcommands = |below| help::add(below, "countersign"),
    propagate_version = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The configuration file; by default ./countersign.toml, then the one in the user's configuration folder
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "COUNTERSIGN_CONFIG",
        value_hint = ValueHint::FilePath
    )]
    config: Option<OsString>,
    /// The account to use; by default the default account
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "COUNTERSIGN_ACCOUNT",
        add = ArgValueCompleter::new(values::accounts)
    )]
    account: Option<String>,
    /// Print one JSON document on stdout, for results and errors
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log each vendor request to stderr (RUST_LOG overrides the filter)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Append each exchange with the vendor to this file, for a support ticket: JSON lines without codes, links,
    /// keys, tokens and names; only you can read it
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trace_http: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cassette_mode: CassetteModeArgs,
    /// The recording to write or to replay.
    #[arg(skip)]
    pub(crate) cassette: Option<Arc<CassetteMode>>,
    /// The account that was asked about one envelope.
    #[arg(skip)]
    pub(crate) asked: OnceLock<Asked>,
    /// The database of `[state]`, once it is open.
    #[arg(skip)]
    pub(crate) store: OnceLock<Arc<dyn Store>>,
}

impl Global {
    /// Whether something other than the command itself writes to stderr.
    pub(crate) fn writes_to_stderr(&self) -> bool {
        crate::logging::is_wanted(self.verbose)
    }

    /// The file of --config. A variable that is set but empty counts as unset.
    pub(crate) fn config(&self) -> Option<&std::path::Path> {
        self.config.as_deref().filter(|path| !path.is_empty()).map(std::path::Path::new)
    }

    /// The account of --account. A variable that is set but empty counts as unset.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_deref().filter(|name| !name.is_empty())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List an envelope's recipients and their status
    #[command(after_long_help = differences(&[ListRecipients]))]
    Recipients(RecipientsArgs),
    /// Create a signing link for one recipient
    #[command(after_long_help = differences(&[CreateView, ViewExpiry, ViewReturnUrl, ViewReturnOutcome]))]
    View(Box<ViewArgs>),
    /// Resend the signing request
    #[command(after_long_help = differences(&[ResendOne, ResendEveryone, ResendMessage, Unlock]))]
    Resend(ResendArgs),
    /// Change a recipient's access code
    #[command(after_long_help = differences(&[ChangeAccessCode, AccessCodeNotify, Unlock]))]
    AccessCode(AccessCodeArgs),
    /// Give a locked signer new attempts
    #[command(after_long_help = differences(&[Unlock]))]
    Unlock(UnlockArgs),
    /// Show what an operation would send and do, without doing it
    Plan(PlanArgs),
    /// Show which envelopes of an account are still open, and whether it can be closed
    Drain(DrainArgs),
    /// Show what each vendor supports, with conditions and evidence
    Vendors {
        /// Print a Markdown table
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
    /// Show what changes when an application moves to another vendor
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Check recordings of exchanges with a vendor
    #[command(subcommand)]
    Cassette(CassetteCommand),
    /// Explain an error kind or a vendor's code, and its remedy
    Explain {
        /// An error kind, a vendor's code, part of a vendor's message, or an HTTP status; without it, list all
        #[arg(value_name = "CODE", add = ArgValueCompleter::new(values::codes))]
        code: Option<String>,
    },
    /// List the configured accounts; --check signs in
    Accounts {
        /// Sign in to each account and show the signed-in user and, if the vendor reports it, the remaining calls
        #[arg(long)]
        check: bool,
    },
    /// Sign in to an account with a browser
    Login(LoginArgs),
    /// Delete the tokens of `login`
    Logout,
    /// Show calls made with --key, and resolve those whose outcome is unknown
    #[command(subcommand)]
    Calls(CallsCommand),
    /// Create, migrate and check the database of [state]
    #[command(subcommand)]
    State(StateCommand),
    /// Check webhooks: a saved one, or each one as it arrives
    #[command(subcommand, after_long_help = webhook::guides())]
    Webhook(WebhookCommand),
    /// Simulate the vendors on this machine, to try everything without an account
    Sandbox(SandboxArgs),
    /// Run a complete signing scenario at the sandbox's vendors and check every step
    Demo {
        /// Run at this vendor only
        #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
        vendor: Option<String>,
    },
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write the pages of all commands into a folder
    Man {
        /// The folder to write into; created if missing
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Print the JSON Schema of what a command prints with --json
    Schema {
        /// The command, such as `recipients` or `migrate check`; without it the schema is for all of them
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Splits like a shell, as far as the examples need it.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                c => words.last_mut().expect("a word").push(c),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }

    /// The command lines in the examples of a help text.
    fn examples(help: &str) -> Vec<String> {
        let joined = help.replace("\\\n", " ");
        let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("countersign "));
        let command = |line: &str| {
            let end = [" | ", " > ", " < "].iter().filter_map(|mark| line.find(mark)).min();
            line[..end.unwrap_or(line.len())].to_owned()
        };
        lines.map(command).collect()
    }

    #[test]
    fn the_definition_holds() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_and_they_can_be_typed() {
        let root = Cli::command();
        for command in std::iter::once(&root).chain(root.get_subcommands()) {
            for help in [command.get_after_help(), command.get_after_long_help()].into_iter().flatten() {
                let examples = examples(&help.to_string());
                assert!(!examples.is_empty(), "{} has no examples", command.get_name());
                for example in examples {
                    Cli::try_parse_from(words(&example)).unwrap_or_else(|error| panic!("{example}\n{error}"));
                }
            }
            assert!(command.get_after_help().is_some(), "{} has no examples", command.get_name());
        }
    }

    /// What can follow these words, and what cannot.
    fn check(start: &str, good: &[&str], bad: &[&str]) {
        let parse = |rest: &&str| Cli::try_parse_from(words(&format!("countersign {start} {rest}")));
        for rest in good {
            assert!(parse(rest).is_ok(), "{start} {rest}");
        }
        for rest in bad {
            assert!(parse(rest).is_err(), "{start} {rest}");
        }
    }

    #[test]
    fn the_ways_to_give_a_code_exclude_each_other() {
        let good = ["--code-stdin", "--code-env X", "--generate 6"];
        let bad = [
            "",
            "--code-stdin --generate 8",
            "--code 1234",
            "--generate 5",
            "--generate 256",
            "--generate 6 --codes-to x",
        ];
        check("access-code e --recipient id:1", &good, &bad);
        let bad =
            ["e", "--recipient id:1", "--code-stdin", "--code-env X", "--codes-to x", "--concurrency 0"];
        check("access-code --from f", &["", "--generate 6 --codes-to x"], &bad);
    }

    #[test]
    fn a_resend_names_one_or_everyone() {
        let bad = ["", "--recipient id:1 --everyone", "--from f", "--everyone --retry-unknown"];
        check("resend e", &["--everyone"], &bad);
        let good = ["", "--concurrency 64 --max-wait 1h --retry-unknown"];
        check("resend --from f", &good, &["--everyone", "--recipient id:1"]);
    }
}
