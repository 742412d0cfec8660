//! The arguments of `countersign state` and `countersign calls`.

use clap::{ArgGroup, Args, Subcommand};
use countersign::ledger::{Cursor, IdempotencyKey, Scope};

#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// Create the database or bring it up to date
    Migrate,
    /// Check the database without changing it
    Check,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CallsCommand {
    /// List the calls whose outcome is unknown
    List(ListCallsArgs),
    /// Show the record of one key
    Show(CallArgs),
    /// Resolve a call whose outcome is unknown
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
