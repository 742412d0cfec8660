//! `countersign drain` at every vendor.

use std::path::{Path, PathBuf};

use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Secret};
use serde_json::Value;

use crate::support::{Ran, Stage, folder};

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

fn envelope(stage: &Stage) -> String {
    let anna = NewRecipient::new("Anna", "anna@example.com").with_access_code("Anna2345");
    let ben = NewRecipient::new("Ben", "ben@example.com").with_order(2).with_access_code("Ben23456");
    stage.make(NewEnvelope::new(stage.vendor, "Contract").with_recipient(anna).with_recipient(ben)).id
}

fn sign_all(stage: &Stage, envelope: &str) {
    stage.sign(envelope, "anna@example.com", "Anna2345");
    stage.sign(envelope, "ben@example.com", "Ben23456");
}

fn list(stage: &Stage, name: &str, lines: &[String]) -> PathBuf {
    let file = folder(&format!("drain-{}", stage.name)).join(name);
    std::fs::write(&file, lines.join("\n")).expect("a file");
    file
}

fn drain(stage: &Stage, file: &Path, more: &[&str]) -> Ran {
    stage.run(&[&["--account", "trial", "drain", "--from", file.to_str().expect("a name")], more].concat())
}

fn results(file: &Path) -> String {
    std::fs::read_to_string(format!("{}.drain.jsonl", file.display())).expect("results")
}

#[test]
fn what_is_open_keeps_the_account_and_the_same_command_looks_again_at_that_only() {
    for stage in Stage::all() {
        let (open, done, declined) = (envelope(&stage), envelope(&stage), envelope(&stage));
        sign_all(&stage, &done);
        let code = Act::EnterCode { code: Secret::new("Anna2345") };
        stage.world.act(&declined, "anna@example.com", code).expect("an answer");
        stage
            .world
            .act(&declined, "anna@example.com", Act::Decline { reason: "too late".into() })
            .expect("a refusal to sign");
        let lines = ["# in flight".to_owned(), format!("trial:{open}"), done, declined];
        let file = list(&stage, "in-flight.txt", &lines);
        stage.world.clear_calls();

        let ran = drain(&stage, &file, &[]);
        assert_eq!(ran.code, 5, "{ran:?}");
        stage.snapshot(
            "drain_open",
            &ran.shown()
                .replace(env!("CARGO_TARGET_TMPDIR"), "[tmp]")
                .replace(&format!("-{}/", std::process::id()), "-[pid]/"),
        );
        assert_eq!(stage.world.calls().len(), 3);
        assert!(stage.world.calls().iter().all(|call| call.method == "GET"));
        assert!(!results(&file).contains("example.com"), "{}", results(&file));

        stage.world.clear_calls();
        let again = drain(&stage, &file, &["--json"]);
        assert_eq!((again.code, stage.world.calls().len()), (5, 1), "{again:?}");
        let json = again.json();
        assert_eq!(
            (&json["open"], &json["done"], &json["closed"]),
            (&1.into(), &1.into(), &1.into()),
            "{json}"
        );
        assert_eq!(json["can_be_closed"], false);
        assert_eq!(json["waiting_for"][0]["envelope"], Value::from(open.as_str()));
        assert_eq!(json["waiting_for"][0]["awaited"].as_array().map(Vec::len), Some(2), "{json}");

        sign_all(&stage, &open);
        let last = drain(&stage, &file, &[]);
        assert_eq!((last.code, last.err.as_str()), (0, ""), "{last:?}");
        assert!(last.out.contains("the account can be closed now"), "{last:?}");
        stage.world.clear_calls();
        assert_eq!((drain(&stage, &file, &[]).code, stage.world.calls().len()), (0, 0));
    }
}

#[test]
fn who_says_that_there_is_none_keeps_nothing_open_and_who_cannot_say_does() {
    for stage in Stage::all() {
        let file = list(&stage, "nowhere.txt", &[NOWHERE.to_owned()]);
        let ran = drain(&stage, &file, &["--json"]);
        let json = ran.json();
        if stage.name == "docusign" {
            assert_eq!(
                (ran.code, &json["not_found"], &json["can_be_closed"]),
                (0, &1.into(), &true.into()),
                "{json}"
            );
        } else {
            // This vendor gives the same answer for documents that are still being made.
            assert_eq!(
                (ran.code, &json["unknown"], &json["can_be_closed"]),
                (5, &1.into(), &false.into()),
                "{json}"
            );
            assert_eq!(json["waiting_for"][0]["kind"], "envelope_not_ready");
        }
    }
}

#[test]
fn a_voided_envelope_is_over_where_the_list_tells_and_open_with_a_word_where_it_does_not() {
    for stage in Stage::all() {
        let id = envelope(&stage);
        stage.world.void(&id, "moved").expect("voided");
        let file = list(&stage, "voided.csv", &["envelope".to_owned(), id]);
        let ran = drain(&stage, &file, &[]);
        let told = stage.name == "boldsign";
        assert_eq!(ran.code, if told { 0 } else { 5 }, "{ran:?}");
        assert_eq!(ran.out.contains("an envelope that was voided looks open here"), !told, "{ran:?}");
    }
}

#[test]
fn only_the_lines_of_the_account_count() {
    for stage in Stage::all() {
        let id = envelope(&stage);
        let file = list(&stage, "two.csv", &["account,envelope".to_owned(), format!("trial,{id}")]);
        let mut command =
            stage.command(&["--account", "other", "drain", "--from", file.to_str().expect("a name")]);
        for (name, value) in stage.variables() {
            command.env(name.replace("TRIAL", "OTHER"), value);
        }
        let ran = crate::support::run_with(command, "");
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
        assert!(ran.err.contains("no line of the file is of the account `other`"), "{ran:?}");
    }
}

#[test]
fn a_wrong_key_is_not_taken_for_an_end() {
    for stage in Stage::all() {
        let file = list(&stage, "wrong-key.txt", &[envelope(&stage)]);
        let mut command = stage.command(&["drain", "--from", file.to_str().expect("a name"), "--json"]);
        for (name, _) in stage.variables() {
            if name.ends_with("__TOKEN") || name.ends_with("__API_KEY") {
                command.env(name, "wrong");
            }
        }
        let ran = crate::support::run_with(command, "");
        assert_eq!((ran.code, ran.json()["can_be_closed"].as_bool()), (4, Some(false)), "{ran:?}");
    }
}
