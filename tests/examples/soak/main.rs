//! A long run of mixed calls at every vendor with faults all the time: does memory stay flat, is every mail accounted
//! for, does nothing panic or hang?
//!
//! `cargo run --release -p countersign-tests --example soak -- [--seconds 60] [--concurrency 64] [--seed 1]`
//!
//! The sandbox runs in a process of its own, so that its growing world is not measured. Ends with 1 if anything is
//! wrong. Which calls are made and which faults are set follows from the seed; how they interleave does not. Memory
//! is judged in runs of 30 seconds and more.
#![allow(clippy::print_stdout, reason = "an example that prints a summary")]

mod accounts;
mod calls;
mod control;
mod memory;
mod tally;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use calls::{Worker, round};
use control::{Sandbox, serve};
use memory::Memory;
use tally::Tally;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Between two looks into the outbox. Nothing is under way then.
const EPOCH: Duration = Duration::from_secs(2);
/// By the sandbox's clock, so that tokens end and BoldSign allows the next day's reminder.
const BETWEEN_EPOCHS: Duration = Duration::from_secs(25 * 3600);

struct Options {
    seconds: u64,
    concurrency: u64,
    seed: u64,
}

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if arguments.iter().any(|argument| argument == "--serve") {
        runtime.block_on(serve())?;
        return Ok(ExitCode::SUCCESS);
    }
    runtime.block_on(soak(&options(&arguments)?))
}

fn options(arguments: &[String]) -> Result<Options, Failure> {
    let mut options = Options { seconds: 60, concurrency: 64, seed: 1 };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{name} needs a number"))?.parse()?;
        match name.as_str() {
            "--seconds" => options.seconds = value,
            "--concurrency" => options.concurrency = value,
            "--seed" => options.seed = value,
            other => return Err(format!("no such option: {other}").into()),
        }
    }
    Ok(options)
}

async fn soak(options: &Options) -> Result<ExitCode, Failure> {
    let sandbox = Arc::new(Sandbox::start().await?);
    let accounts = accounts::all(&sandbox).await?;
    let start = Instant::now();
    let end = start + Duration::from_secs(options.seconds);
    let mut tally = Tally::default();
    let mut memory = Memory::default();
    let mut epoch = 0;
    while Instant::now() < end {
        let until = end.min(Instant::now() + EPOCH);
        let mut workers = tokio::task::JoinSet::new();
        for number in 0..options.concurrency {
            let account = accounts.get(usize::try_from(number)? % accounts.len()).ok_or("no account")?;
            let seed = options.seed ^ (number << 20) ^ (epoch << 40);
            let worker = Worker::new(account.clone(), Arc::clone(&sandbox), seed);
            workers.spawn(round(worker, until));
        }
        while let Some(worker) = workers.join_next().await {
            match worker {
                Ok(Ok(told)) => tally.add(told),
                Ok(Err(error)) => return Err(error),
                Err(error) => tally.wrong.push(format!("panicked: {error}")),
            }
        }
        tally.settle(&sandbox.take_outbox().await?);
        sandbox.forget_faults().await?;
        sandbox.advance(BETWEEN_EPOCHS).await?;
        memory.sample(start.elapsed());
        epoch += 1;
    }
    println!(
        "{} s, {} at a time, seed {}, {epoch} epochs\n",
        options.seconds, options.concurrency, options.seed
    );
    let flat = memory.report(Duration::from_secs(options.seconds));
    let right = tally.report(start.elapsed());
    println!("\n{}", if flat && right { "all is well" } else { "SOMETHING IS WRONG" });
    Ok(if flat && right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
