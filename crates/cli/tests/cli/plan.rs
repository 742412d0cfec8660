//! `countersign plan` at every vendor.

use crate::support::{ANNA, BACK, Run, Stage, run, written};

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
        stage
            .run(&[
                "plan",
                "view",
                &envelope.id,
                "--recipient",
                "email:ben@example.com",
                "--return-url",
                BACK,
            ])
            .ends(6)
            .quiet()
            .prints("This would be refused before anything is sent:");
        let json =
            stage.run(&["--json", "plan", "resend", &envelope.id, "--recipient", "email:eve@example.com"]);
        assert_eq!((json.code, json.json()["refusal"]["kind"].as_str()), (6, Some("recipient_not_found")));
    }
}

#[test]
fn with_a_list_from_a_file_nobody_is_asked() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let list = stage.run(&["recipients", &envelope.id, "--json"]).out;
        let list = &written("plan", &format!("{}.json", stage.name), list);
        let arguments = ["plan", "resend", &envelope.id, "--everyone", "--as", "curl"];
        let online = stage.run(&arguments);
        stage.world.clear_calls();
        let offline = [&arguments[..], &["--recipients", list]].concat();
        let offline = stage.command_with_wrong_key(&offline).ran("");
        assert_eq!((offline.code, &offline.out), (0, &online.out), "{offline:?}");
        assert!(stage.world.calls().is_empty());
    }
}

#[test]
fn a_file_that_is_no_list_and_a_file_of_envelopes() {
    for stage in Stage::all() {
        let file =
            &written("plan", &format!("{}-odd.json", stage.name), "{\"recipients\": [{\"id\": \"secret\"}]}");
        for list in [file, "/nowhere/list.json"] {
            stage
                .run(&["plan", "resend", "e", "--everyone", "--recipients", list])
                .ends(3)
                .blank()
                .says("countersign recipients ENVELOPE --json")
                .hides("secret");
        }
        stage.run(&["plan", "resend", "--from", file]).ends(3);
    }
    assert_eq!(run(&["plan"]).code, 2);
}
