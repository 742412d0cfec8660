//! The rules of the house, checked over the sources and `cargo metadata`: which way crates depend, and that no vendor
//! is named where vendors do not belong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod facts;
mod outside;
mod plain;
mod rings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every adapter has, and the skeleton from which new ones are made.
const FILES: [&str; 10] = [
    "Cargo.toml",
    "README.md",
    "vendor.toml",
    "src/lib.rs",
    "src/wire.rs",
    "src/map.rs",
    "src/check.rs",
    "src/error.rs",
    "src/auth.rs",
    "src/webhook.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace above this package").to_path_buf()
}

/// The folders of the adapters.
fn adapters() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("adapters")).expect("adapters");
    let adapters: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    assert!(adapters.len() >= 2, "{adapters:?}");
    adapters
}

fn name(folder: &Path) -> String {
    folder.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The normal dependencies of every package of the workspace.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let normal = package["dependencies"].as_array().expect("dependencies").iter();
            let names = normal.filter(|d| d["kind"].is_null()).filter_map(|d| d["name"].as_str());
            (package["name"].as_str().expect("a name").to_owned(), names.map(str::to_owned).collect())
        })
        .collect()
}

fn ours(dependencies: &BTreeSet<String>) -> BTreeSet<&str> {
    dependencies.iter().map(String::as_str).filter(|name| name.starts_with("countersign")).collect()
}

#[test]
fn crates_depend_in_one_direction() {
    let adapters: Vec<String> =
        adapters().iter().map(|folder| format!("countersign-{}", name(folder))).collect();
    let all = dependencies();
    for (package, dependencies) in &all {
        let ours = ours(dependencies);
        let allowed: BTreeSet<&str> = match package.as_str() {
            "countersign-core" | "countersign-sandbox" | "xtask" => BTreeSet::new(),
            "countersign-http" | "countersign-cassette" | "countersign-vault" => {
                BTreeSet::from(["countersign-core"])
            }
            "countersign-postgres" | "countersign-sqlite" => {
                BTreeSet::from(["countersign-core", "countersign-vault"])
            }
            "countersign-testkit" => BTreeSet::from(["countersign-core", "countersign-cassette"]),
            adapter if adapters.iter().any(|name| name == adapter) => BTreeSet::from(["countersign-core"]),
            "countersign" => {
                let parts =
                    ["countersign-core", "countersign-http", "countersign-cassette", "countersign-testkit"];
                adapters.iter().map(String::as_str).chain(parts).collect()
            }
            "countersign-cli" => BTreeSet::from([
                "countersign",
                "countersign-postgres",
                "countersign-sandbox",
                "countersign-sqlite",
                "countersign-testkit",
                "countersign-vault",
            ]),
            "countersign-gateway" => BTreeSet::from([
                "countersign",
                "countersign-postgres",
                "countersign-sandbox",
                "countersign-sqlite",
                "countersign-vault",
            ]),
            "countersign-tests" => BTreeSet::from([
                "countersign",
                "countersign-embedded-app",
                "countersign-postgres",
                "countersign-sandbox",
                "countersign-sqlite",
                "countersign-testkit",
                "countersign-vault",
            ]),
            "countersign-embedded-app" => BTreeSet::from(["countersign", "countersign-sandbox"]),
            other => panic!("{other} has no row in this test"),
        };
        let wrong: Vec<_> = ours.difference(&allowed).collect();
        assert!(wrong.is_empty(), "{package} depends on {wrong:?}");
    }
}

#[test]
fn the_core_has_no_runtime_and_no_http_client() {
    let all = dependencies();
    for package in all.keys().filter(|name| name.as_str() == "countersign-core") {
        for banned in ["tokio", "reqwest", "hyper", "axum"] {
            assert!(!all[package].contains(banned), "{package} depends on {banned}");
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_vendor_is_named_outside_its_places() {
    let root = root();
    let mut files = Vec::new();
    for folder in ["core", "http", "cassette", "countersign", "testkit", "cli", "gateway", "xtask"] {
        sources(&root.join("crates").join(folder).join("src"), &mut files);
    }
    // The registry is where vendors are linked.
    let exempt = root.join("crates/countersign/src/registry.rs");
    let vendors: Vec<String> = adapters().iter().map(|folder| name(folder)).collect();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| **file != exempt) {
        let text = std::fs::read_to_string(file).expect("a source file");
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().to_lowercase();
            if vendors.iter().any(|vendor| code.contains(vendor.as_str())) {
                found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "vendors are named in\n{}", found.join("\n"));
}

/// A vendor's facts stand in its `vendor.toml` and in its adapter, and nowhere else.
#[test]
fn no_fact_of_a_vendor_is_stated_outside_its_adapter() {
    let root = root();
    let mut words = facts::Words::default();
    for adapter in adapters() {
        words.read(&adapter.join("vendor.toml"));
    }
    let mut files = Vec::new();
    for folder in ["core", "http", "cassette", "countersign", "cli", "gateway"] {
        sources(&root.join("crates").join(folder).join("src"), &mut files);
    }
    // A file of tests beside the code.
    files.retain(|file| !file.ends_with("cassette/src/properties.rs"));
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        found.extend(words.stated_in(&text).into_iter().map(|fact| format!("{}:{fact}", file.display())));
    }
    assert!(found.is_empty(), "facts of vendors are stated in\n{}", found.join("\n"));
}

/// The files below a folder that have one of these endings.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.is_symlink() {
            files(&path, endings, found);
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending))
        {
            found.push(path);
        }
    }
}

/// Everything that users and contributors read is in plain English: `phrases.txt` has what is not.
#[test]
fn texts_are_in_plain_english() {
    let root = root();
    let mut read: Vec<PathBuf> =
        ["CHANGELOG.md", "CONTRIBUTING.md", "README.md"].map(|file| root.join(file)).into();
    files(&root.join("fixtures"), &["md", "toml"], &mut read);
    files(&root.join("examples"), &["md", "html"], &mut read);
    files(&root.join("crates"), &["rs", "html", "txt"], &mut read);
    files(&root.join("adapters"), &["rs", "md", "toml"], &mut read);
    files(&root.join("docs/src"), &["md"], &mut read);
    files(&root.join("crates/sandbox/src"), &["toml"], &mut read);
    files(&root.join("crates/xtask/template"), &["md", "toml"], &mut read);
    let skipped = ["tests", "snapshots", "benches"];
    read.retain(|file| {
        !file.components().any(|part| skipped.iter().any(|skipped| part.as_os_str() == *skipped))
    });
    let mut found = Vec::new();
    for file in &read {
        let text = std::fs::read_to_string(file).expect("a text");
        let name = file.strip_prefix(&root).expect("a file of this workspace").display().to_string();
        found.extend(plain::found_in(&name, &text));
    }
    assert!(read.len() > 300, "{} files", read.len());
    assert!(found.is_empty(), "{} phrases have to be read twice:\n{}", found.len(), found.join("\n"));
}

/// Seven files, none of them long: what the next vendor and the next reader pay. A new vendor has a thousand lines or
/// so.
#[test]
fn adapters_stay_small() {
    let most = BTreeMap::from([("boldsign", 1600), ("docusign", 2000)]);
    for adapter in adapters() {
        let mut files = Vec::new();
        sources(&adapter.join("src"), &mut files);
        let mut names: Vec<String> = files.iter().map(|file| name(file)).collect();
        names.sort();
        let seven = ["auth.rs", "check.rs", "error.rs", "lib.rs", "map.rs", "webhook.rs", "wire.rs"];
        let lines: usize = files
            .iter()
            .map(|file| std::fs::read_to_string(file).expect("a source file").lines().count())
            .sum();
        let vendor = name(&adapter);
        assert_eq!(names, seven, "the files of {vendor}");
        let most = most.get(vendor.as_str()).copied().unwrap_or(1800);
        assert!(lines <= most, "{vendor} has {lines} lines of {most}");
    }
}

/// What goes round in core goes round on purpose: an authenticator sends by the context that it signs for. (A vendor's
/// descriptor makes the provider that answers with it: those stand in one file.)
#[test]
fn no_files_of_a_crate_import_each_other() {
    let allowed = BTreeMap::from([(
        "core",
        vec!["auth/authenticator.rs -> http/context.rs", "http/context.rs -> auth/authenticator.rs"],
    )]);
    let folders = std::fs::read_dir(root().join("crates")).expect("crates");
    for folder in folders.map(|entry| entry.expect("an entry").path()) {
        let crate_name = name(&folder);
        let wanted: Vec<_> = allowed.get(crate_name.as_str()).into_iter().cloned().collect();
        assert_eq!(rings::rings(&folder.join("src")), wanted, "files of {crate_name} that import each other");
    }
}

#[test]
fn files_have_one_subject() {
    let mut files = Vec::new();
    for folder in ["crates", "adapters"] {
        sources(&root().join(folder), &mut files);
    }
    let long: Vec<String> = files
        .iter()
        .filter(|file| file.components().any(|part| part.as_os_str() == "src"))
        .filter_map(|file| {
            let lines = std::fs::read_to_string(file).expect("a source file").lines().count();
            (lines > 400).then(|| format!("{} has {lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// A subject that is scattered over many small files is hard to find. The files of an adapter are given, and those of a
/// new one begin small.
#[test]
fn few_files_are_small() {
    let root = root();
    let mut files = Vec::new();
    for folder in ["crates", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    let given = ["mod.rs", "lib.rs", "main.rs"];
    let small: Vec<String> = files
        .iter()
        .filter(|file| file.components().any(|part| part.as_os_str() == "src"))
        .filter(|file| !file.starts_with(root.join("crates/xtask/template")))
        .filter(|file| !given.contains(&name(file).as_str()))
        .filter(|file| std::fs::read_to_string(file).expect("a source file").lines().count() < 60)
        .map(|file| file.strip_prefix(&root).expect("a file of this workspace").display().to_string())
        .collect();
    assert!(small.len() < 25, "{} files have fewer than 60 lines:\n{}", small.len(), small.join("\n"));
}

/// A name that every application may need stands at the root of `countersign`; the rest in modules.
#[test]
fn the_root_of_countersign_can_be_learned() {
    let root = rings::exports(&root().join("crates/countersign/src/lib.rs"));
    let names: Vec<String> = root.into_iter().filter(|name| name != "testing").collect();
    assert!(!names.is_empty() && names.len() <= 60, "{} names at the root: {names:?}", names.len());
    assert!(!names.iter().any(|name| name == "*"), "a glob has no end");
}

/// The skeleton's own test compares the rest.
#[test]
fn every_adapter_has_the_same_files() {
    let root = root();
    for adapter in adapters() {
        for file in FILES {
            assert!(adapter.join(file).is_file(), "{} lacks {file}", adapter.display());
        }
        let fixtures = root.join("fixtures").join(name(&adapter));
        assert!(fixtures.join("conformance.toml").is_file(), "no conformance.toml in {}", fixtures.display());
    }
}

#[test]
fn every_adapter_is_entered_once_in_each_place() {
    let root = root();
    let read = |file: &str| std::fs::read_to_string(root.join(file)).expect(file);
    let (manifest, registry) =
        (read("crates/countersign/Cargo.toml"), read("crates/countersign/src/registry.rs"));
    for name in adapters().iter().map(|folder| name(folder)) {
        for (text, entry) in [
            (&manifest, format!("{name} = [\"dep:countersign-{name}\"]")),
            (&manifest, format!("path = \"../../adapters/{name}\", optional = true }}")),
            (&registry, format!("\"{name}\" as {name}: countersign_{name}::DESCRIPTOR;")),
        ] {
            assert_eq!(text.matches(&entry).count(), 1, "{entry}");
        }
    }
}
