//! `cargo run -p xtask -- new-vendor NAME`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{Name, make};

/// Development tasks of this repository
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo run -p xtask --")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Create the skeleton of an adapter: it compiles, has no operation yet, and fails the conformance suite
    NewVendor {
        /// The vendor's short name: 2 to 20 lower-case letters and digits
        name: Name,
        /// The workspace to create it in
        #[arg(long, value_name = "FOLDER", default_value_os_t = workspace())]
        root: PathBuf,
    },
}

fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

fn main() -> ExitCode {
    let Chore::NewVendor { name, root } = Cli::parse().chore;
    let (text, code) = match make(&root, &name) {
        Ok(made) => {
            let files: String = made.files.iter().map(|file| format!("  {file}\n")).collect();
            let changed: String = made.changed.iter().map(|file| format!("  {file}\n")).collect();
            let next = format!(
                "cargo check -p countersign\n  \
                 cargo test -p countersign-tests --test conformance -- {name}::"
            );
            let text = format!(
                "created\n{files}new lines in\n{changed}next: read docs/src/develop/adding-a-vendor.md; this compiles, \
                 and fails:\n  {next}\n"
            );
            (text, ExitCode::SUCCESS)
        }
        Err(problem) => (format!("error: {problem}\n"), ExitCode::FAILURE),
    };
    // If the terminal is gone, there is nothing left to report.
    let _ = std::io::stdout().write_all(text.as_bytes());
    code
}
