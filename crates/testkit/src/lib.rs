//! Test doubles for Countersign and its adapters.
//!
//! - [`FakeClock`] is moved by hand.
//! - [`Script`] is a transport that plays prepared answers and records what was sent; [`Fixture`] is an answer in a
//!   file that names its source.
//! - [`FaultTransport`] makes chosen requests fail before, while or after sending; [`Yielding`] and [`polled`] stop a
//!   call at each point where it waits.
//! - [`behavior`] plays the same calls at two accounts and tells what differs; [`assert_same_behavior!`] snapshots it.
//! - `BadServer` is a misbehaving HTTP server on real sockets. It needs the feature `tokio`, as does the pause of
//!   `Trouble::Slow`; without it this crate has no runtime.
//! - `cassette` records what is said to a vendor and plays it back; `Replayed` fails a test that does not use all of a
//!   recording. They need the feature `cassettes`.
//! - `conformance` is the suite that every adapter has to pass, also one that is kept elsewhere. It needs the feature
//!   `conformance`.
//!
//! The functions here panic where a test has gone wrong; that is their job.
#![allow(clippy::panic, clippy::expect_used, reason = "a test double reports a broken test by panicking")]

#[cfg(feature = "tokio")]
mod bad_server;
pub mod behavior;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod faulty;
mod fixture;
#[cfg(feature = "cassettes")]
mod replayed;
mod script;
mod sent;
mod when;
mod yielding;

#[cfg(feature = "tokio")]
pub use bad_server::{BadServer, Habit};
pub use clock::FakeClock;
/// Recording, replay and the search for secrets: for the tests of adapters.
#[cfg(feature = "cassettes")]
pub use countersign_cassette as cassette;
pub use faulty::{FaultTransport, Trouble};
pub use fixture::Fixture;
#[cfg(feature = "cassettes")]
pub use replayed::Replayed;
pub use script::Script;
pub use sent::Sent;
pub use when::When;
pub use yielding::{Yielding, polled};
