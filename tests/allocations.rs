//! How many allocations a call through the client makes beyond the same call written by hand with reqwest and serde.
//! Unlike times these do not vary, so they are tested.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the benchmark's files are shared: not all of each is used here, and they stop where they fail"
)]

#[path = "benches/overhead/by_hand/mod.rs"]
mod by_hand;
#[path = "benches/overhead/calls.rs"]
mod calls;
#[path = "benches/overhead/server.rs"]
mod server;

use std::future::Future;

use by_hand::ByHand;
use calls::{Operation, Through, Vendor};

/// The most that an exchange may add.
const MOST: i64 = 12;

/// What the one list of each operation may add beyond that where its texts are put together, two to four for each of nine
/// recipients: at PandaDoc names, at Documenso ids, statuses of three words, and times that are kept as texts.
const MOST_OF_A_LIST: i64 = 28;

/// Allocations of one call on this thread, after warm-up.
fn count<R: Future<Output = ()>>(runtime: &tokio::runtime::Runtime, call: impl Fn() -> R) -> i64 {
    for _ in 0..20 {
        runtime.block_on(call());
    }
    let calls = 50;
    let info = allocation_counter::measure(|| (0..calls).for_each(|_| runtime.block_on(call())));
    i64::try_from(info.count_total / calls).unwrap()
}

#[test]
fn an_exchange_adds_few_allocations() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || server::serve_on(listener));
    // One thread, so that all that the clients allocate is seen.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut seen = String::new();
    let mut over = false;
    for (vendor_name, vendor) in Vendor::ALL {
        let (hand, ours) = (ByHand::new(vendor, &url), Through::new(vendor, &url));
        for (name, operation) in Operation::ALL {
            let Some(exchanges) = operation.exchanges(vendor) else { continue };
            let by_hand = count(&runtime, || hand.call(operation));
            let through = count(&runtime, || ours.call(operation));
            let is_made = vendor == Vendor::Pandadoc || vendor == Vendor::Documenso;
            let most = exchanges * MOST + if is_made { MOST_OF_A_LIST } else { 0 };
            let extra = through - by_hand;
            over |= extra > most;
            seen += &format!(
                "{vendor_name} {name}: by hand {by_hand}, client {through}, {extra} more of at most {most}\n"
            );
        }
    }
    println!("{seen}");
    assert!(!over, "{seen}");
}
