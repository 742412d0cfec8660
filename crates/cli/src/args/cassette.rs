//! The arguments for recording and replaying.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
