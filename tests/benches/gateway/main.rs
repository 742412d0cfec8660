//! What the gateway costs beside the client in the caller's own process, and beside a proxy that only copies bytes.
//!
//! `cargo bench -p countersign-tests --bench gateway` prints the tables, in Markdown; `-- --smoke` only checks that it
//! runs; `-- --folder DIR` says on which disk the databases are, in place of the folder for temporary files. The vendor,
//! the proxy and the gateway are processes of their own on this machine. Rows take turns, and each figure is the median
//! of the rounds. A PostgreSQL server is started, and left out where the program is missing.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark prints its table, and stops where it fails"
)]

#[path = "../overhead/by_hand/mod.rs"]
mod by_hand;
#[path = "../overhead/calls.rs"]
#[allow(dead_code, reason = "some of it is for other benchmarks")]
mod calls;
#[path = "../overhead/measure.rs"]
mod measure;
mod places;
mod rows;
#[path = "../overhead/server.rs"]
mod server;
mod webhooks;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use calls::{ENVELOPE, Operation};
use countersign_testkit::servers::PgServer;
use measure::{Sample, median, run};
use places::{Folder, Place, Process};
use rows::Row;
use tokio::runtime::Runtime;

/// How many tenants wait for their memory to be measured.
const TENANTS: usize = 1_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    if arguments.iter().any(|argument| argument == "--serve") {
        return server::serve();
    }
    if let Some(role) = value("--role") {
        return places::play(&role, &arguments);
    }
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let (round, rounds) = if smoke { (Duration::from_millis(20), 1) } else { (Duration::from_secs(1), 7) };
    let base = value("--folder").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = Folder::new(&base);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let vendor = server::Process::start();
    let server = PgServer::start_in(&base);
    let host = vendor.url.trim_start_matches("http://");
    let mut places =
        vec![Place::new("SQLite", &folder.0.join("state.db").display().to_string(), &folder.0, host)];
    places.extend(server.iter().map(|server| Place::new("PostgreSQL", &server.database(), &folder.0, host)));

    let tenants: Vec<_> = places
        .iter()
        .map(|place| runtime.block_on(place.tenants(&vendor.url, "first", 1)).remove(0))
        .collect();
    let gateways: Vec<Process> = places.iter().map(Process::gateway).collect();
    let proxy = Process::proxy(&vendor.url);
    let mut rows = vec![
        Row::direct("list: the client itself", &vendor.url, Operation::List),
        // What the client sends, once more through the proxy.
        Row::direct("list: the client, through a proxy", &proxy.url, Operation::List),
    ];
    let envelope = |gateway: &Process| format!("{}/v1/envelopes/sales:{ENVELOPE}", gateway.url);
    let each = || places.iter().zip(&gateways).zip(&tenants);
    for ((place, gateway), tenant) in each() {
        let name = format!("list: through the gateway, {}", place.name);
        rows.push(Row::list(name, &format!("{}/recipients", envelope(gateway)), &tenant.key));
    }
    rows.push(Row::direct("new code: the client itself, without a key", &vendor.url, Operation::AccessCode));
    for ((place, gateway), tenant) in each() {
        let name = format!("new code under a key: through the gateway, {}", place.name);
        rows.push(Row::change(name, &format!("{}/access-code", envelope(gateway)), &tenant.key));
    }
    table(&runtime, &rows, round, rounds);

    println!("\n| webhooks, 16 senders | accepted/s | p50 ms | p99 ms | events/s |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let signed = runtime.block_on(webhooks::signed(if smoke { 32 } else { 20_000 }));
    for ((place, gateway), tenant) in each() {
        let (sample, events) = runtime.block_on(webhooks::burst(&signed, gateway, tenant));
        let (p50, p99) = (sample.p50_micros / 1e3, sample.p99_micros / 1e3);
        println!("| {} | {:.0} | {p50:.2} | {p99:.2} | {events:.0} |", place.name, sample.per_second);
    }

    println!(
        "\n| with {} tenants | ready after ms | MiB after the start | MiB after a call of each tenant |",
        TENANTS + 1
    );
    println!("| --- | ---: | ---: | ---: |");
    drop(gateways);
    for place in &places {
        let many = runtime.block_on(place.tenants(&vendor.url, "idle", if smoke { 2 } else { TENANTS }));
        let ready = median((0..rounds).map(|_| runtime.block_on(until_ready(place))).collect());
        let gateway = Process::gateway(place);
        let started = gateway.resident();
        for tenant in &many {
            let list = Row::list(String::new(), &format!("{}/recipients", envelope(&gateway)), &tenant.key);
            runtime.block_on((list.call)());
        }
        println!("| {} | {ready:.0} | {started:.1} | {:.1} |", place.name, gateway.resident());
    }
    // Connections belong to the runtime, and the server's folder outlives them.
    drop(runtime);
}

/// Milliseconds from the start of a process until it takes calls.
async fn until_ready(place: &Place) -> f64 {
    let begun = Instant::now();
    let gateway = Process::gateway(place);
    let ready = format!("{}/readyz", gateway.url);
    while !reqwest::get(&ready).await.unwrap().status().is_success() {}
    begun.elapsed().as_secs_f64() * 1e3
}

/// Rows take turns; the first round of each, which warms up connections and caches, is left out.
fn table(runtime: &Runtime, rows: &[Row], round: Duration, rounds: usize) {
    println!("| call | at once | p50 ms | p99 ms | calls/s |\n| --- | ---: | ---: | ---: | ---: |");
    let mut samples: Vec<(usize, &Row, Vec<Sample>)> =
        rows.iter().flat_map(|row| [1, 16].map(|concurrent| (concurrent, row, Vec::new()))).collect();
    for number in 0..=rounds {
        for (concurrent, row, taken) in &mut samples {
            let call = row.call.clone();
            let sample = runtime.block_on(run(*concurrent, round, move || call()));
            if number > 0 {
                taken.push(sample);
            }
        }
    }
    for (concurrent, row, taken) in &samples {
        let of = |column: fn(&Sample) -> f64| median(taken.iter().map(column).collect());
        let (p50, p99) = (of(|sample| sample.p50_micros) / 1e3, of(|sample| sample.p99_micros) / 1e3);
        let name = &row.name;
        println!("| {name} | {concurrent} | {p50:.3} | {p99:.2} | {:.0} |", of(|sample| sample.per_second));
    }
}
