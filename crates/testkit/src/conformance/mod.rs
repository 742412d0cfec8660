//! One conformance suite for every adapter, including external ones.
//!
//! A scenario is vendor-neutral: recipients, earlier events, one call, faults, and the expectation for the reply,
//! the error, and the sent mails. The same scenarios run at every vendor; they are part of this crate
//! ([`scenarios`]). A vendor may *patch* an expectation, or state why a scenario cannot run, each with a reason, in
//! its own file ([`VendorFile`]); it cannot have its own scenarios.
//!
//! A [`Backend`] simulates the vendor: a sandbox, recorded traffic, the vendor itself, or prepared answers. A trial
//! is one scenario at one vendor on one backend. It checks
//!
//! - the reply, or the error's kind, outcome, retry advice and details;
//! - a snapshot of every request and of the reply or error, if the suite has a place for snapshots;
//! - who was mailed, if the backend can know;
//! - that no credential, access code or signing link is in any readable output: the snapshot, `Debug` and `Display`
//!   of errors, replies and the provider, and all logs;
//! - that features excluded by the capabilities are rejected before anything is sent.
//!
//! The *census* fails a run if a scenario neither ran nor has a written reason.
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
//! Or within an ordinary test: `Suite::run(&suite).assert()`. The test `tests/outside.rs` of this crate is a
//! complete example to copy: a small provider, a backend over prepared answers, and its file.

mod backend;
mod cassette;
mod census;
mod check;
mod expect;
mod harness;
mod listen;
mod live;
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
pub use countersign_core::Outcome;

pub use backend::{Backend, Events, Stage};
pub use cassette::{Record, Replay, START};
pub use census::{Fate, Planned, matrix};
pub use expect::{Expect, ExpectError, ExpectRecipient, ExpectResult, ExpectView, Retry};
pub use harness::{main, main_with_matrix};
pub use listen::Listener;
pub use live::{Actor, EnvelopeMaker, Live, LiveFile, LiveServer, LiveVendor, Made, MailSink, Prepared};
pub use scenario::{Account, Envelope, EnvelopeState, OPERATIONS, Person, Role, Scenario, Story, scenarios};
pub use step::{DECLINE_REASON, Opening, Step};
pub use story::{Arguments, At, By, Fault, What};
pub use suite::{Report, Snapshot, Suite};
pub use vendor::{Cannot, Patch, VendorFile};
