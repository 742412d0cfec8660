//! What a call through [`countersign::Client`] costs beside the same call written by hand with reqwest and serde,
//! against the same server in the same run.
//!
//! `cargo bench -p countersign-tests --bench overhead` prints the tables; `-- --smoke` only checks that it runs;
//! `-- --calls 1,64` and `-- --operations list_recipients,create_view` choose rows. The server is a process of its
//! own, so that its work is not counted. Both sides take turns, and the median of the rounds' ratios is shown, so
//! that a machine that slows down slows both. CPU time is read from Linux's scheduler; elsewhere it shows as 0.
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
        if smoke { (Duration::from_millis(40), 1) } else { (Duration::from_millis(1200), 9) };
    let concurrent: Vec<usize> = match value("--calls") {
        Some(list) => list.iter().map(|number| number.parse().unwrap()).collect(),
        None => vec![1, 64, 256],
    };
    let operations = value("--operations").unwrap_or_else(|| calls::OPERATIONS.map(str::to_owned).to_vec());

    let server = server::Process::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!(
        "hand = reqwest and serde by hand, client = through countersign::Client; ratios are client / hand."
    );
    println!("list_recipients is one exchange, the others are two (list, then the change), on both sides.\n");
    println!(
        "{:18} {:>5} | {:>9} {:>9} {:>5} | {:>8} {:>8} {:>5} | {:>8} {:>8} {:>5} | {:>8} {:>8} {:>5}",
        "operation",
        "calls",
        "hand /s",
        "client /s",
        "ratio",
        "CPU us",
        "CPU us",
        "ratio",
        "p50 us",
        "p50 us",
        "ratio",
        "p99 us",
        "p99 us",
        "ratio"
    );
    for operation in &operations {
        for &concurrent in &concurrent {
            let samples = compare(&runtime, &server.url, operation, concurrent, round, rounds);
            let columns: [fn(&Sample) -> f64; 4] =
                [|s| s.per_second, |s| s.cpu_micros, |s| s.p50_micros, |s| s.p99_micros];
            print!("{operation:18} {concurrent:5}");
            for (column, width) in columns.into_iter().zip([9, 8, 8, 8]) {
                let of = |pick: &dyn Fn(&(Sample, Sample)) -> f64| median(samples.iter().map(pick).collect());
                let (hand, client) = (of(&|pair| column(&pair.0)), of(&|pair| column(&pair.1)));
                let ratio = of(&|pair| column(&pair.1) / column(&pair.0));
                print!(" | {hand:width$.0} {client:width$.0} {ratio:5.2}");
            }
            println!();
        }
    }
    println!();
    parsing::compare(if smoke { 1 } else { 41 });
}

/// Rounds of both sides in turn; the first round, which warms up connections and caches, is left out.
fn compare(
    runtime: &tokio::runtime::Runtime,
    url: &str,
    operation: &str,
    concurrent: usize,
    round: Duration,
    rounds: usize,
) -> Vec<(Sample, Sample)> {
    let ours = Arc::new(calls::Through::new(url));
    let theirs = Arc::new(ByHand::new(url));
    let mut samples = Vec::new();
    for _ in 0..=rounds {
        let (ours, theirs) = (Arc::clone(&ours), Arc::clone(&theirs));
        let (a, b) = (operation.to_owned(), operation.to_owned());
        let hand = run(concurrent, round, move || calls::by_hand(Arc::clone(&theirs), a.clone()));
        let hand = runtime.block_on(hand);
        let client = run(concurrent, round, move || calls::through(Arc::clone(&ours), b.clone()));
        samples.push((hand, runtime.block_on(client)));
    }
    samples.remove(0);
    samples
}
