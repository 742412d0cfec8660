//! `countersign drain` at every vendor.

use std::path::{Path, PathBuf};

use countersign_sandbox::{Act, Fault, FaultKind, NewRecipient, Secret, Vendor};
use serde_json::Value;

use crate::support::{Ran, Run, Stage, codes, folder, typed};

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

fn envelope(stage: &Stage) -> String {
    let anna = NewRecipient::new("Anna", "anna@example.com").with_access_code("Anna2345");
    let ben = NewRecipient::new("Ben", "ben@example.com").with_order(2).with_access_code("Ben23456");
    stage.contract([anna, ben]).id
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
    stage.run(&[&["--account", "trial", "drain", "--from", typed(file)], more].concat())
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

        let ran = drain(&stage, &file, &[]).ends(5);
        stage.snapshot(
            "drain_open",
            &ran.shown()
                .replace(env!("CARGO_TARGET_TMPDIR"), "[tmp]")
                .replace(&format!("-{}/", std::process::id()), "-[pid]/"),
        );
        // DocuSign's list does not tell the envelope's own status, so what looks open there is asked for it.
        let each = if stage.name == "docusign" { 2 } else { 1 };
        assert_eq!(stage.world.calls().len(), 2 + each);
        assert!(stage.world.calls().iter().all(|call| call.method == "GET"));
        assert!(!results(&file).contains("example.com"), "{}", results(&file));

        stage.world.clear_calls();
        let again = drain(&stage, &file, &["--json"]);
        assert_eq!((again.code, stage.world.calls().len()), (5, each), "{again:?}");
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
        drain(&stage, &file, &[]).ends(0).quiet().prints("the account can be closed\n");
        stage.world.clear_calls();
        assert_eq!((drain(&stage, &file, &[]).code, stage.world.calls().len()), (0, 0));
    }
}

#[test]
fn an_envelope_that_is_not_found_is_in_doubt_and_none_found_says_what_is_wrong() {
    for stage in Stage::all() {
        let done = envelope(&stage);
        sign_all(&stage, &done);
        let missing = match stage.name {
            // As DocuSign's words have it: it does not exist, or you have no rights to it.
            "docusign" => NOWHERE.to_owned(),
            // This vendor gives the same answer for a document that it does not show as for one that is still being
            // made; only of an id that can be none it says so.
            _ => "no-document".to_owned(),
        };
        let file = list(&stage, "some.txt", &[done, missing.clone()]);
        drain(&stage, &file, &[])
            .ends(5)
            .prints("1 done, 1 not found")
            .prints(&missing)
            .prints("may still be open, but not visible to this account");
        stage.world.clear_calls();
        let json = drain(&stage, &file, &["--json"]).json();
        assert_eq!((&json["not_found"], &json["can_be_closed"]), (&1.into(), &false.into()), "{json}");
        assert_eq!(json["waiting_for"][0]["state"], "not_found");
        assert_eq!(stage.world.calls().len(), 1, "it is looked for again");

        drain(&stage, &list(&stage, "none.txt", &[missing]), &[])
            .ends(5)
            .prints("its environment or its base URL is probably wrong");
    }
}

#[test]
fn a_document_that_may_be_in_the_making_keeps_the_account() {
    let stage = Stage::at("boldsign", Vendor::BOLDSIGN);
    let ran = drain(&stage, &list(&stage, "nowhere.txt", &[NOWHERE.to_owned()]), &["--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["unknown"], &json["can_be_closed"]), (5, &1.into(), &false.into()), "{json}");
    assert_eq!(json["waiting_for"][0]["kind"], "envelope_not_ready");
}

#[test]
fn a_404_without_a_word_of_the_vendor_is_no_envelope_that_is_not_found() {
    for stage in Stage::all() {
        let id = envelope(&stage);
        let file = list(&stage, "elsewhere.txt", std::slice::from_ref(&id));
        for body in
            ["", "<html>404</html>", "{\"message\":\"no Route matched\"}", "{\"error\":\"Not Found\"}"]
        {
            for status in [404, 410] {
                stage.world.inject(Fault::on("GET", "", FaultKind::answer(status, body)));
                let ran = stage.run(&["recipients", &id, "--json"]);
                assert_eq!((ran.code, &ran.json()["error"]["kind"]), (3, &"config".into()), "{ran:?}");
                assert!(ran.out.contains("`base_url`, region or environment"), "{ran:?}");
            }
            stage.world.inject(Fault::on("GET", "", FaultKind::answer(404, body)));
            let ran = drain(&stage, &file, &["--json"]);
            let json = ran.json();
            assert_eq!((ran.code, &json["not_found"]), (3, &0.into()), "{json}");
            let message = json["stopped"][0]["message"].to_string();
            assert!(message.contains("`base_url`, region or environment"), "{json}");
        }
    }
}

#[test]
fn an_envelope_that_was_voided_expired_or_deleted_is_over() {
    for stage in Stage::all() {
        let (voided, expired) = (envelope(&stage), envelope(&stage));
        stage.world.void(&voided, "moved").expect("voided");
        stage.world.expire(&expired).expect("expired");
        let file = list(&stage, "over.txt", &[voided, expired]);
        drain(&stage, &file, &[]).ends(0).quiet().prints("2 envelopes, 2 closed");

        // What the sandbox does not play, as the vendors' documents have it.
        let answers = match stage.name {
            "docusign" => {
                [r#"{"signers":[{"recipientId":"1","status":"sent"}]}"#, r#"{"status":"deleted"}"#].to_vec()
            }
            _ => vec![
                r#"{"status":"InProgress","isDeleted":true,"signerDetails":[{"signerEmail":"a@example.com"}]}"#,
            ],
        };
        for answer in answers {
            stage.world.inject(Fault::on("GET", "", FaultKind::answer(200, answer)));
        }
        drain(&stage, &list(&stage, "deleted.txt", &[envelope(&stage)]), &[])
            .ends(0)
            .prints("1 envelope, 1 closed");
    }
}

/// Some vendors have one word for voided and expired ones, and a list that tells no more than that.
#[test]
fn an_account_at_any_vendor_is_drained_by_the_states() {
    for vendor in countersign::vendors().iter().filter(|vendor| codes(vendor)) {
        drained_by_the_states(&Stage::at(vendor.name, Vendor::named(vendor.name).expect("it is played")));
    }
}

fn drained_by_the_states(stage: &Stage) {
    let [open, done, voided, expired] = std::array::from_fn(|_| envelope(stage));
    sign_all(stage, &done);
    stage.world.void(&voided, "moved").expect("voided");
    stage.world.expire(&expired).expect("expired");
    let file = list(stage, "documents.txt", &[open.clone(), done, voided, expired]);
    let json = drain(stage, &file, &["--json"]).json();
    let counted = ["open", "done", "closed"].map(|state| json[state].as_u64());
    assert_eq!(counted, [Some(1), Some(1), Some(2)], "{json}");
    assert_eq!(json["waiting_for"][0]["envelope"], Value::from(open.as_str()));
    sign_all(stage, &open);
    drain(stage, &file, &[]).ends(0).quiet().prints("the account can be closed\n");
}

#[test]
fn only_the_lines_of_the_account_count() {
    for stage in Stage::all() {
        let id = envelope(&stage);
        let file = list(&stage, "two.csv", &["account,envelope".to_owned(), format!("trial,{id}")]);
        let mut command = stage.command(&["--account", "other", "drain", "--from", typed(&file)]);
        for (name, value) in stage.variables() {
            command.env(name.replace("TRIAL", "OTHER"), value);
        }
        command.ran("").ends(3).blank().says("no line of the file belongs to the account `other`");
    }
}

#[test]
fn a_wrong_key_is_not_taken_for_an_end() {
    for stage in Stage::all() {
        let file = list(&stage, "wrong-key.txt", &[envelope(&stage)]);
        let arguments = ["drain", "--from", typed(&file), "--json"];
        let ran = stage.command_with_wrong_key(&arguments).ran("");
        assert_eq!((ran.code, ran.json()["can_be_closed"].as_bool()), (4, Some(false)), "{ran:?}");
    }
}
