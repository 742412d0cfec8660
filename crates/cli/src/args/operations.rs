//! The arguments of the four operations, for one envelope or a file of envelopes, and of `unlock`, `drain` and `plan`.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::UnknownArgumentValueParser;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;
use countersign::ledger::IdempotencyKey;
use countersign::{AuthenticationMethod, Email, EnvelopeId, Origin, RecipientRef, ReturnUrl, WebUrl};

use super::values;

#[derive(Debug, Args)]
pub(crate) struct RecipientsArgs {
    /// The vendor's id of the envelope (some vendors call it a document), or account:envelope
    #[arg(value_name = "ENVELOPE", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) envelope: Option<EnvelopeId>,
    /// Also request the envelope's status if the vendor's list does not include it; needs another call
    #[arg(long, conflicts_with = "from")]
    pub(crate) envelope_status: bool,
    /// Write the lists, with names and addresses, to this file; only you can read it
    #[arg(
        long,
        value_name = "FILE",
        requires = "from",
        conflicts_with = "envelope",
        help_heading = HEADING
    )]
    pub(crate) lists_to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ViewArgs {
    /// The vendor's id of the envelope (some vendors call it a document), or account:envelope
    #[arg(value_name = "ENVELOPE")]
    pub(crate) envelope: EnvelopeId,
    /// The recipient who will open the link: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or
    /// phone:+4912345678
    #[arg(long, value_name = "REF")]
    pub(crate) recipient: RecipientRef,
    /// Where the browser goes after signing; some vendors limit its length
    #[arg(long, value_name = "URL")]
    pub(crate) return_url: ReturnUrl,
    /// How long the link is valid, such as 12h or 2d, if the vendor supports it
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub(crate) expires_in: Option<Duration>,
    /// How you identified the signer, for the vendor's record: none, email, password, sso, biometric, knowledge,
    /// paper, certificate, or other:VALUE in the vendor's terms. It does not enable any check at the vendor
    #[arg(long, value_name = "METHOD", value_parser = values::authentication_method,
        add = ArgValueCompleter::new(values::methods))]
    pub(crate) authentication_method: Option<AuthenticationMethod>,
    /// The id of your own authentication event, for the vendor's record
    #[arg(long, value_name = "ID")]
    pub(crate) assertion_id: Option<String>,
    /// A URL that the signer's browser calls while signing is open, to keep your session alive; https only
    #[arg(long, value_name = "URL")]
    pub(crate) ping_url: Option<WebUrl>,
    /// How often the ping URL is called, 1m to 20m
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "ping_url", default_value = "5m")]
    pub(crate) ping_every: Duration,
    /// An origin that may show the signing page in a frame; can be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) frame_ancestor: Vec<Origin>,
    /// An origin to which the signing page may post messages; can be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) message_origin: Vec<Origin>,
    /// Perform the call once under this key, even if the command is repeated; needs `[state]` in the configuration
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<IdempotencyKey>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("target").required(true).args(["recipient", "everyone", "from"]))]
pub(crate) struct ResendArgs {
    /// The vendor's id of the envelope (some vendors call it a document), or account:envelope
    #[arg(value_name = "ENVELOPE", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) envelope: Option<EnvelopeId>,
    /// The recipient to ask again: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or phone:+4912345678
    #[arg(long, value_name = "REF")]
    pub(crate) recipient: Option<RecipientRef>,
    /// Ask every recipient whose turn it is and who has not finished
    #[arg(long)]
    pub(crate) everyone: bool,
    /// A text for the mail, if the vendor supports it
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Send even if the envelope was sent with the vendor's mails switched off
    #[arg(long)]
    pub(crate) allow_muted: bool,
    /// The sender identity on whose behalf the envelope was sent, if the vendor has such identities
    #[arg(long, value_name = "EMAIL")]
    pub(crate) on_behalf_of: Option<Email>,
    /// Perform the call once under this key, even if the command is repeated; needs `[state]` in the configuration
    #[arg(long, value_name = "KEY", conflicts_with = "from")]
    pub(crate) key: Option<IdempotencyKey>,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("source").required(true).multiple(true).args(["code_stdin", "code_env", "generate", "from"]),
    group = ArgGroup::new("own").args(["code_stdin", "code_env"]).conflicts_with("from")
)]
pub(crate) struct AccessCodeArgs {
    /// The vendor's id of the envelope (some vendors call it a document), or account:envelope
    #[arg(value_name = "ENVELOPE", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) envelope: Option<EnvelopeId>,
    /// The recipient whose code changes: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or phone:+4912345678
    #[arg(long, value_name = "REF", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) recipient: Option<RecipientRef>,
    #[command(flatten)]
    pub(crate) code: CodeSource,
    /// Also resend the signing request. The mail never contains the code
    #[arg(long)]
    pub(crate) notify: bool,
    /// The sender identity on whose behalf the envelope was sent, if the vendor has such identities
    #[arg(long, value_name = "EMAIL")]
    pub(crate) on_behalf_of: Option<Email>,
    /// Perform the call once under this key, even if the command is repeated; needs `[state]` in the configuration
    #[arg(long, value_name = "KEY", conflicts_with_all = ["from", "generate"])]
    pub(crate) key: Option<IdempotencyKey>,
    /// Write the generated codes to this file; only you can read it
    #[arg(long, value_name = "FILE", requires_all = ["from", "generate"],
        conflicts_with = "envelope", help_heading = HEADING)]
    pub(crate) codes_to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
}

/// Where the code comes from: never from an argument, because every process on the machine can read arguments.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct CodeSource {
    /// Read the code from standard input; one trailing line break is removed
    #[arg(long, conflicts_with_all = ["code_env", "generate"])]
    pub(crate) code_stdin: bool,
    /// Read the code from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with = "generate")]
    pub(crate) code_env: Option<String>,
    /// Generate a code of N characters (6 up to the vendor's limit), without letters and digits that are easily
    /// confused, and print it once; with --from, one per line, written to the file of --codes-to
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(6..))]
    pub(crate) generate: Option<u8>,
    /// A common guess. Its value is not repeated in the error.
    #[arg(long, hide = true, value_parser = UnknownArgumentValueParser::suggest_arg("--code-stdin"))]
    code: Option<String>,
}

impl CodeSource {
    /// Whether no source was given.
    pub(crate) fn is_none(&self) -> bool {
        !self.code_stdin && self.code_env.is_none() && self.generate.is_none()
    }
}

#[derive(Debug, Args)]
pub(crate) struct UnlockArgs {
    /// The vendor's id of the envelope (some vendors call it a document), or account:envelope
    #[arg(value_name = "ENVELOPE")]
    pub(crate) envelope: EnvelopeId,
    /// The locked recipient: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or phone:+4912345678
    #[arg(long, value_name = "REF")]
    pub(crate) recipient: RecipientRef,
    #[command(flatten)]
    pub(crate) code: CodeSource,
    /// The sender identity on whose behalf the envelope was sent, if the vendor has such identities
    #[arg(long, value_name = "EMAIL")]
    pub(crate) on_behalf_of: Option<Email>,
    /// Perform the call once under this key, even if the command is repeated; needs `[state]` in the configuration
    #[arg(long, value_name = "KEY", conflicts_with = "generate")]
    pub(crate) key: Option<IdempotencyKey>,
}

const HEADING: &str = "Many envelopes at once";

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A header row, then one row per line; columns separated by comma, semicolon or tab
    Csv,
    /// One JSON object per line
    Jsonl,
    /// One envelope per line, optionally with account: in front; lines that begin with # are ignored
    Lines,
}

#[derive(Debug, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct BulkArgs {
    /// Run once for each line of this file, with account, envelope and recipient: CSV or JSON lines; - reads
    /// standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// The format of the file; by default taken from its extension: .csv and .tsv, .jsonl and .ndjson, .txt
    #[arg(long, value_name = "FORMAT", value_enum, requires = "from", conflicts_with = "envelope")]
    pub(crate) format: Option<Format>,
    /// The results file, which records each line's outcome and lets the same command continue; by default
    /// FILE.COMMAND.jsonl, such as late.csv.resend.jsonl
    #[arg(long, value_name = "FILE", requires = "from", conflicts_with = "envelope")]
    pub(crate) results: Option<PathBuf>,
    /// How many lines to process at the same time for each account, 1 to 64
    #[arg(long, value_name = "N", requires = "from", conflicts_with = "envelope", default_value_t = 8,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) concurrency: u8,
    /// How long to wait when an account's call limit is reached; if the wait would be longer, its work stops
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "from",
        conflicts_with = "envelope", default_value = "2m")]
    pub(crate) max_wait: Duration,
    /// Retry lines whose outcome is unknown; may send duplicate emails
    #[arg(long, requires = "from", conflicts_with = "envelope")]
    pub(crate) retry_unknown: bool,
    /// Retry lines that were refused in an earlier run, for example after a permission was granted
    #[arg(long, requires = "from", conflicts_with = "envelope")]
    pub(crate) retry_refused: bool,
    /// Allow repeated lines, each of which may send a mail; by default a repeated line is an error
    #[arg(long, requires = "from", conflicts_with = "envelope")]
    pub(crate) allow_duplicates: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DrainArgs {
    /// The envelopes, with or without their accounts: CSV, JSON lines, or one envelope per line; - reads standard
    /// input
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The format of the file; by default taken from its extension: .csv and .tsv, .jsonl and .ndjson, .txt
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// The results file; by default FILE.drain.jsonl
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// How many envelopes to check at the same time, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
    /// How long to wait when the account's call limit is reached; if the wait would be longer, the work stops
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "2m")]
    max_wait: Duration,
}

impl From<DrainArgs> for BulkArgs {
    fn from(args: DrainArgs) -> Self {
        Self {
            from: Some(args.from),
            format: args.format,
            results: args.results,
            concurrency: args.concurrency,
            max_wait: args.max_wait,
            retry_unknown: false,
            retry_refused: false,
            allow_duplicates: false,
        }
    }
}

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
