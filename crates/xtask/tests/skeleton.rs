//! The skeleton as it stands compiles here as a module, and says honestly that it can do nothing yet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "../template/src/lib.rs"]
#[allow(unreachable_pub, reason = "a crate's root, taken as a module")]
mod acme;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_core::{
    AccessCode, BaseUrl, ChangeAccessCode, CreateView, EnvelopeId, ErrorKind, ListRecipients, Operation,
    Outcome, RecipientRef, ResendRecipient, ReturnUrl, SecretString,
};
use countersign_testkit::{FakeClock, Script};
use xtask::{Name, make};

/// What a new vendor changes outside its folders.
const CHANGED: [&str; 3] = [
    "crates/countersign/Cargo.toml",
    "crates/countersign/src/registry.rs",
    "crates/sandbox/src/vendors/mod.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// The files of this workspace that the chore reads, in a folder of their own.
fn copy(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    for file in CHANGED {
        let to = folder.join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(file), to).unwrap();
    }
    folder
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[tokio::test]
async fn every_operation_says_that_it_is_not_there_and_sends_nothing() {
    let script = Script::new();
    let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
    let provider = (acme::DESCRIPTOR.offline)().unwrap();
    let cx = |operation| script.context(operation, &clock);
    let envelope = EnvelopeId::new("e-1").unwrap();
    let anna: RecipientRef = "id:1".parse().unwrap();
    let back = ReturnUrl::new("https://app.example.com/").unwrap();
    let code = AccessCode::new("Marked7").unwrap();
    let view = CreateView::new(envelope.clone(), anna.clone(), back);
    let resend = ResendRecipient::new(envelope.clone(), anna.clone());
    let change = ChangeAccessCode::new(envelope.clone(), anna, code);
    let errors = [
        provider.create_view(&cx(Operation::CreateView), &view).await.unwrap_err(),
        provider.resend_recipient(&cx(Operation::ResendRecipient), &resend).await.unwrap_err(),
        provider.change_access_code(&cx(Operation::ChangeAccessCode), &change).await.unwrap_err(),
        provider
            .list_recipients(&cx(Operation::ListRecipients), &ListRecipients::new(envelope))
            .await
            .unwrap_err(),
        provider.check_access(&cx(Operation::SignIn)).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unsupported, Outcome::NoEffect), "{error}");
    }
    assert!(script.finish().is_empty());
    assert!(provider.code_grant().is_none());
}

#[test]
fn a_key_is_shown_nowhere_and_goes_over_no_open_line() {
    let key = || SecretString::from("marked-key");
    let provider = acme::Acme::new(BaseUrl::new("https://api.acme.example").unwrap(), &key()).unwrap();
    assert!(!format!("{provider:?}").contains("marked"));
    for (base, key) in
        [("http://api.acme.example", key()), ("https://api.acme.example", "  ".to_owned().into())]
    {
        let error = acme::Acme::new(BaseUrl::new(base).unwrap(), &key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

#[test]
fn the_lines_that_are_new_are_the_only_ones_that_differ() {
    let folder = copy("lines");
    let made = make(&folder, &name("signwell")).unwrap();
    let mut new = Vec::new();
    for file in &made.changed {
        let before = fs::read_to_string(root().join(file)).unwrap();
        let after = fs::read_to_string(folder.join(file)).unwrap();
        let (default, after) = (after.contains(", \"signwell\"]"), after.replace(", \"signwell\"]", "]"));
        assert_eq!(default, file.ends_with(".toml"), "it is a default feature");
        let (added, kept): (Vec<&str>, Vec<&str>) = after.lines().partition(|line| line.contains("signwell"));
        new.extend(added.into_iter().map(|line| line.trim().to_owned()));
        assert_eq!(kept, before.lines().collect::<Vec<_>>());
        if file.ends_with(".toml") {
            toml::from_str::<toml::Value>(&after).expect("TOML");
        }
    }
    assert_eq!(
        new,
        [
            "signwell = [\"dep:countersign-signwell\"]",
            concat!(
                "countersign-signwell = { version = \"",
                env!("CARGO_PKG_VERSION"),
                "\", path = \"../../adapters/signwell\", optional = true }"
            ),
            "\"signwell\" as signwell: countersign_signwell::DESCRIPTOR;",
            "mod signwell;",
            "signwell: SIGNWELL, SignwellAccess, SignwellSettings;",
        ]
    );
    assert_eq!(made.changed, CHANGED);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_files_are_those_of_every_adapter_and_have_the_vendors_name() {
    let folder = copy("files");
    let made = make(&folder, &name("signwell")).unwrap();
    for file in &made.files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(!text.to_lowercase().contains("acme"), "{file}");
        // Every other vendor has the same files.
        for adapter in fs::read_dir(root().join("adapters")).unwrap().map(|entry| entry.unwrap()) {
            if adapter.path().is_dir() {
                let same = root().join(file.replace("signwell", adapter.file_name().to_str().unwrap()));
                assert!(same.is_file(), "there is no {}", same.display());
            }
        }
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_there_is_not_written_over() {
    let folder = copy("twice");
    make(&folder, &name("signwell")).unwrap();
    let manifest = || fs::read_to_string(folder.join("crates/countersign/Cargo.toml")).unwrap();
    let before = manifest();
    assert_eq!(make(&folder, &name("signwell")).unwrap_err(), "adapters/signwell already exists");
    fs::create_dir_all(folder.join("fixtures/other")).unwrap();
    assert_eq!(make(&folder, &name("other")).unwrap_err(), "fixtures/other already exists");
    fs::write(folder.join(CHANGED[1]), "").unwrap();
    let error = make(&folder, &name("third")).unwrap_err();
    assert!(error.starts_with("crates/countersign/src/registry.rs does not look as expected"), "{error}");
    assert!(!folder.join("adapters/third").exists());
    assert_eq!(manifest(), before);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_name_that_the_manifest_has_already_is_refused_before_anything_is_written() {
    let folder = copy("taken");
    let before = fs::read_to_string(folder.join("crates/countersign/Cargo.toml")).unwrap();
    for taken in ["axum", "cassettes", "default", "bytes", "metrics"] {
        let error = make(&folder, &name(taken)).unwrap_err();
        assert!(error.contains(&format!("`{taken}`; choose another name")), "{error}");
        assert!(!folder.join("adapters").join(taken).exists(), "{taken}");
    }
    assert_eq!(fs::read_to_string(folder.join("crates/countersign/Cargo.toml")).unwrap(), before);
    make(&folder, &name("ax")).unwrap();
    fs::remove_dir_all(folder).unwrap();
}

/// What stands between the marks of a page, without the fence of code around it.
fn block(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->")).expect(name);
    let (block, _) = rest.split_once(&format!("<!-- /{name} -->")).expect(name);
    let lines = block.trim().lines().filter(|line| !line.starts_with("```"));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_guide_shows_the_skeleton_as_it_is() {
    let page = fs::read_to_string(root().join("docs/src/develop/adding-a-vendor.md")).unwrap();
    let skeleton = include_str!("../template/src/lib.rs");
    let shown = block(&page, "descriptor");
    assert!(shown.lines().count() > 7 && skeleton.contains(&shown), "{shown}");
    let folder = copy("guide");
    make(&folder, &name("signwell")).unwrap();
    let mut file = String::new();
    for line in block(&page, "lines").lines() {
        let (named, line) = line.split_at(36);
        if !named.trim().is_empty() {
            file = fs::read_to_string(folder.join(named.trim())).unwrap();
        }
        assert!(file.lines().any(|there| there.trim() == line.trim()), "{line}");
    }
    fs::remove_dir_all(folder).unwrap();
}
