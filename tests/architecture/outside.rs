//! Counts what a vendor costs outside its own files.

use std::path::Path;

/// At most this many files outside a vendor's own name it.
const MOST: usize = 5;

/// Those that tests take as examples where any vendor would do; the last one is not there, and CI adds it and counts
/// for itself. All others are met by loops over `vendors()`.
const EXAMPLES: [&str; 3] = ["docusign", "boldsign", "signwell"];

/// Made by tools, as a whole or in marked blocks: lock files, snapshots, and the lists and tables in documents. What
/// documents say of vendors besides is prose, which another vendor leaves true.
const NOT_COUNTED: [&str; 5] = ["lock", "snap", "md", "txt", "json"];

/// Whether a file, by its path from the root, is one of the vendor's own, which are new when a vendor is added: it lies in
/// a folder of the vendor's, or its name has the vendor's as a word (`by_hand/acme.rs`, `test_acme_life.py`).
fn is_own(path: &str, vendor: &str) -> bool {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    parts.any(|folder| folder == vendor)
        || file.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == vendor)
}

/// The files written by hand that have to know a vendor, besides its own. In any form of its name: `AcmeConfig` counts.
fn outside(vendor: &str, files: &[(String, String)]) -> Vec<String> {
    let counts = |path: &str| {
        let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
        !is_own(path, vendor) && ending.is_none_or(|ending| !NOT_COUNTED.contains(&ending))
    };
    let known = files.iter().filter(|(path, text)| counts(path) && text.to_lowercase().contains(vendor));
    known.map(|(path, _)| path.clone()).collect()
}

/// Every text that `git` keeps, with its path from the root.
fn kept(root: &Path) -> Vec<(String, String)> {
    let listed = std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    let listed = listed.expect("git").stdout;
    let paths = listed.split(|byte| *byte == 0).map(|path| String::from_utf8_lossy(path).into_owned());
    paths.filter_map(|path| Some((path.clone(), std::fs::read_to_string(root.join(path)).ok()?))).collect()
}

#[test]
fn a_vendor_is_known_to_few_files_outside_its_own() {
    let files = kept(&super::root());
    assert!(files.len() > 1_000, "{} files", files.len());
    for folder in super::adapters() {
        let vendor = super::name(&folder);
        if EXAMPLES.contains(&vendor.as_str()) {
            continue;
        }
        let known = outside(&vendor, &files);
        assert!(known.len() <= MOST, "{vendor} is named in {} files:\n{}", known.len(), known.join("\n"));
    }
}

#[test]
fn what_counts_and_what_does_not() {
    let text = |path: &str| (path.to_owned(), "use acme::AcmeConfig;".to_owned());
    let own = ["adapters/acme/src/lib.rs", "fixtures/acme/a.rs", "by_hand/acme.rs", "test_acme_life.py"];
    let made = ["Cargo.lock", "docs/src/vendors.md", "tests/snapshots/a.snap", "requirements.txt"];
    let counted = ["crates/countersign/Cargo.toml", "tests/benches/instructions", "acmes.rs"];
    let files: Vec<_> = own.iter().chain(&made).chain(&counted).map(|path| text(path)).collect();
    assert_eq!(outside("acme", &files), counted);
}
