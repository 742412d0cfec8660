//! How many allocations a call through the client makes beyond the same call written by hand with reqwest and serde.
//! Unlike times these do not vary, so they are tested.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the benchmark's files are shared: not all of each is used here, and they stop where they fail"
)]

#[path = "benches/overhead/by_hand.rs"]
mod by_hand;
#[path = "benches/overhead/calls.rs"]
mod calls;
#[path = "benches/overhead/server.rs"]
mod server;

use std::future::Future;
use std::sync::Arc;

use by_hand::ByHand;

/// The most that an exchange may add.
const MOST: i64 = 25;

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
    let (hand, ours) = (Arc::new(ByHand::new(&url)), Arc::new(calls::Through::new(&url)));
    let mut seen = String::new();
    let mut most = 0;
    for operation in calls::OPERATIONS {
        let by_hand = count(&runtime, || calls::by_hand(Arc::clone(&hand), operation.to_owned()));
        let through = count(&runtime, || calls::through(Arc::clone(&ours), operation.to_owned()));
        let exchanges = if operation == "list_recipients" { 1 } else { 2 };
        let extra = (through - by_hand) / exchanges;
        most = most.max(extra);
        seen += &format!("{operation}: by hand {by_hand}, client {through}, {extra} more per exchange\n");
    }
    println!("{seen}");
    assert!(most <= MOST, "{seen}");
}
