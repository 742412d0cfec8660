//! Calls under keys by several real processes that share a store, while processes are killed and suspended and the
//! database crashes: at most one mail per key.
//!
//! The processes are this test program once more: with clients ([`worker`]), or as gateways that are called over HTTP
//! ([`gateway`]). The vendors are the sandbox, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper of a test fails the test"
)]

mod clocks;
mod failover;
mod figures;
mod gateway;
mod ledger;
mod moments;
mod outage;
mod processes;
mod round;
mod said;
mod trouble;
mod wire;
mod worker;
mod workers;

/// The program of a worker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "other tests start it, as processes of their own"]
async fn worker_process() {
    if let Some(setup) = said::Setup::from_environment() {
        match setup.gateway.clone() {
            Some(caller) => gateway::run(setup, caller).await,
            None => worker::run(setup).await,
        }
    }
}
