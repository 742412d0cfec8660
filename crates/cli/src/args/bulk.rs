//! The arguments for working through a file of envelopes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::durations;

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
    #[arg(long, value_name = "TIME", value_parser = durations::parse, requires = "from", conflicts_with = "envelope", default_value = "2m",
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
