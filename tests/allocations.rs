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

use by_hand::{ByHand, VENDORS};
use calls::{Operation, Through};

/// The most that an exchange may add.
const MOST: i64 = 12;

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
    for vendor in VENDORS {
        let (hand, ours) = (ByHand::new(vendor, &url), Through::new(vendor, &url));
        for (name, operation) in Operation::ALL {
            let Some(exchanges) = vendor.exchanges[operation as usize] else { continue };
            let by_hand = count(&runtime, || hand.call(operation));
            let through = count(&runtime, || ours.call(operation));
            let most = exchanges * MOST + vendor.more_of_a_list;
            let extra = through - by_hand;
            over |= extra > most;
            seen += &format!(
                "{} {name}: by hand {by_hand}, client {through}, {extra} more of at most {most}\n",
                vendor.name
            );
        }
    }
    println!("{seen}");
    assert!(!over, "{seen}");
}
