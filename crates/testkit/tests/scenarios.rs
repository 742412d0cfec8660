//! The scenarios: all of them are built in, and mistakes in them are named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::path::Path;

use countersign_testkit::conformance::{OPERATIONS, Scenario, VendorFile, scenarios};

const PLAIN: &str = r#"
about = "A link for the signer who is due"

[[people]]
key = "anna"
name = "Anna Ek"
email = "anna@example.com"

[call]
recipient = "anna"

[expect]
view = { who = "anna" }
"#;

fn refused(from: &str, to: &str) -> String {
    assert!(PLAIN.contains(from), "{from}");
    Scenario::parse("create_view", "happy_path", &PLAIN.replace(from, to)).unwrap_err()
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/scenarios");
    let mut files = BTreeSet::new();
    for call in OPERATIONS {
        for entry in std::fs::read_dir(folder.join(call.as_str())).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(path.extension().unwrap(), "toml", "{}", path.display());
            files.insert(format!("{}/{}", call.as_str(), path.file_stem().unwrap().to_str().unwrap()));
        }
    }
    let built_in: BTreeSet<String> = scenarios().iter().map(Scenario::id).collect();
    assert_eq!(built_in, files, "the list is in src/conformance/library.rs");
    for call in OPERATIONS {
        let of_it = built_in.iter().filter(|id| id.starts_with(call.as_str())).count();
        assert!(of_it >= 10, "{}: {of_it}", call.as_str());
    }
}

#[test]
fn an_unknown_key_is_refused_with_the_file_the_key_and_what_is_allowed() {
    let problem = refused("recipient = \"anna\"", "recipent = \"anna\"");
    for part in
        ["scenarios/create_view/happy_path.toml", "line 10", "`recipent`", "`recipient`", "`everyone`"]
    {
        assert!(problem.contains(part), "{part} is missing in: {problem}");
    }
    let problem = refused("[call]", "[[before]]\nstep = \"sings\"\nwho = \"anna\"\n\n[call]");
    assert!(problem.contains("`sings`") && problem.contains("`signs`"), "{problem}");
    let problem = refused("[call]", "[[before]]\nstep = \"opens\"\nwho = \"anna\"\nhow = 1\n\n[call]");
    assert!(problem.contains("`how`") && problem.contains("`who`"), "{problem}");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let problem = refused("who = \"anna\"", "who = \"eve\"");
    assert!(problem.contains("no recipient has the key `eve`; the keys are: anna"), "{problem}");
    let problem = refused("view = { who = \"anna\" }", "resent = [{ who = \"anna\", mail = \"expected\" }]");
    assert!(problem.contains("`expect` has resent; expected one of: error, view"), "{problem}");
    let problem =
        refused("view = { who = \"anna\" }", "error = { kind = \"recipient_lost\", outcome = \"refused\" }");
    assert!(problem.contains("unknown variant `recipient_lost`, expected one of `"), "{problem}");
    let problem = Scenario::parse("create_envelope", "happy_path", PLAIN).unwrap_err();
    assert!(problem.contains("the folder is not one of the four operations"), "{problem}");
}

#[test]
fn a_vendor_has_no_scenarios_of_its_own_and_gives_reasons() {
    let refused = |text: &str| VendorFile::parse(text, Path::new("."), &scenarios()).unwrap_err();
    let own = refused("[cannot.\"create_view/my_own\"]\nreason = \"a good reason\"\n");
    assert_eq!(own, "cannot: there is no scenario `create_view/my_own`");
    let silent = refused("[cannot.\"create_view/happy_path\"]\nreason = \" \"\n");
    assert_eq!(silent, "cannot.\"create_view/happy_path\": the reason must be a sentence");
    let idle = refused(
        "[patch.\"list_recipients/wrong_key\"]\nreason = \"it is just so\"\n\
         expect = { error = { kind = \"unauthenticated\", outcome = \"no_effect\" } }\n",
    );
    assert!(idle.ends_with("it is the same as the scenario's; remove it"), "{idle}");
    let other = refused(
        "[patch.\"list_recipients/wrong_key\"]\nreason = \"it is just so\"\nexpect = { view = { who = \"anna\" } }\n",
    );
    assert!(other.contains("expected one of: error, recipients"), "{other}");
    let unknown = refused("[request]\nread = \"GET /\"\n");
    assert!(unknown.contains("`request`") && unknown.contains("`requests`"), "{unknown}");
    // The list is a read, so that a row of its own would have no effect.
    let unused = refused("[requests]\nlist_recipients = \"GET /\"\n");
    let keys = "sign_in, read, create_view, resend_recipient, change_access_code";
    assert_eq!(unused, format!("requests: unknown key `list_recipients`; the keys are: {keys}"));
}
