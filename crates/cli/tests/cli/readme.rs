//! What a newcomer reads first is true: the README's example and its commands run at every vendor.

use std::path::PathBuf;

use countersign::Config;
use countersign_sandbox::NewRecipient;

use crate::support::Stage;

// As it stands in the README: it is no module, so that nothing lays it out anew.
include!("readme_example.rs");

/// One page, so that it is read.
const MOST_LINES: usize = 150;

fn readme() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    std::fs::read_to_string(path).expect("the README")
}

/// Anna, whom the examples are about.
fn annas(stage: &Stage) -> String {
    let anna = NewRecipient::new("Anna", "anna@example.com").with_embedded("1").with_access_code("Anna2345");
    stage.contract([anna]).id
}

#[test]
fn the_readme_is_one_page() {
    let lines = readme().lines().count();
    assert!(lines <= MOST_LINES, "{lines} lines; the book has room for more");
}

#[test]
fn the_example_in_rust_runs_at_every_vendor() {
    let code = include_str!("readme_example.rs");
    assert!(readme().contains(&format!("```rust\n{code}```")), "the README's example is another one");
    for stage in Stage::all() {
        for locked in [false, true] {
            let envelope = annas(&stage);
            if locked {
                stage.lock(&envelope, "1");
            }
            let config = Config::read(None, stage.variables()).expect("an account");
            let client = config.account(None).and_then(countersign::Account::client).expect("a client");
            let anna = "email:anna@example.com".parse().expect("a recipient");
            let link = link(&client, envelope.parse().expect("an id"), anna);
            let link = stage.wait(link).expect("a link");
            assert!(link.starts_with("http://127.0.0.1:"), "{link}");
        }
    }
}

#[test]
fn the_commands_unlock_a_signer_at_every_vendor() {
    let readme = readme();
    let lines: Vec<&str> = readme.lines().filter(|line| line.contains(" ENVELOPE")).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for stage in Stage::all() {
        let envelope = annas(&stage);
        stage.lock(&envelope, "1");
        for line in &lines {
            let line = line.replace("ENVELOPE", &envelope);
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            let ran = stage.run(&words);
            assert_eq!(ran.code, 0, "{}: {ran:?}", stage.name);
        }
    }
}
