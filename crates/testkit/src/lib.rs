//! Test doubles for Countersign and its adapters.
//!
//! - [`FakeClock`] is advanced by hand.
//! - [`Script`] is a transport that returns prepared answers and records requests; [`Fixture`] is an answer in a
//!   file that names its source.
//! - [`build`], [`script`], [`Script::call`] and [`on_file!`] say in a line what most tests of an adapter begin with.
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
#[cfg(feature = "conformance")]
pub mod conformance;
mod faulty;
mod fixture;
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

use std::path::Path;
use std::sync::Arc;

use countersign_core::vendor::Facts;
use countersign_core::{Descriptor, Provider, Settings};

#[cfg(feature = "tokio")]
pub use bad_server::{BadServer, Habit};
/// Recording, replay and the search for secrets: for the tests of adapters.
#[cfg(feature = "cassettes")]
pub use countersign_cassette as cassette;
pub use faulty::{FaultTransport, Trouble};
pub use fixture::Fixture;
/// For [`assert_same_behavior!`], whose callers need not depend on it.
#[doc(hidden)]
pub use insta;
#[cfg(feature = "cassettes")]
pub use replayed::Replayed;
pub use script::{FakeClock, Script, script};
pub use sent::Sent;
pub use when::When;
pub use yielding::{Yielding, polled};

/// Makes the account of this name and table, as from a configuration file.
///
/// # Errors
/// The adapter's for a mistake in the table.
pub fn build(
    vendor: &Descriptor,
    name: &str,
    table: serde_json::Value,
) -> countersign_core::Result<Arc<dyn Provider>> {
    let serde_json::Value::Object(table) = table else { panic!("an account is a table") };
    let path = format!("accounts.{name}");
    let settings = Settings::new(&path, table, None, |_| Some("countersign.toml".to_owned()));
    (vendor.build)(&settings)
}

/// The problems of a `vendor.toml`: a read error, with file and line; or what is missing before a migration to or
/// from the vendor can be judged. Empty if there are none.
///
/// ```
/// assert_eq!(
///     countersign_testkit::check_facts("vendor.toml", "title = 1"),
///     ["vendor.toml:1: invalid type: integer `1`, expected a string"]
/// );
/// ```
#[must_use]
pub fn check_facts(file: &str, text: &str) -> Vec<String> {
    match Facts::parse(file, text) {
        Ok(facts) => facts.gaps().into_iter().map(|gap| format!("{file}: there is no {gap}")).collect(),
        Err(error) => vec![error.to_string()],
    }
}

/// The variable that makes tests write such parts instead of comparing them, if its value is `write`.
const WRITE: &str = "COUNTERSIGN_README";

/// Compares the text between `<!-- name -->` and `<!-- /name -->` with the generated text; with
/// `COUNTERSIGN_README=write`, writes it.
///
/// # Errors
/// Says that the file cannot be read or written, lacks the marks, or is out of date.
pub fn keep_block(file: &Path, name: &str, text: &str) -> Result<(), String> {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let place = file.display();
    let page = std::fs::read_to_string(file).map_err(|error| format!("{place}: {error}"))?;
    let parts = page.split_once(&start).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
    let (head, tail) = parts.ok_or_else(|| format!("{place} has no lines {start}{end}"))?;
    let wanted = format!("{head}{start}\n{}\n\n{end}{tail}", text.trim_end());
    if page == wanted {
        return Ok(());
    }
    if std::env::var_os(WRITE).is_some_and(|word| word == "write") {
        return std::fs::write(file, wanted).map_err(|error| format!("{place}: {error}"));
    }
    Err(format!("the part `{name}` of {place} is out of date; set {WRITE}=write to update it"))
}
