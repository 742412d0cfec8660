//! The cassettes that are kept in `fixtures/<vendor>/cassettes`: each replays, and recording the sandbox anew gives the
//! same files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use countersign::cassette::{self, Cassette, Source};
use countersign::provider::Descriptor;
use countersign::{Operation, vendors};
use countersign_testkit::conformance::{Backend, OPERATIONS, Record, Replay, Suite};

use crate::folder;
use crate::sandbox::InSandbox;

fn fixtures(descriptor: &Descriptor) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(descriptor.name)
}

/// The cassettes of a vendor, by the scenario that each has recorded.
fn cassettes(folder: &Path) -> BTreeMap<String, Cassette> {
    let files = OPERATIONS.iter().flat_map(|operation| {
        let folder = folder.join(operation.as_str());
        cassette::files(&folder).unwrap()
    });
    files.map(|file| cassette::load(&file).unwrap()).map(|one| (one.story.clone(), one)).collect()
}

/// Plays these scenarios on a backend, and gives the requests, replies and errors of each.
fn play<'s>(
    descriptor: &'static Descriptor,
    backend: impl Backend,
    scenarios: impl Iterator<Item = &'s String>,
) -> BTreeMap<String, String> {
    let shown = Arc::new(Mutex::new(BTreeMap::new()));
    let kept = Arc::clone(&shown);
    let fixtures = fixtures(descriptor);
    let file = std::fs::read_to_string(fixtures.join("conformance.toml")).unwrap();
    let suite = Suite::new(descriptor, &file, &fixtures).backend(backend).snapshots(move |one| {
        kept.lock().unwrap().insert(one.name.replace("__", "/"), one.text.to_owned());
    });
    let plan = suite.plan();
    for scenario in scenarios {
        let planned = plan.iter().find(|planned| planned.scenario == *scenario).expect("a scenario");
        suite.play(planned).unwrap_or_else(|wrong| panic!("{}: {wrong}", planned.name()));
    }
    shown.lock().unwrap().clone()
}

/// A text without what a cassette does not keep where a vendor has ids of 22 letters and digits, and names in two
/// parts.
fn without_people(text: &str) -> String {
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_id = |word: &str| {
        word.starts_with("replayed-") || (word.len() == 22 && word.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    let word = |with_end: &str| {
        let word = with_end.trim_end_matches(|c| !is_in_word(c));
        if is_id(word) { with_end.replace(word, "{id}") } else { with_end.to_owned() }
    };
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("\"name\": "));
    lines
        .map(|line| line.split_inclusive(|c| !is_in_word(c)).map(word).collect::<String>())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn what_is_kept_replays_and_is_what_a_new_recording_gives() {
    for descriptor in vendors() {
        let Some(sandbox) = InSandbox::of(descriptor) else { continue };
        let folders = (fixtures(descriptor).join("cassettes"), folder(&format!("anew-{}", descriptor.name)));
        let kept = cassettes(&folders.0);
        let replayed = play(descriptor, Replay::new(descriptor, &folders.0), kept.keys());
        assert_eq!(replayed.len(), kept.len());

        let of_sandbox = || kept.iter().filter(|(_, cassette)| cassette.source == Source::Sandbox);
        let record = Record::new(sandbox, descriptor, &folders.1, Source::Sandbox);
        let recorded = play(descriptor, record, of_sandbox().map(|(scenario, _)| scenario));
        let anew = cassettes(&folders.1);
        for (scenario, cassette) in of_sandbox() {
            let is_same = anew[scenario].text() == cassette.text();
            let vendor = descriptor.name;
            assert!(is_same, "{vendor}: {scenario} is recorded otherwise now; see fixtures/README.md");
            let [recorded, replayed] = [&recorded, &replayed].map(|shown| without_people(&shown[scenario]));
            assert_eq!(recorded, replayed, "{vendor}: {scenario}");
        }
        // One per operation is enough: what adapters send in each scenario is in the suite's snapshots.
        let operations: Vec<_> =
            of_sandbox().filter_map(|(scenario, _)| scenario.split('/').next()).collect();
        let mut wanted = OPERATIONS.map(Operation::as_str);
        wanted.sort_unstable();
        assert_eq!(operations, wanted, "{}", descriptor.name);
    }
}
