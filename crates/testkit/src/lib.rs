//! Test doubles for Countersign and its adapters: a clock that is moved by hand, a transport that plays a script and
//! records what was sent, fixtures that name their source.
//!
//! The functions here panic where a test has gone wrong; that is their job.
#![allow(clippy::panic, clippy::expect_used, reason = "a test double reports a broken test by panicking")]

mod clock;
mod fixture;
mod script;
mod sent;

pub use clock::FakeClock;
pub use fixture::Fixture;
pub use script::Script;
pub use sent::Sent;
