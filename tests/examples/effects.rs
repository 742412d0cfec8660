//! Prints what becomes of every operation with every fault at every step, at each vendor, against the sandbox.
//!
//! `cargo run -p countersign-tests --example effects [-- --every]`: with `--every`, a row for each fault. Ends with 1
//! if any outcome is not true of the world.
#![allow(clippy::print_stdout, reason = "an example that prints a table")]

use std::process::ExitCode;

use countersign_tests::effects::{run_all, table};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let every = std::env::args().any(|argument| argument == "--every");
    let runtime = tokio::runtime::Runtime::new()?;
    let rows = runtime.block_on(run_all())?;
    println!("{}", table(&rows, every));
    let wrong = rows.iter().any(|row| !row.wrong.is_empty());
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
