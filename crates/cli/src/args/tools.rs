//! The arguments of the commands other than the four operations.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Subcommand};
use countersign::BaseUrl;

use super::values;

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The port on 127.0.0.1 that the browser returns to; 0 picks any free port, which few vendors allow
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Print the address without opening it
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// How long to wait for the browser to return
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "5m")]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SandboxArgs {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
    /// The port on 127.0.0.1; by default any free port
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Write a configuration for the sandbox's vendors, including keys; only you can read the file
    #[arg(long, value_name = "FILE")]
    pub(crate) write_config: Option<PathBuf>,
    /// Replace the configuration file if it exists
    #[arg(long, requires = "write_config")]
    pub(crate) force: bool,
    /// Post signed webhooks to this URL: for all vendors, or for one vendor with its name and `=` in front; can be
    /// repeated
    #[arg(long, value_name = "[VENDOR=]URL", requires = "webhook_secret_file")]
    pub(crate) webhook: Vec<String>,
    /// The secrets that sign the webhooks, one per line. The first one signs; vendors that support secret rotation
    /// also sign with the second
    #[arg(long, value_name = "FILE", requires = "webhook")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// Allow webhooks to other machines than this one
    #[arg(long, requires = "webhook")]
    pub(crate) allow_remote_webhooks: bool,
    /// Also accept this host name, such as a tunnel's, for the console and the control API; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Create an envelope in a running sandbox and print its ids
    Envelope(SandboxEnvelopeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SandboxEnvelopeArgs {
    /// The address of the running sandbox, as printed by `countersign sandbox`
    #[arg(long, value_name = "URL", value_parser = BaseUrl::new)]
    pub(crate) url: BaseUrl,
    /// The vendor of the envelope
    #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
    pub(crate) vendor: String,
    /// Lock the first signer with wrong access codes
    #[arg(long)]
    pub(crate) lock: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
    /// Print a script that asks the command at each completion, and so also completes account names and vendor
    /// codes
    #[arg(long)]
    pub(crate) dynamic: bool,
}

pub(super) fn vendor_names() -> PossibleValuesParser {
    PossibleValuesParser::new(countersign::vendors().iter().map(|vendor| vendor.name))
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

/// Options of the commands that talk to a vendor.
#[derive(Debug, Default, Args)]
pub(crate) struct CassetteModeArgs {
    /// Record the exchanges with the vendor as DIR/STORY.cassette.json, without names, ids and secrets
    #[arg(long, global = true, value_name = "DIR", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Answer from a recording in this folder; nothing is sent, and no account is needed
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) replay: Option<PathBuf>,
    /// The name of the recording, with --record or --replay; an existing recording is replaced
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) story: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CassetteCommand {
    /// Search recordings, or any other files, for data that must not be in them
    Scan(ScanArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Files or folders; folders are searched recursively
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Also search for the value of this environment variable, in any encoding; can be repeated
    #[arg(long, value_name = "VAR")]
    pub(crate) marker_env: Vec<String>,
}
