//! What a call did to the world, whatever went wrong with it: faults at every step, callers who lose interest, servers
//! that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test fails the test"
)]

mod cancellation;
mod matrix;
mod servers;
