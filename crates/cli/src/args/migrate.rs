//! The arguments of the migration check.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::tools::vendor_names;

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(subcommand)]
    pub(crate) command: MigrateCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Compare each call of an application at two vendors
    Check(CheckArgs),
    /// Print an example calls file with every key
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
