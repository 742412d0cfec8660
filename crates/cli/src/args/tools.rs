//! The arguments of the commands around the four operations.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::values;

pub(super) const LOGIN_ABOUT: &str = "\
Sign in to an account as a person, with a browser.

For accounts whose `auth` has the kind authorization_code. The address to open is printed (and opened, unless \
--no-browser); after you have allowed access there, the browser comes back to this command, which changes the code for \
tokens and keeps them for your user only. Other commands use and renew them from then on. The redirect URI has to be \
registered with the vendor: it is `redirect_uri` of the configuration if there is one, else \
http://127.0.0.1:8712/callback or that with another --port.";

pub(super) const LOGIN: &str = "\
Examples:
  countersign login
  countersign --account acme login --no-browser
  countersign login --port 9000 --timeout 10m";

pub(super) const LOGOUT: &str = "\
Examples:
  countersign logout
  countersign --account acme logout";

#[derive(Debug, Args)]
pub(crate) struct VendorsArgs {
    /// A Markdown table instead, as in the README
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A kind, a vendor's code, a phrase of a vendor's message, or an HTTP status; without it all are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AccountsArgs {
    /// Sign in at each account and tell as whom, and what is left of its calls where the vendor says so
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The port on 127.0.0.1 that the browser comes back to; 0 takes any free one, which few vendors allow
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Print the address only, for opening it yourself
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// How long to wait for the browser to come back
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "5m")]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxArgs {
    /// The port on 127.0.0.1; without it any free one
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Write a configuration for the sandbox's vendors, keys included; only you can read the file
    #[arg(long, value_name = "FILE")]
    pub(crate) write_config: Option<PathBuf>,
    /// Replace the configuration file if it exists
    #[arg(long, requires = "write_config")]
    pub(crate) force: bool,
    /// Post signed webhooks there: of every vendor, or with a vendor's name and `=` in front of its own; may be given
    /// again
    #[arg(long, value_name = "[VENDOR=]URL", requires = "webhook_secret_file")]
    pub(crate) webhook: Vec<String>,
    /// The secrets that sign the webhooks, one per line; the first signs, and so does the second at vendors that sign
    /// twice while a secret is being changed
    #[arg(long, value_name = "FILE", requires = "webhook")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// Let webhooks go to other machines than this one
    #[arg(long, requires = "webhook")]
    pub(crate) allow_remote_webhooks: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Play at this vendor only
    #[arg(long, value_name = "VENDOR", value_parser = vendor_names(), ignore_case = true)]
    pub(crate) vendor: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder to write into; it is made if need be
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

pub(super) fn vendor_names() -> PossibleValuesParser {
    PossibleValuesParser::new(countersign::vendors().iter().map(|vendor| vendor.name))
}
