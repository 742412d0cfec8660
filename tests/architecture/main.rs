//! The rules of the house, checked over the sources and `cargo metadata`: which way crates depend, and that no vendor
//! is named where vendors do not belong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod rings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every adapter has, and the skeleton from which new ones are made.
const FILES: [&str; 7] =
    ["Cargo.toml", "README.md", "src/lib.rs", "src/wire.rs", "src/map.rs", "src/error.rs", "src/auth.rs"];

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
            "countersign-http" | "countersign-cassette" => BTreeSet::from(["countersign-core"]),
            "countersign-testkit" => BTreeSet::from(["countersign-core", "countersign-cassette"]),
            adapter if adapters.iter().any(|name| name == adapter) => BTreeSet::from(["countersign-core"]),
            "countersign" => {
                let parts = ["countersign-core", "countersign-http", "countersign-cassette"];
                adapters.iter().map(String::as_str).chain(parts).collect()
            }
            "countersign-cli" => {
                BTreeSet::from(["countersign", "countersign-sandbox", "countersign-testkit"])
            }
            "countersign-tests" => BTreeSet::from([
                "countersign",
                "countersign-embedded-app",
                "countersign-sandbox",
                "countersign-testkit",
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
        for banned in ["tokio", "reqwest", "hyper", "figment", "axum"] {
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
    for folder in ["core", "http", "cassette", "countersign", "testkit", "cli", "xtask"] {
        sources(&root.join("crates").join(folder).join("src"), &mut files);
    }
    // The registry is where vendors are linked; the crate's root shows their crates to applications.
    let exempt =
        [root.join("crates/countersign/src/registry.rs"), root.join("crates/countersign/src/lib.rs")];
    // One more than there are adapters for: the next one must not begin in the wrong place.
    let vendors: Vec<String> =
        adapters().iter().map(|folder| name(folder)).chain(["documenso".to_owned()]).collect();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !exempt.contains(file)) {
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

/// What goes round in core goes round on purpose: an authenticator sends by the context that it signs for. (A vendor's
/// descriptor makes the provider that answers with it: those stand in one file.) What goes round in the comparison of
/// two vendors is to go.
#[test]
fn no_files_of_a_crate_import_each_other() {
    let allowed = BTreeMap::from([
        (
            "core",
            vec!["auth/authenticator.rs -> http/context.rs", "http/context.rs -> auth/authenticator.rs"],
        ),
        (
            "countersign",
            vec![
                "migrate/judge/budget.rs -> migrate/judge/mod.rs",
                "migrate/judge/compare.rs -> migrate/judge/mod.rs",
                "migrate/judge/envelope.rs -> migrate/judge/compare.rs",
                "migrate/judge/envelope.rs -> migrate/judge/mod.rs",
                "migrate/judge/mod.rs -> migrate/judge/budget.rs",
                "migrate/judge/mod.rs -> migrate/judge/envelope.rs",
            ],
        ),
    ]);
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

#[test]
fn every_adapter_has_the_same_files() {
    let root = root();
    for adapter in adapters() {
        for file in FILES {
            let module = adapter.join(file.replace(".rs", "/mod.rs"));
            assert!(adapter.join(file).is_file() || module.is_file(), "{} lacks {file}", adapter.display());
        }
        let fixtures = root.join("fixtures").join(name(&adapter));
        assert!(fixtures.join("conformance.toml").is_file(), "no conformance.toml in {}", fixtures.display());
    }
    let skeleton = root.join("crates/xtask/template");
    let mut there = BTreeSet::new();
    for folder in ["", "src"] {
        for entry in std::fs::read_dir(skeleton.join(folder)).expect("the skeleton") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                there.insert(Path::new(folder).join(path.file_name().expect("a name")));
            }
        }
    }
    let wanted: BTreeSet<PathBuf> = FILES.iter().chain(&["conformance.toml"]).map(PathBuf::from).collect();
    assert_eq!(there, wanted, "the skeleton has what an adapter has");
}

#[test]
fn every_adapter_is_entered_once_in_each_place() {
    let root = root();
    let read = |file: &str| std::fs::read_to_string(root.join(file)).expect(file);
    let (workspace, manifest, registry) = (
        read("Cargo.toml"),
        read("crates/countersign/Cargo.toml"),
        read("crates/countersign/src/registry.rs"),
    );
    for name in adapters().iter().map(|folder| name(folder)) {
        for (text, entry, times) in [
            (&workspace, format!("\"adapters/{name}\""), 3),
            (&manifest, format!("{name} = [\"dep:countersign-{name}\"]"), 1),
            (&manifest, format!("countersign-{name} = {{ workspace = true, optional = true }}"), 1),
            (&registry, format!("#[cfg(feature = \"{name}\")]\n    &countersign_{name}::DESCRIPTOR,"), 1),
        ] {
            assert_eq!(text.matches(&entry).count(), times, "{entry}");
        }
    }
}
