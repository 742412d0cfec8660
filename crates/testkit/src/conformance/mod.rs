//! One conformance suite for every adapter, wherever it is kept.
//!
//! A scenario is a neutral story: people, what happened so far, one call, what goes wrong on the way, and what must be
//! true of the reply, of the error, and of the mails that went out. The same scenarios are played at every vendor; they
//! come with this crate ([`scenarios`]). A vendor may *patch* what must be true, or say why a scenario cannot run, each
//! with a reason, in its own file ([`VendorFile`]); it cannot have scenarios of its own.
//!
//! What plays the vendor is a [`Backend`]: a sandbox, recorded traffic, the vendor itself, or prepared answers. A trial
//! is one scenario at one vendor on one backend. It checks
//!
//! - the reply, or the error's kind, outcome, repetition and details;
//! - a snapshot of every request and of the reply or error, if the suite is given a place for them;
//! - who was mailed, where the backend can tell;
//! - that no credential, access code or signing link stands in anything that can be read: the snapshot, `Debug` and
//!   `Display` of errors, replies and the provider, and all that was logged;
//! - that what the capabilities exclude is refused before anything is sent.
//!
//! The *census* fails a run in which anything neither ran nor has a written reason.
//!
//! # For an adapter outside this repository
//!
//! One call, in a test with `harness = false`:
//!
//! ```no_run
//! use std::path::Path;
//! use std::process::ExitCode;
//! use countersign_testkit::conformance::{self, Backend, Suite};
//! # use countersign_core::Descriptor;
//!
//! fn suite(descriptor: &'static Descriptor, backend: impl Backend) -> ExitCode {
//!     let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
//!     let file = std::fs::read_to_string(folder.join("conformance.toml")).expect("the vendor's file");
//!     let suite = Suite::new(descriptor, &file, &folder)
//!         .backend(backend)
//!         // .snapshots(|one| insta::assert_snapshot!(format!("{}__{}", one.vendor, one.name), one.text))
//!         ;
//!     conformance::main([suite])
//! }
//! ```
//!
//! Or within an ordinary test: `Suite::run(&suite).assert()`. The test `tests/outside.rs` of this crate is a whole example
//! to copy: a small provider, a backend over prepared answers, and its file.

mod backend;
mod cassette;
mod census;
mod check;
mod expect;
mod harness;
mod library;
mod listen;
mod live;
mod report;
mod request;
mod scenario;
mod snapshot;
mod step;
mod story;
mod suite;
mod trial;
mod vendor;
mod wire;

pub use countersign_cassette::Source;

pub use backend::{Backend, Happened, Stage};
pub use cassette::{Record, Replay, START};
pub use census::{Fate, Planned, matrix};
pub use expect::{
    Expect, ExpectChanged, ExpectError, ExpectRecipient, ExpectResent, ExpectView, Outcome, Retry,
};
pub use harness::{main, main_with_matrix};
pub use library::scenarios;
pub use live::{Actor, Live, LiveFile, LiveVendor, Prepared};
pub use report::Report;
pub use scenario::{Account, Envelope, EnvelopeState, OPERATIONS, Person, Role, Scenario, Story};
pub use step::{DECLINE_REASON, Opening, Step};
pub use story::{Arguments, At, By, Fault, What};
pub use suite::{Snapshot, Suite};
pub use vendor::{Cannot, Patch, Requests, VendorFile};
