//! The arguments of `countersign plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{AccessCodeArgs, RecipientsArgs, ResendArgs, ViewArgs};

pub(super) const ABOUT: &str = "\
Show what a command would send and do, without doing it.

What has to be read at the vendor is read. The first request that would change or mail anything is shown in place of \
being sent: method, URL, headers and body, with the secrets left out; then those that would follow, who would get a \
mail, who would be unlocked, and what it costs. Or it says why the command would be refused before anything is sent; \
the exit code is then the one of that refusal.

With --recipients FILE the list is taken from a file that `countersign recipients --json` wrote, and nothing is sent at \
all: no network and no token are needed, only the account's configuration. Whether the list is that envelope's cannot \
be told.

With --as curl the secrets are variables of the shell: ACCESS_TOKEN or API_KEY, ACCESS_CODE, and BASE_URL where only a \
sign-in tells where the account lives.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign plan resend 5e29dc8d --recipient email:anna@example.com
  countersign plan access-code 5e29dc8d --recipient id:2 --generate 8 --notify
  countersign plan view 5e29dc8d --recipient id:2 --as curl \\
      --return-url https://app.example.com/signed
  countersign recipients 5e29dc8d --json > list.json
  countersign plan resend 5e29dc8d --everyone --recipients list.json";

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// In which form
    #[arg(long = "as", value_name = "FORM", global = true, value_enum, default_value_t = PlanForm::Text)]
    pub(crate) form: PlanForm,
    /// Take the envelope's recipients from this file in place of asking the vendor
    #[arg(id = "list", long = "recipients", value_name = "FILE", global = true)]
    pub(crate) list: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) what: PlanCommand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanForm {
    /// For people
    Text,
    /// One JSON document, as with --json
    Json,
    /// A command for a shell, with the secrets as variables
    Curl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Plan a list of the recipients, which changes nothing
    Recipients(RecipientsArgs),
    /// Plan a signing link
    View(Box<ViewArgs>),
    /// Plan a resend
    Resend(ResendArgs),
    /// Plan another access code
    AccessCode(AccessCodeArgs),
}
