//! The arguments of recordings and replays.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const ABOUT: &str = "\
Look after recordings.

--record DIR writes down what a command and the vendor say to each other, as a cassette: one file that people can read, \
DIR/STORY.cassette.json. Names, addresses, ids, dates, codes, links and tokens are replaced before anything is kept, the \
same placeholder for the same value; signing in is left out. --replay DIR answers from such a file: without a network, \
without an account, and for whatever people and ids the command names. Each exchange is used once; a request that differs \
from the recorded one fails and says in what.

Both work with recipients, view, resend and access-code, one envelope at a time. Without --story a recording is named \
after its command, with the next free number, and a replay takes the one recording of that command that is there.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign recipients 5e29dc8d --record cassettes
  countersign view 5e29dc8d --recipient id:2 --record cassettes --story locked \\
      --return-url https://app.example.com/
  countersign view 0c7a5a39 --recipient id:2 --replay cassettes --story locked \\
      --return-url https://shop.example.org/
  countersign cassette scan cassettes";

const SCAN_ABOUT: &str = "\
Search files for what must not be in them: tokens, keys, links, addresses, phone numbers, values of secret members, in \
clear or encoded; in cassettes also names, ids, dates and texts that are no placeholders.

Shown is where something stands, never what. The exit code is 3 if anything was found.";

pub(super) const SCAN: &str = "\
Examples:
  countersign cassette scan cassettes
  countersign cassette scan cassettes/locked.cassette.json --json
  countersign cassette scan cassettes snapshots --marker-env CUSTOMER";

/// Options of the commands that talk to a vendor.
#[derive(Debug, Default, Args)]
pub(crate) struct CassetteModeArgs {
    /// Write down what is said to the vendor, as DIR/STORY.cassette.json, without names, ids and secrets
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        conflicts_with = "replay",
        help_heading = "Global options"
    )]
    pub(crate) record: Option<PathBuf>,
    /// Answer from a recording in this folder: nothing is sent, and no account is needed
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(crate) replay: Option<PathBuf>,
    /// The recording's name, with --record or --replay; one that is there is recorded anew
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    pub(crate) story: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CassetteArgs {
    #[command(subcommand)]
    pub(crate) command: CassetteCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CassetteCommand {
    /// Search recordings, or any files, for what must not be in them
    #[command(long_about = SCAN_ABOUT, after_help = SCAN)]
    Scan(ScanArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Files, and folders with all that is in them
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Look for the text in this environment variable as well, in any form; may be given several times
    #[arg(long, value_name = "VAR")]
    pub(crate) marker_env: Vec<String>,
}
