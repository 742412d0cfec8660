//! The arguments of the migration check.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::tools::vendor_names;
use crate::exit;

pub(super) const ABOUT: &str = "\
Show what changes for an application before it moves to another vendor.

Each call of the application is compared by what is known of both vendors: `same`, `leave out` (the other vendor lacks it, and \
nothing is needed in its place), `differs` (and how), or `impossible` (and the closest alternative). Nothing is sent, and no account is needed.";

const TEMPLATE: &str = "\
Examples:
  countersign migrate template > calls.toml";

pub(super) fn examples() -> String {
    let (old, new) = two_vendors();
    format!("{TEMPLATE}\n  countersign migrate check --from {old} --to {new} --calls calls.toml")
}

/// Two of the built-in vendors, so that the examples can be run as shown.
fn two_vendors() -> (&'static str, &'static str) {
    let mut names = countersign::vendors().iter().map(|vendor| vendor.name);
    let old = names.next().unwrap_or("VENDOR");
    (old, names.next().unwrap_or(old))
}

const CHECK_ABOUT: &str = "\
Compare each call of an application at two vendors.

The calls come from a file (`countersign migrate template` prints an example with every key): TOML, or JSON with one \
call or envelope per line. Or they come from recordings (--cassettes), which show what was requested, but not what \
the application relies on. Without either, each operation is compared as if the application relied on nothing, along \
with every envelope feature of the application's current vendor.

A call is impossible if the other vendor lacks something that the call states or relies on; it differs if something \
only changes; what needs nothing in its place can be left out. For each change the table shows the current behavior, \
the new behavior and the evidence: unmarked entries are documented by the vendor or seen in recorded traffic; \
[observed] was seen by users or in the vendor's own tests; [guessed] is an inference: test it before you rely on it. \
Below the calls are the kinds of errors that change and what to do.";

fn check_about() -> String {
    format!("{CHECK_ABOUT}\n\n{}", exit::migration_documentation())
}

fn check_examples() -> String {
    let (old, new) = two_vendors();
    format!(
        "Examples:
  countersign migrate check --from {old} --to {new}
  countersign migrate check --from {old} --to {new} --calls calls.toml
  countersign migrate check --from {new} --to {old} --calls calls.toml --markdown > move.md
  countersign migrate check --account-from acme --account-to beta --calls calls.jsonl --json
  countersign migrate check --from {old} --to {new} --cassettes recordings
  countersign migrate check --from {old} --to {new} --calls - < calls.toml"
    )
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(subcommand)]
    pub(crate) command: MigrateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Compare each call of an application at two vendors
    #[command(long_about = check_about(), after_help = check_examples())]
    Check(CheckArgs),
    /// Print an example calls file with every key
    #[command(after_help = TEMPLATE)]
    Template,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("old").required(true).args(["from", "account_from"]))]
#[command(group = ArgGroup::new("new").required(true).args(["to", "account_to"]))]
pub(crate) struct CheckArgs {
    /// The application's current vendor
    #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
    pub(crate) from: Option<String>,
    /// The vendor to move to
    #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
    pub(crate) to: Option<String>,
    /// The configured account whose vendor is the current one
    #[arg(long, value_name = "NAME")]
    pub(crate) account_from: Option<String>,
    /// The configured account whose vendor is the one to move to
    #[arg(long, value_name = "NAME")]
    pub(crate) account_to: Option<String>,
    /// The application's calls: TOML or JSON lines; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) calls: Option<PathBuf>,
    /// A folder of cassettes recorded at the current vendor, used as the calls
    #[arg(long, value_name = "DIR", conflicts_with = "calls")]
    pub(crate) cassettes: Option<PathBuf>,
    /// Print Markdown with sources instead of a table
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}
