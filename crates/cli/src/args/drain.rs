//! The arguments of `countersign drain`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::operations::{BulkArgs, Format};
use super::values;

pub(super) const ABOUT: &str = "\
Show which envelopes of an account are still open, and whether the account can be closed.

Envelopes cannot be moved to another vendor; open ones have to end where they are. For each envelope in the list \
that belongs to the account (--account, or the default account), the command reads the recipients and reports the \
envelope as open, not sent, done, closed, not found or unknown. If in doubt, it reports open. If the list of \
recipients does not include the envelope's own status, the command also requests it for envelopes that look open. \
Nothing is changed.

Findings are recorded in the results file, without names and addresses. Running the same command again checks only \
the envelopes that had not ended. An envelope that is not found may still exist: vendors give the same answer for an \
envelope that this account may not see. The exit code is 0 only if all envelopes are done or closed, 5 if one is \
open or not found, and that of the error if an envelope could not be checked.

If the vendor's lists include expiry dates, the command also prints when the last open envelope expires.";

pub(super) const EXAMPLES: &str = "\
Examples:
  countersign --account old drain --from envelopes.csv
  countersign --account old drain --from in-flight.txt --json
  countersign drain --from - --format lines --results old.jsonl < in-flight.txt";

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
