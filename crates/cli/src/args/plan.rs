//! The arguments of `countersign plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{AccessCodeArgs, RecipientsArgs, ResendArgs, UnlockArgs, ViewArgs};

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
