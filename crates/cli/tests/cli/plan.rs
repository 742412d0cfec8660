//! `countersign plan` at every vendor.

use crate::support::{BACK, Stage, folder, run, run_with};

const ANNA: &str = "email:anna+sign@example.com";

#[test]
fn a_plan_shows_what_the_command_would_send_and_sends_nothing() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let (before, mails) = (stage.world.envelope(&envelope.id), stage.world.outbox().len());
        stage.world.clear_calls();
        let plans = [
            stage.run(&["plan", "recipients", &envelope.id]),
            stage.run(&["plan", "view", &envelope.id, "--recipient", ANNA, "--return-url", BACK]),
            stage.run(&["plan", "resend", &envelope.id, "--recipient", ANNA]),
            stage.run(&[
                "plan",
                "access-code",
                &envelope.id,
                "--recipient",
                ANNA,
                "--generate",
                "8",
                "--notify",
            ]),
        ];
        for ran in &plans {
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        }
        assert_eq!(
            (format!("{:?}", stage.world.envelope(&envelope.id)), stage.world.outbox().len()),
            (format!("{before:?}"), mails)
        );
        assert!(stage.world.calls().iter().all(|call| call.method == "GET"), "{:?}", stage.world.calls());
        stage.snapshot("plan", &plans.map(|ran| without_the_budget(&ran.shown())).join("\n"));
    }
}

/// What is left of the allowance depends on how many calls a sandbox has seen.
fn without_the_budget(text: &str) -> String {
    let lines = text.lines().map(|line| {
        line.split("; ").filter(|part| !part.ends_with(" are left now")).collect::<Vec<_>>().join("; ")
    });
    lines.map(|line| line + "\n").collect()
}

#[test]
fn as_curl_and_as_json() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let arguments = ["plan", "resend", &envelope.id, "--recipient", ANNA, "--as"];
        let curl = stage.run(&[&arguments[..], &["curl"]].concat());
        assert!(curl.out.starts_with("curl "), "{curl:?}");
        assert!(curl.out.contains("\"$ACCESS_TOKEN\"") || curl.out.contains("\"$API_KEY\""), "{curl:?}");
        let json = stage.run(&[&arguments[..], &["json"]].concat());
        let also = stage.run(&["--json", "plan", "resend", &envelope.id, "--recipient", ANNA]);
        assert_eq!(json.json()["steps"], also.json()["steps"]);
        assert_eq!(json.json()["steps"][0]["effect"], "notifies");
    }
}

#[test]
fn a_refusal_is_told_with_its_exit_code() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.run(&[
            "plan",
            "view",
            &envelope.id,
            "--recipient",
            "email:ben@example.com",
            "--return-url",
            BACK,
        ]);
        assert_eq!((ran.code, ran.err.as_str()), (6, ""), "{ran:?}");
        assert!(ran.out.contains("This would be refused before anything is sent:"), "{ran:?}");
        let json =
            stage.run(&["--json", "plan", "resend", &envelope.id, "--recipient", "email:eve@example.com"]);
        assert_eq!((json.code, json.json()["refusal"]["kind"].as_str()), (6, Some("recipient_not_found")));
    }
}

#[test]
fn with_a_list_from_a_file_nobody_is_asked() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let list = folder("plan").join(format!("{}.json", stage.name));
        std::fs::write(&list, stage.run(&["recipients", &envelope.id, "--json"]).out).expect("a file");
        let list = list.to_str().expect("a name");
        let arguments = ["plan", "resend", &envelope.id, "--everyone", "--as", "curl"];
        let online = stage.run(&arguments);
        stage.world.clear_calls();
        let mut offline = stage.command(&[&arguments[..], &["--recipients", list]].concat());
        // Neither a key nor a way there.
        for (name, _) in stage.variables() {
            if name.ends_with("TOKEN") || name.ends_with("API_KEY") {
                offline.env(name, "none");
            }
        }
        let offline = run_with(offline, "");
        assert_eq!((offline.code, &offline.out), (0, &online.out), "{offline:?}");
        assert!(stage.world.calls().is_empty());
    }
}

#[test]
fn a_file_that_is_no_list_and_a_file_of_envelopes() {
    for stage in Stage::all() {
        let file = folder("plan").join(format!("{}-odd.json", stage.name));
        std::fs::write(&file, "{\"recipients\": [{\"id\": \"secret\"}]}").expect("a file");
        let file = file.to_str().expect("a name");
        for list in [file, "/nowhere/list.json"] {
            let ran = stage.run(&["plan", "resend", "e", "--everyone", "--recipients", list]);
            assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
            assert!(
                ran.err.contains("countersign recipients ENVELOPE --json") && !ran.err.contains("secret"),
                "{ran:?}"
            );
        }
        let ran = stage.run(&["plan", "resend", "--from", file]);
        assert_eq!(ran.code, 3, "{ran:?}");
    }
    assert_eq!(run(&["plan"]).code, 2);
}
