//! The arguments of `countersign plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{AccessCodeArgs, RecipientsArgs, ResendArgs, UnlockArgs, ViewArgs};

pub(super) const ABOUT: &str = "\
Show what a command would send and do, without doing it.

The plan reads from the vendor what it needs. Instead of sending the first request that would change something or \
send mail, it shows that request: method, URL, headers and body, with secrets redacted. It then shows the requests \
that would follow, who would get mail, who would be unlocked, and how many calls it takes. If the command would be \
refused before anything is sent, the plan says why and exits with the code of that refusal.

With --recipients FILE, the list comes from a file written by `countersign recipients --json`, and nothing is sent \
at all: the plan needs no network and no token, only the account's configuration. It cannot check that the list \
belongs to that envelope.

With --as curl, secrets become shell variables: ACCESS_TOKEN or API_KEY, ACCESS_CODE, and BASE_URL if the account's \
host is known only after sign-in.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign plan resend 5e29dc8d --recipient email:anna@example.com
  countersign plan access-code 5e29dc8d --recipient id:2 --generate 8 --notify
  countersign plan unlock 5e29dc8d --recipient id:2
  countersign plan view 5e29dc8d --recipient id:2 --as curl \\
      --return-url https://app.example.com/signed
  countersign recipients 5e29dc8d --json > list.json
  countersign plan resend 5e29dc8d --everyone --recipients list.json";

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The output format
    #[arg(long = "as", value_name = "FORM", global = true, value_enum, default_value_t = PlanForm::Text)]
    pub(crate) form: PlanForm,
    /// Take the envelope's recipients from this file instead of asking the vendor
    #[arg(id = "list", long = "recipients", value_name = "FILE", global = true)]
    pub(crate) list: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) what: PlanCommand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanForm {
    /// Readable text
    Text,
    /// One JSON document, as with --json
    Json,
    /// A shell command, with secrets as variables
    Curl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// Plan a list of recipients, which changes nothing
    Recipients(RecipientsArgs),
    /// Plan a signing link
    View(Box<ViewArgs>),
    /// Plan a resend
    Resend(ResendArgs),
    /// Plan a change of an access code
    AccessCode(AccessCodeArgs),
    /// Plan new attempts for a locked signer
    Unlock(UnlockArgs),
}
