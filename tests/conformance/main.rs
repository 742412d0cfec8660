//! The conformance suite for every registered vendor, on every backend: `vendor::operation::scenario::backend`.
//!
//! - `cargo test -p countersign-tests --test conformance -- docusign::resend` plays a part of it.
//! - `COUNTERSIGN_README=write` brings the matrix in `fixtures/scenarios/MATRIX.md` up to date.
//! - `COUNTERSIGN_LIVE=live.toml` adds the backend `live`: real accounts, with envelopes that a user has prepared
//!   (`LiveFile` in the crate countersign-testkit says what stands in the file). It costs calls, mails and envelopes.
//! - `COUNTERSIGN_CONFORMANCE=record` adds the backend `record`, which writes cassettes: from the live service where
//!   `COUNTERSIGN_LIVE` has the vendor, else from the sandbox. The head of each file says from which. Of the sandbox's,
//!   one per operation is kept (`-- happy_path::record` writes these); `tests/cassettes/kept.rs` replays what is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod accounts;
mod live;
mod sandbox;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign::provider::Descriptor;
use countersign::vendors;
use countersign_testkit::conformance::{self, Record, Replay, Snapshot, Source, Suite};

use sandbox::InSandbox;

const RECORD: &str = "COUNTERSIGN_CONFORMANCE";
const LIVE: &str = "COUNTERSIGN_LIVE";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace above this package").to_path_buf()
}

fn suite(descriptor: &'static Descriptor) -> Suite {
    let folder = root().join("fixtures").join(descriptor.name);
    let cassettes = folder.join("cassettes");
    let file = std::fs::read_to_string(folder.join("conformance.toml")).unwrap_or_default();
    let mut suite = Suite::new(descriptor, &file, &folder).snapshots(compare);

    let live = std::env::var_os(LIVE).map(PathBuf::from);
    let live = || live.as_deref().and_then(|file| live::vendor(file, descriptor).expect("the live file"));
    let sandbox = InSandbox::of(descriptor);
    if std::env::var_os(RECORD).is_some_and(|word| word == "record") {
        suite = match (live(), sandbox.clone()) {
            (Some(live), _) => suite.backend(Record::new(live, descriptor, &cassettes, Source::Live)),
            (None, Some(inner)) => suite.backend(Record::new(inner, descriptor, &cassettes, Source::Sandbox)),
            (None, None) => suite,
        };
    } else if let Some(live) = live() {
        suite = suite.backend(live);
    }
    match sandbox {
        Some(sandbox) => suite.backend(sandbox),
        // A vendor that the sandbox does not play needs a cassette of each scenario; the census lists what is missing.
        None => suite.backend(Replay::new(descriptor, cassettes)),
    }
}

/// One file for each vendor and scenario, the same for every backend.
fn compare(one: &Snapshot<'_>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("fixtures").join(one.vendor).join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(one.name, one.text));
}

fn main() -> ExitCode {
    let suites = vendors().iter().map(|vendor| suite(vendor));
    conformance::main_with_matrix(suites, &root().join("fixtures/scenarios/MATRIX.md"))
}
