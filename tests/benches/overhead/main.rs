//! What a call through [`countersign::Client`] costs beside the same call written by hand with reqwest and serde,
//! against the same server in the same run.
//!
//! `cargo bench -p countersign-tests --bench overhead` prints the tables, in Markdown; `-- --smoke` only checks that it
//! runs; `-- --calls 1,64`, `-- --operations list_recipients,create_view` and `-- --vendors docusign` choose rows. The
//! server is a process of its own, so that its work is not counted. Both sides take turns, and the median of the
//! rounds' ratios is shown, so that a machine that slows down slows both. CPU time is read from Linux's scheduler;
//! elsewhere it shows as 0.
//!
//! `-- --only client --count 200` makes that many calls on one side (`client` or `hand`) and prints nothing:
//! `tests/benches/instructions` counts their instructions.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints its table, and stops where it fails"
)]

mod by_hand;
mod calls;
mod measure;
mod parsing;
mod server;

use std::sync::Arc;
use std::time::Duration;

use by_hand::ByHand;
use calls::{Operation, Through, Vendor};
use measure::{Sample, median, run};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--serve") {
        return server::serve();
    }
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>())
    };
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let (round, rounds) =
        if smoke { (Duration::from_millis(20), 1) } else { (Duration::from_millis(1200), 9) };
    let concurrent: Vec<usize> = match value("--calls") {
        Some(list) => list.iter().map(|number| number.parse().unwrap()).collect(),
        None => vec![1, 64, 256],
    };
    let wanted = |name: &str, word: &str| value(name).is_none_or(|words| words.iter().any(|one| one == word));

    let server = server::Process::start();
    if let (Some(side), Some(count)) = (value("--only"), value("--count")) {
        let count = count.concat().parse().unwrap();
        return only(&side.concat(), count, &server.url, &wanted);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!(
        "By hand = reqwest and serde, client = through countersign::Client; ratios are client / by hand."
    );
    println!(
        "`list_recipients` is one exchange, the others are two (the list, then the change), on both sides; at Documenso \
         `create_view` is one and `resend_recipient` four.\n"
    );
    println!(
        "| vendor | operation | calls at once | calls/s, by hand | calls/s, client | ratio | CPU µs, by hand \
         | CPU µs, client | ratio | p50 µs, by hand | p50 µs, client | ratio | p99 µs, by hand | p99 µs, client | ratio |"
    );
    println!("| --- | --- |{}", " ---: |".repeat(13));
    for (vendor_name, vendor) in Vendor::ALL {
        for (operation_name, operation) in Operation::ALL {
            let is_there = operation.exchanges(vendor).is_some();
            if !is_there || !wanted("--vendors", vendor_name) || !wanted("--operations", operation_name) {
                continue;
            }
            for &concurrent in &concurrent {
                let what = What { vendor, operation, concurrent };
                let samples = compare(&runtime, &server.url, what, round, rounds);
                print!("| {vendor_name} | `{operation_name}` | {concurrent} |");
                let columns: [fn(&Sample) -> f64; 4] =
                    [|s| s.per_second, |s| s.cpu_micros, |s| s.p50_micros, |s| s.p99_micros];
                for column in columns {
                    let of =
                        |pick: &dyn Fn(&(Sample, Sample)) -> f64| median(samples.iter().map(pick).collect());
                    let (hand, client) = (of(&|pair| column(&pair.0)), of(&|pair| column(&pair.1)));
                    let ratio = of(&|pair| column(&pair.1) / column(&pair.0));
                    print!(" {hand:.0} | {client:.0} | {ratio:.2} |");
                }
                println!();
            }
        }
    }
    println!();
    parsing::compare(if smoke { 1 } else { 41 });
}

/// Calls of one side, one after the other, in one thread.
fn only(side: &str, count: usize, url: &str, wanted: &dyn Fn(&str, &str) -> bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (_, vendor) in Vendor::ALL.iter().filter(|(name, _)| wanted("--vendors", name)) {
        for (_, operation) in Operation::ALL.iter().filter(|(name, _)| wanted("--operations", name)) {
            runtime.block_on(async {
                let (ours, theirs) = (Through::new(*vendor, url), ByHand::new(*vendor, url));
                for _ in 0..count {
                    if side == "client" { ours.call(*operation).await } else { theirs.call(*operation).await }
                }
            });
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy)]
struct What {
    vendor: Vendor,
    operation: Operation,
    concurrent: usize,
}

/// Rounds of both sides in turn; the first round, which warms up connections and caches, is left out.
fn compare(
    runtime: &tokio::runtime::Runtime,
    url: &str,
    what: What,
    round: Duration,
    rounds: usize,
) -> Vec<(Sample, Sample)> {
    let What { vendor, operation, concurrent } = what;
    let ours = Arc::new(Through::new(vendor, url));
    let theirs = Arc::new(ByHand::new(vendor, url));
    let mut samples = Vec::new();
    for _ in 0..=rounds {
        let (ours, theirs) = (Arc::clone(&ours), Arc::clone(&theirs));
        let hand = runtime.block_on(run(concurrent, round, move || {
            let theirs = Arc::clone(&theirs);
            async move { theirs.call(operation).await }
        }));
        let client = runtime.block_on(run(concurrent, round, move || {
            let ours = Arc::clone(&ours);
            async move { ours.call(operation).await }
        }));
        samples.push((hand, client));
    }
    samples.remove(0);
    samples
}
