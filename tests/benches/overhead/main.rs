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
//! `tests/benches/instructions` counts their instructions. `-- --rows` prints a vendor and an operation per line.
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

use by_hand::{ByHand, VENDORS, Vendor};
use calls::{Operation, Through};
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

    let rows: Vec<Row> = VENDORS
        .iter()
        .flat_map(|vendor| Operation::ALL.map(|(name, operation)| (vendor, name, operation)))
        .filter(|(vendor, name, operation)| {
            let is_there = vendor.exchanges[*operation as usize].is_some();
            is_there && wanted("--vendors", vendor.name) && wanted("--operations", name)
        })
        .collect();
    if arguments.iter().any(|argument| argument == "--rows") {
        return rows.iter().for_each(|(vendor, name, _)| println!("{} {name}", vendor.name));
    }

    let server = server::Process::start();
    if let (Some(side), Some(count)) = (value("--only"), value("--count")) {
        let count = count.concat().parse().unwrap();
        return only(&side.concat(), count, &server.url, &rows);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!(
        "By hand = reqwest and serde, client = through countersign::Client; ratios are client / by hand."
    );
    let exchanges = VENDORS.iter().map(|vendor| {
        let each = vendor.exchanges.map(|number| number.map_or("-".to_owned(), |number| number.to_string()));
        format!("{} {}", vendor.name, each.join(", "))
    });
    println!(
        "Exchanges of the four operations on both sides, where it takes two the list and then the change: {}.\n",
        exchanges.collect::<Vec<_>>().join("; ")
    );
    println!(
        "| vendor | operation | calls at once | calls/s, by hand | calls/s, client | ratio | CPU µs, by hand \
         | CPU µs, client | ratio | p50 µs, by hand | p50 µs, client | ratio | p99 µs, by hand | p99 µs, client | ratio |"
    );
    println!("| --- | --- |{}", " ---: |".repeat(13));
    for (vendor, name, operation) in rows {
        for &concurrent in &concurrent {
            let (ours, theirs) = (Through::new(vendor, &server.url), ByHand::new(vendor, &server.url));
            let samples = compare(&runtime, ours, theirs, operation, concurrent, (round, rounds));
            print!("| {} | `{name}` | {concurrent} |", vendor.name);
            let columns: [fn(&Sample) -> f64; 4] =
                [|s| s.per_second, |s| s.cpu_micros, |s| s.p50_micros, |s| s.p99_micros];
            for column in columns {
                let of = |pick: &dyn Fn(&(Sample, Sample)) -> f64| median(samples.iter().map(pick).collect());
                let (hand, client) = (of(&|pair| column(&pair.0)), of(&|pair| column(&pair.1)));
                let ratio = of(&|pair| column(&pair.1) / column(&pair.0));
                print!(" {hand:.0} | {client:.0} | {ratio:.2} |");
            }
            println!();
        }
    }
    println!();
    parsing::compare(if smoke { 1 } else { 41 });
}

/// Calls of one side, one after the other, in one thread.
fn only(side: &str, count: usize, url: &str, rows: &[Row]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (vendor, _, operation) in rows {
        runtime.block_on(async {
            let (ours, theirs) = (Through::new(vendor, url), ByHand::new(vendor, url));
            for _ in 0..count {
                if side == "client" { ours.call(*operation).await } else { theirs.call(*operation).await }
            }
        });
    }
}

/// A vendor, an operation that it has, and the operation's name.
type Row = (&'static Vendor, &'static str, Operation);

/// Rounds of both sides in turn; the first round, which warms up connections and caches, is left out.
fn compare(
    runtime: &tokio::runtime::Runtime,
    ours: Through,
    theirs: ByHand,
    operation: Operation,
    concurrent: usize,
    (round, rounds): (Duration, usize),
) -> Vec<(Sample, Sample)> {
    let (ours, theirs) = (Arc::new(ours), Arc::new(theirs));
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
