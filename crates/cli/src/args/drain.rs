//! The arguments of `countersign drain`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::operations::{BulkArgs, Format};
use super::values;

pub(super) const ABOUT: &str = "\
Tell which envelopes of an account are still open, and whether the account can be closed.

Envelopes cannot be moved to another vendor: those in flight end where they are. For each envelope of a list that belongs \
to the account (--account, or the default one) the recipients are read, and the envelope is open, not sent, done, closed, \
not found or unknown. In doubt it is open. Where the list of recipients does not tell the envelope's own \
status, those that look open are asked for it. Nothing is changed.

What was found is recorded in the results file, without names and addresses; the same command then looks again only at \
those that were not over. An envelope that is not found is in doubt: the vendor says the same of one that this account \
may not see. The exit code is 0 only if all are done or closed, 5 if one is open or not found, and the one of the error \
where an envelope could not be looked at.

Where the vendor's lists tell when an envelope runs out by itself, so is told when the last one does.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign --account old drain --from envelopes.csv
  countersign --account old drain --from in-flight.txt --json
  countersign drain --from - --format lines --results old.jsonl < in-flight.txt";

#[derive(Debug, Args)]
pub(crate) struct DrainArgs {
    /// The envelopes, with their accounts or without: CSV, JSON lines or an envelope per line; - is standard input
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// How the file is written; without it told by its name: .csv and .tsv, .jsonl and .ndjson, .txt
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// Where it is recorded what was found; without it FILE.drain.jsonl
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// How many envelopes are looked at at once, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
    /// How long to wait when the account's calls are used up; when it would be longer, the work stops
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
