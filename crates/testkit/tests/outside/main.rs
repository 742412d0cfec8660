//! The conformance suite for an adapter outside this repository: an example to copy, and the proof that the suite finds
//! what is wrong.
//!
//! `adapter.rs` is a provider, `vendor.rs` a backend that plays its vendor, `conformance.toml` what the suite has to
//! know. As a test binary with a name for each trial it would be `fn main() -> ExitCode { conformance::main([suite(…)])
//! }` with
//! `harness = false`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod adapter;
mod vendor;

use std::path::Path;

use countersign_testkit::conformance::{Fate, Report, Suite, matrix};

use adapter::{DESCRIPTOR, Mistake};
use vendor::InMemory;

const FILE: &str = include_str!("conformance.toml");

fn suite(file: &str, mistake: Mistake) -> Suite {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    Suite::new(&DESCRIPTOR, file, &folder).backend(InMemory(mistake))
}

fn failed(report: &Report) -> Vec<&str> {
    report.failures.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_right_adapter_passes_the_whole_suite() {
    let report = suite(FILE, Mistake::None).run();
    report.assert();
    let refused = report.plan.iter().filter(|one| matches!(one.fate, Fate::Refuses(_))).count();
    let listed = report.plan.iter().filter(|one| one.scenario.starts_with("list_")).count();
    assert_eq!(report.played, refused + listed - 4, "all but the four that have a reason");
    assert!(refused > 80, "{refused}: what the vendor cannot do has to be refused, and that is played");
}

#[test]
fn a_wrong_adapter_fails_the_trials_that_are_about_it_and_the_report_says_why() {
    let report = suite(FILE, Mistake::MissesDeclines).run();
    assert_eq!(failed(&report), ["acme::list_recipients::declined::memory"]);
    let text = report.to_string();
    for part in [
        "anna: status is viewed, expected declined",
        "--- request 1\nGET https://acme.invalid/v1/envelopes/env-1",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }

    let report = suite(FILE, Mistake::ClosedWords).run();
    assert_eq!(failed(&report), ["acme::list_recipients::unknown_words::memory"]);
    assert!(report.to_string().contains("expected a reply, but it failed: invalid_response"), "{report}");
}

#[test]
fn a_leak_fails_every_trial_and_is_not_printed_again() {
    let report = suite(FILE, Mistake::ShowsKey).run();
    assert_eq!(report.failures.len(), report.played);
    let text = report.to_string();
    assert!(text.contains("the Debug of the provider shows a secret"), "{text}");
    assert!(!text.contains("planted-key"), "{text}");
}

#[test]
fn what_is_left_out_without_a_reason_fails() {
    let silent = FILE.replace("[cannot.\"list_recipients/sign_in_down\"]\nreason = \"a key of the made-up vendor does not expire\"\n", "");
    let report = suite(&silent, Mistake::None).run();
    assert_eq!(failed(&report), ["acme::list_recipients::sign_in_down::memory"]);

    let report = suite("", Mistake::None).run();
    assert!(report.to_string().contains("the vendor's file has no request for `at = Read`"), "{report}");
}

#[test]
fn the_matrix_tells_the_fate_of_each_scenario() {
    let text = matrix(&suite(FILE, Mistake::None).run().plan);
    for row in [
        "| scenario | acme |",
        "| `list_recipients/happy_path`: Two signers in order: it is the first one's turn, the second waits | ✓ |",
        "| – a key of the made-up vendor does not expire |",
        "| refused: the made-up vendor lists, and that is all |",
    ] {
        assert!(text.contains(row), "{row} is missing in:\n{text}");
    }
}
