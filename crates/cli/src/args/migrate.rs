//! The arguments of the migration check.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::tools::vendor_names;
use crate::exit;

pub(super) const ABOUT: &str = "\
What changes for an application that moves to another vendor, before it moves.

The calls that the application makes are judged one by one, from what each vendor is known to do: `same`, `differs` (and \
how), or `impossible` (and the nearest way). Nothing is sent, and no account is needed.";

pub(super) fn examples() -> String {
    let (old, new) = two_vendors();
    format!(
        "Examples:
  countersign migrate template > calls.toml
  countersign migrate check --from {old} --to {new}
  countersign migrate check --from {old} --to {new} --calls calls.toml"
    )
}

/// Two of the vendors that are built in, for examples that can be typed.
fn two_vendors() -> (&'static str, &'static str) {
    let mut names = countersign::vendors().iter().map(|vendor| vendor.name);
    let old = names.next().unwrap_or("VENDOR");
    (old, names.next().unwrap_or(old))
}

const CHECK_ABOUT: &str = "\
Judge each call of an application that moves from one vendor to another.

The calls come from a file (`countersign migrate template` prints one with all words): TOML, or JSON with one call or \
envelope on each line. Or from recordings (--cassettes), which tell what was asked for, but not what is relied on. \
Without either, each operation is judged as if nothing were relied on, along with everything that \
an envelope can be made of at the vendor that the application uses.

What a call says or relies on and cannot have at the other vendor makes it impossible; what only changes makes it differ. \
For each change the table says how it is now, how it will be, what to do, and on what that rests: what is not marked is \
documented by the vendor; [observed] was seen by users or in the vendor's own tests; [guessed] is an inference: test it \
before you rely on it.";

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

const TEMPLATE: &str = "\
Examples:
  countersign migrate template > calls.toml";

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(subcommand)]
    pub(crate) command: MigrateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Judge each call of an application that moves
    #[command(long_about = check_about(), after_help = check_examples())]
    Check(CheckArgs),
    /// Print a calls file with every word that it can have
    #[command(after_help = TEMPLATE)]
    Template,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("old").required(true).args(["from", "account_from"]))]
#[command(group = ArgGroup::new("new").required(true).args(["to", "account_to"]))]
pub(crate) struct CheckArgs {
    /// The vendor that the application uses
    #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
    pub(crate) from: Option<String>,
    /// The vendor that it is to use
    #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
    pub(crate) to: Option<String>,
    /// The vendor of this configured account is the one that the application uses
    #[arg(long, value_name = "NAME")]
    pub(crate) account_from: Option<String>,
    /// The vendor of this configured account is the one that it is to use
    #[arg(long, value_name = "NAME")]
    pub(crate) account_to: Option<String>,
    /// The calls that the application makes: TOML, or JSON lines; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) calls: Option<PathBuf>,
    /// The calls that were recorded in this folder's cassettes at the vendor that the application uses
    #[arg(long, value_name = "DIR", conflicts_with = "calls")]
    pub(crate) cassettes: Option<PathBuf>,
    /// Markdown instead of a table, with the sources
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}
