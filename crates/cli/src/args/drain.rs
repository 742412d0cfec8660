//! The arguments of `countersign drain`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::operations::{BulkArgs, Format};
use super::values;

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
