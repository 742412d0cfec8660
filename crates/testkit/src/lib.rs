//! Test doubles for Countersign and its adapters.
//!
//! - [`FakeClock`] is advanced by hand.
//! - [`Script`] is a transport that returns prepared answers and records requests; [`Fixture`] is an answer in a
//!   file that names its source.
//! - [`FaultTransport`] makes selected requests fail before, while or after sending; [`Yielding`] and [`polled`]
//!   stop a call at each point where it waits.
//! - [`check_facts`] lists the problems of an adapter's `vendor.toml`; [`keep_block`] updates the tables generated
//!   from it.
//! - [`behavior`] makes the same calls at two accounts and reports the differences; [`assert_same_behavior!`]
//!   stores them in a snapshot.
//! - `BadServer` is a misbehaving HTTP server on real sockets. It needs the feature `tokio`, as does the pause of
//!   `Trouble::Slow`; without it this crate has no runtime.
//! - `stores` is the suite that every store must pass: ledgers, token stores and the like. It needs the feature
//!   `tokio`.
//! - `servers` starts PostgreSQL and PgBouncer for tests of stores. It needs the feature `servers`.
//! - `cassette` records exchanges with a vendor and replays them; `Replayed` fails a test that does not use the
//!   whole recording. They need the feature `cassettes`.
//! - `conformance` is the suite that every adapter must pass, including external ones. It needs the feature
//!   `conformance`.
//!
//! ```
//! use countersign_core::Clock;
//! use countersign_testkit::{FakeClock, Script};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! // Give both to the builder of a client: a vendor's answers in order, and a time that only the test moves.
//! let (script, clock) = (Script::new(), Arc::new(FakeClock::at("2026-11-29T12:00:00Z")));
//! script.json(200, &serde_json::json!({ "url": "https://vendor.example.com/sign" }));
//! clock.advance(Duration::from_secs(300));
//! assert_eq!(clock.now().to_string(), "2026-11-29T12:05:00Z");
//! assert!(script.sent().is_empty());
//! ```
//!
//! The functions here panic if a test is wrong; that is their purpose.
#![allow(clippy::panic, clippy::expect_used, reason = "a test double reports a broken test by panicking")]

#[cfg(feature = "tokio")]
mod bad_server;
pub mod behavior;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod facts;
mod faulty;
mod fixture;
mod page;
#[cfg(feature = "cassettes")]
mod replayed;
mod script;
mod sent;
#[cfg(all(unix, feature = "servers"))]
pub mod servers;
#[cfg(feature = "tokio")]
pub mod stores;
mod when;
mod yielding;

#[cfg(feature = "tokio")]
pub use bad_server::{BadServer, Habit};
pub use clock::FakeClock;
/// Recording, replay and the search for secrets: for the tests of adapters.
#[cfg(feature = "cassettes")]
pub use countersign_cassette as cassette;
pub use facts::check_facts;
pub use faulty::{FaultTransport, Trouble};
pub use fixture::Fixture;
/// For [`assert_same_behavior!`], whose callers need not depend on it.
#[doc(hidden)]
pub use insta;
pub use page::keep_block;
#[cfg(feature = "cassettes")]
pub use replayed::Replayed;
pub use script::Script;
pub use sent::Sent;
pub use when::When;
pub use yielding::{Yielding, polled};
