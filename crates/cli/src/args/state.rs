//! The arguments of `countersign state` and `countersign calls`.

use clap::{ArgGroup, Args, Subcommand};
use countersign::ledger::{Cursor, IdempotencyKey, Scope};

pub(super) const STATE_ABOUT: &str = "\
Create, migrate and check the database that [state] of the configuration names.

The database keeps what outlives a command: calls under a key (--key), tokens of `login`, and webhooks that `webhook \
listen` has processed. It is one SQLite file for all processes of this machine, or a PostgreSQL database for several. \
Recipients, links, tokens and errors in it are sealed. The key of a SQLite file is in a file beside it, which only you \
can read: back up both, but apart. Every command creates and migrates a SQLite file when it needs it; the tables of a \
PostgreSQL database are made and changed by `state migrate` only.";

pub(super) const STATE: &str = "\
Examples:
  countersign state migrate
  countersign state check --json";

const MIGRATE_ABOUT: &str = "\
Create the database or bring its schema up to date, and wrap its keys under the first key of `keys`.

To replace a key: add the new file to `keys` as the last one, on all machines; then make it the first one; run this \
command; then remove the old file.";

const MIGRATE: &str = "\
Examples:
  countersign state migrate";

const CHECK_ABOUT: &str = "\
Check the database without changing it: its schema, its pages, and whether the configured keys open it.

Exit codes: 0 in order; 3 there is a problem, or no database.";

const CHECK: &str = "\
Examples:
  countersign state check
  countersign --config /etc/countersign.toml state check --json";

#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    #[command(subcommand)]
    pub(crate) command: StateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// Create the database or bring it up to date
    #[command(long_about = MIGRATE_ABOUT, after_help = MIGRATE)]
    Migrate,
    /// Check the database without changing it
    #[command(long_about = CHECK_ABOUT, after_help = CHECK)]
    Check,
}

pub(super) const CALLS_ABOUT: &str = "\
Show calls that were made with --key, and resolve those whose outcome is unknown.

An outcome is unknown if the vendor's answer got lost, or the process ended during the call. Such a call is not \
repeated: it may have sent a mail. Look at the vendor, then record what you found with `calls resolve`.";

pub(super) const CALLS: &str = "\
Examples:
  countersign calls list
  countersign calls show invoice-4711:reminder
  countersign calls resolve invoice-4711:reminder --did-not-happen";

const LIST_ABOUT: &str = "\
List the calls whose outcome is unknown, of all accounts, or of the account of --account.";

const LIST: &str = "\
Examples:
  countersign calls list
  countersign --account acme calls list --limit 10 --json";

const SHOW_ABOUT: &str = "\
Show the record of one key: what the call was about, and its result.";

const SHOW: &str = "\
Examples:
  countersign calls show invoice-4711:reminder
  countersign --account acme calls show invoice-4711:reminder --json";

const RESOLVE_ABOUT: &str = "\
Record what you found at the vendor after a call under a key had ended with an unknown outcome.

With --happened, the same call under the key is refused as done. With --did-not-happen, the key is free: the call can \
be made again. Refused while the call may still be running, and if its outcome is known.";

const RESOLVE: &str = "\
Examples:
  countersign calls resolve invoice-4711:reminder --did-not-happen
  countersign calls resolve invoice-4711:reminder --happened --note 'the mail is in the audit trail'";

#[derive(Debug, Args)]
pub(crate) struct CallsArgs {
    #[command(subcommand)]
    pub(crate) command: CallsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CallsCommand {
    /// List the calls whose outcome is unknown
    #[command(long_about = LIST_ABOUT, after_help = LIST)]
    List(ListCallsArgs),
    /// Show the record of one key
    #[command(long_about = SHOW_ABOUT, after_help = SHOW)]
    Show(CallArgs),
    /// Resolve a call whose outcome is unknown
    #[command(long_about = RESOLVE_ABOUT, after_help = RESOLVE)]
    Resolve(ResolveArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListCallsArgs {
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Continue after this position, which the former list printed
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<Cursor>,
    /// Only keys of this scope, if an application uses others than the names of accounts
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,
}

#[derive(Debug, Args)]
pub(crate) struct CallArgs {
    /// The key of the call
    #[arg(value_name = "KEY")]
    pub(crate) key: IdempotencyKey,
    /// The scope of the key, if an application uses others than the names of accounts
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<Scope>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("found").required(true).args(["happened", "did_not_happen"]))]
pub(crate) struct ResolveArgs {
    #[command(flatten)]
    pub(crate) call: CallArgs,
    /// It took effect: nothing repeats it
    #[arg(long)]
    pub(crate) happened: bool,
    /// It had no effect: the key is free again
    #[arg(long)]
    pub(crate) did_not_happen: bool,
    /// Who looked
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true, default_value = "unknown")]
    pub(crate) by: String,
    /// What was found, for later readers of `calls show`
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}
