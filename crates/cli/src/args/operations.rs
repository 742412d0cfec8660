//! The arguments of the four operations, for one envelope and for a file of them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, ValueEnum};
use countersign::{AuthenticationMethod, Email, EnvelopeId, Origin, RecipientRef, ReturnUrl, WebUrl};

use super::values;

#[derive(Debug, Args)]
pub(crate) struct RecipientsArgs {
    /// The vendor's id of the envelope (some vendors say document), or account:envelope
    #[arg(value_name = "ENVELOPE", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) envelope: Option<EnvelopeId>,
    /// Also read the envelope's own status where the vendor's list does not tell it; this takes a further call
    #[arg(long, conflicts_with = "from")]
    pub(crate) envelope_status: bool,
    /// Write the lists themselves, with names and addresses, to this file; only you can read it
    #[arg(
        long,
        value_name = "FILE",
        requires = "from",
        conflicts_with = "envelope",
        help_heading = "Many envelopes at once"
    )]
    pub(crate) lists_to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ViewArgs {
    /// The vendor's id of the envelope (some vendors say document), or account:envelope
    #[arg(value_name = "ENVELOPE")]
    pub(crate) envelope: EnvelopeId,
    /// Who will open the link: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or phone:+4912345678
    #[arg(long, value_name = "REF")]
    pub(crate) recipient: RecipientRef,
    /// Where the browser goes afterwards; at most 470 characters
    #[arg(long, value_name = "URL")]
    pub(crate) return_url: ReturnUrl,
    /// How long the link shall live, such as 12h or 2d, where the vendor lets the caller choose
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    pub(crate) expires_in: Option<Duration>,
    /// How you identified the signer, for the vendor's record: none, email, password, sso, biometric, knowledge,
    /// paper, certificate, or other:WORD in the vendor's word. It switches on no check of the vendor's
    #[arg(long, value_name = "METHOD", value_parser = values::authentication_method)]
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
    /// An origin that may show the signing page in a frame; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) frame_ancestor: Vec<Origin>,
    /// An origin to which the signing page may post messages; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) message_origin: Vec<Origin>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("target").required(true).args(["recipient", "everyone", "from"]))]
pub(crate) struct ResendArgs {
    /// The vendor's id of the envelope (some vendors say document), or account:envelope
    #[arg(value_name = "ENVELOPE", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) envelope: Option<EnvelopeId>,
    /// To whom: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or phone:+4912345678
    #[arg(long, value_name = "REF")]
    pub(crate) recipient: Option<RecipientRef>,
    /// To everybody whose turn it is and who is not done
    #[arg(long)]
    pub(crate) everyone: bool,
    /// A text for the mail, where the vendor takes one
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Send although the envelope was sent with the vendor's mails switched off
    #[arg(long)]
    pub(crate) allow_muted: bool,
    /// The sender identity on whose behalf the envelope was sent, where the vendor has such identities
    #[arg(long, value_name = "EMAIL")]
    pub(crate) on_behalf_of: Option<Email>,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("source").required(true).multiple(true).args(["code_stdin", "code_env", "generate", "from"])
)]
pub(crate) struct AccessCodeArgs {
    /// The vendor's id of the envelope (some vendors say document), or account:envelope
    #[arg(value_name = "ENVELOPE", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) envelope: Option<EnvelopeId>,
    /// Whose code: id:2, email:a@b.c, email:a@b.c#2 (order), client:77 or phone:+4912345678
    #[arg(long, value_name = "REF", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) recipient: Option<RecipientRef>,
    #[command(flatten)]
    pub(crate) code: CodeSource,
    /// Send the request to sign once more along with the change. The mail never contains the code
    #[arg(long)]
    pub(crate) notify: bool,
    /// The sender identity on whose behalf the envelope was sent, where the vendor has such identities
    #[arg(long, value_name = "EMAIL")]
    pub(crate) on_behalf_of: Option<Email>,
    /// Write the codes that are made to this file; only you can read it
    #[arg(long, value_name = "FILE", requires_all = ["from", "generate"], conflicts_with = "envelope", help_heading = "Many envelopes at once")]
    pub(crate) codes_to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) bulk: BulkArgs,
}

/// Where the code comes from: never from an argument, which every process on the machine could read.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct CodeSource {
    /// Read the code from standard input; one line end behind it is dropped
    #[arg(long, conflicts_with_all = ["code_env", "generate", "from"])]
    pub(crate) code_stdin: bool,
    /// Read the code from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with_all = ["generate", "from"])]
    pub(crate) code_env: Option<String>,
    /// Make a code of N characters, 6 to 50, without letters and digits that are mixed up easily, and print it once;
    /// with --from one for each line, written to the file of --codes-to
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(6..=50))]
    pub(crate) generate: Option<u8>,
}

const HEADING: &str = "Many envelopes at once";

/// How the lines of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A header row, then a row per line; comma, semicolon or tab between the columns
    Csv,
    /// A JSON object per line
    Jsonl,
    /// An envelope per line and nothing else, with account: in front or not; lines that begin with # are passed over
    Lines,
}

#[derive(Debug, Args)]
pub(crate) struct BulkArgs {
    /// Do it for each line of this file, with account, envelope and recipient: CSV or JSON lines; - is standard input
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub(crate) from: Option<PathBuf>,
    /// How the file is written; without it told by its name: .csv and .tsv, .jsonl and .ndjson, .txt
    #[arg(long, value_name = "FORMAT", value_enum, requires = "from", conflicts_with = "envelope", help_heading = HEADING)]
    pub(crate) format: Option<Format>,
    /// Where it is recorded what became of each line, and from where the same command goes on; without it
    /// FILE.results.jsonl
    #[arg(long, value_name = "FILE", requires = "from", conflicts_with = "envelope", help_heading = HEADING)]
    pub(crate) results: Option<PathBuf>,
    /// How many lines are under way at once, 1 to 64, at each account
    #[arg(long, value_name = "N", requires = "from", conflicts_with = "envelope", default_value_t = 8,
        value_parser = clap::value_parser!(u8).range(1..=64), help_heading = HEADING)]
    pub(crate) concurrency: u8,
    /// How long to wait when an account's calls are used up; when it would be longer, its work stops
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "from", conflicts_with = "envelope", default_value = "2m",
        help_heading = HEADING)]
    pub(crate) max_wait: Duration,
    /// Also do the lines of an earlier run of which nobody knows whether they happened; mails may go out twice
    #[arg(long, requires = "from", conflicts_with = "envelope", help_heading = HEADING)]
    pub(crate) retry_unknown: bool,
    /// Also do the lines that an earlier run was refused, such as after a right was given
    #[arg(long, requires = "from", conflicts_with = "envelope", help_heading = HEADING)]
    pub(crate) retry_refused: bool,
    /// Do a line as often as it stands in the file, which mails as often; without it a repeated line is an error
    #[arg(long, requires = "from", conflicts_with = "envelope", help_heading = HEADING)]
    pub(crate) allow_duplicates: bool,
}
