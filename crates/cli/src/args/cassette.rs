//! The arguments for recording and replaying.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const ABOUT: &str = "\
Work with recordings.

--record DIR saves a command's exchanges with the vendor as a cassette: one readable file, DIR/STORY.cassette.json. \
Before anything is saved, names, addresses, ids, dates, codes, links and tokens are replaced by placeholders; equal \
values get the same placeholder. Sign-in requests are not recorded. --replay DIR answers from such a file, without a \
network or an account, for any recipients and ids that the command names. Each exchange is used once. A request that \
differs from the recorded one fails, and the error shows the difference.

Both options work with recipients, view, resend and access-code, for one envelope at a time. Without --story, a \
recording is named after its command and the next free number, and a replay uses the folder's only recording of that \
command.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign recipients 5e29dc8d --record cassettes
  countersign view 5e29dc8d --recipient id:2 --record cassettes --story locked \\
      --return-url https://app.example.com/
  countersign view 0c7a5a39 --recipient id:2 --replay cassettes --story locked \\
      --return-url https://shop.example.org/
  countersign cassette scan cassettes";

const SCAN_ABOUT: &str = "\
Search files for data that must not be in them: tokens, keys, links, addresses, phone numbers and the values of \
secret members, in clear or encoded; in cassettes also names, ids, dates and texts that are not placeholders.

The output shows where each finding is, never its value. The exit code is 3 if anything was found.";

pub(super) const SCAN: &str = "\
Examples:
  countersign cassette scan cassettes
  countersign cassette scan cassettes/locked.cassette.json --json
  countersign cassette scan cassettes snapshots --marker-env CUSTOMER";

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

#[derive(Debug, Args)]
pub(crate) struct CassetteArgs {
    #[command(subcommand)]
    pub(crate) command: CassetteCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CassetteCommand {
    /// Search recordings, or any other files, for data that must not be in them
    #[command(long_about = SCAN_ABOUT, after_help = SCAN)]
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
