//! The conformance suite for every registered vendor, on every backend. `cargo test --test conformance -- docusign::resend`
//! plays a part of it; `COUNTERSIGN_README=write` brings the matrix up to date.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod accounts;
mod sandbox;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign::{Descriptor, vendors};
use countersign_sandbox::Vendor;
use countersign_testkit::conformance::{self, Record, Replay, Snapshot, Source, Suite};

use sandbox::InSandbox;

/// `record` writes the cassettes anew from what the sandbox plays.
const VARIABLE: &str = "COUNTERSIGN_CONFORMANCE";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace above this package").to_path_buf()
}

fn suite(descriptor: &'static Descriptor) -> Suite {
    let folder = root().join("fixtures").join(descriptor.name);
    let file = std::fs::read_to_string(folder.join("conformance.toml")).unwrap_or_default();
    let suite = Suite::new(descriptor, &file, &folder).snapshots(compare);
    let cassettes = folder.join("cassettes");
    // A vendor that the sandbox does not play has no complete backend, and the census says so.
    let suite = match played(descriptor.name) {
        Some(vendor) => {
            let inner = InSandbox { vendor, descriptor };
            let record = std::env::var_os(VARIABLE).is_some_and(|word| word == "record");
            let suite = suite.backend(inner.clone());
            match record {
                true => suite.backend(Record::new(inner, descriptor, &cassettes, Source::Sandbox)),
                false => suite,
            }
        }
        None => suite,
    };
    suite.backend(Replay::new(descriptor, cassettes))
}

fn played(name: &str) -> Option<Vendor> {
    match name {
        "docusign" => Some(Vendor::Docusign),
        "boldsign" => Some(Vendor::Boldsign),
        _ => None,
    }
}

/// One file for each vendor and scenario, the same for every backend.
fn compare(one: &Snapshot<'_>) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{}", one.vendor));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(one.name, one.text));
}

fn main() -> ExitCode {
    conformance::main_with_matrix(
        vendors().iter().map(|vendor| suite(vendor)),
        &root().join("fixtures/scenarios/MATRIX.md"),
    )
}
