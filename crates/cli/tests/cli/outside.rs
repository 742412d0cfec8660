//! `-v` and `--trace-http` at every vendor: what is seen from outside, and what must not be.

use std::path::PathBuf;

use crate::support::{ANNA, BACK, Run, Stage, command, folder, is_private, typed};
use countersign_sandbox::{Fault, FaultKind};
use serde_json::Value;

/// Planted by the stage and by the tests; none may be seen.
const PLANTED: [&str; 6] = ["Anna2345", "Ben23456", "Fresh2345", "Zoë", "anna+sign", "ben@"];

/// Every operation once, one of them refused with what was sent thrown back; what each run showed on stderr.
fn all_operations(stage: &Stage, options: &[&str]) -> (String, Vec<String>) {
    let envelope = stage.envelope();
    let mut secrets: Vec<String> = PLANTED.map(str::to_owned).into();
    secrets.extend(
        stage
            .variables()
            .into_iter()
            .filter(|(name, _)| name.contains("KEY") || name.contains("TOKEN"))
            .map(|(_, value)| value),
    );
    let mut said = String::new();
    let id = envelope.id.as_str();
    let (method, path) = stage.code_change();
    // What was sent with the refused call; a vendor may throw it back.
    let sent = |secret: &&String| *secret == "Fresh2345" || !PLANTED.contains(&secret.as_str());
    let echo = secrets.iter().filter(sent).cloned().collect::<Vec<_>>().join(" ");
    for arguments in [
        ["recipients", id].as_slice(),
        &["view", id, "--recipient", ANNA, "--return-url", BACK],
        &["resend", id, "--recipient", ANNA],
        &["access-code", id, "--recipient", ANNA, "--code-stdin"],
        &["access-code", id, "--recipient", ANNA, "--code-stdin", "again"],
    ] {
        let mut arguments = [options, arguments].concat();
        if arguments.last() == Some(&"again") {
            arguments.pop();
            let body =
                serde_json::json!({"errorCode": "BAD\u{1b}[2J", "message": format!("\u{1b}[31m{echo}")})
                    .to_string();
            stage.world.inject(Fault::on(method, path, FaultKind::answer(400, &body)));
        }
        let ran = stage.command(&arguments).ran("Fresh2345\n");
        assert!(ran.code == 0 || ran.code == 3, "{ran:?}");
        if arguments.contains(&"view") {
            let link = ran.out.trim().to_owned();
            secrets.push(link.rsplit('/').next().expect("a token").to_owned());
        }
        said.push_str(&ran.err);
    }
    (said, secrets)
}

fn lines(file: &PathBuf) -> (String, Vec<Value>) {
    let text = std::fs::read_to_string(file).expect("a trace");
    let records = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    (text, records)
}

#[test]
fn a_trace_has_the_exchanges_and_no_secret() {
    for stage in Stage::all() {
        let file = folder(&format!("trace-{}", stage.name)).join("trace.jsonl");
        let (_, secrets) = all_operations(&stage, &["--trace-http", typed(&file)]);
        let (text, records) = lines(&file);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in the trace");
        }
        assert!(!text.contains('\u{1b}'));
        assert!(records.len() >= 8, "{}", records.len());
        for record in &records {
            let (request, answer) = (&record["request"], &record["answer"]);
            assert!(answer["status"].is_number() && request["path"].is_string(), "{record}");
            assert!(answer["headers"]["date"].is_string(), "{record}");
            assert!(record["operation"].is_string() && request["effect"].is_string(), "{record}");
        }
        let refused: Vec<&Value> =
            records.iter().filter(|record| record["answer"]["status"] == 400).collect();
        assert_eq!(refused.len(), 1);
        assert!(refused[0]["answer"]["body"].to_string().contains("{secret:"));
        assert!(refused[0]["request"]["body"].to_string().contains("{secret:"));
        is_private(&file);
    }
}

#[test]
fn a_trace_tells_what_got_no_answer_and_a_file_that_cannot_be_written_stops_the_call() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let file = folder(&format!("trace-cut-{}", stage.name)).join("trace.jsonl");
        let cut = FaultKind::Drop { drop: countersign_sandbox::DropWhen::BeforeWork };
        stage.world.inject(Fault::on("GET", "", cut).times(9));
        stage.run(&["recipients", &envelope.id, "--trace-http", typed(&file)]).ends(8);
        let (_, records) = lines(&file);
        assert!(
            records
                .iter()
                .all(|record| record["fault"]["may_have_arrived"] == true && record["answer"].is_null())
        );
        stage.world.clear_faults();
        stage.world.clear_calls();
        stage.run(&["recipients", &envelope.id, "--trace-http", "/nowhere/at/all"]).ends(3);
        assert!(stage.world.calls().is_empty());
    }
}

#[test]
fn what_is_logged_shows_no_secret_and_drives_no_terminal() {
    for stage in Stage::all() {
        let (quiet, _) = all_operations(&stage, &[]);
        assert!(!quiet.contains("answered"));
        for option in ["-v", "-vv"] {
            let (said, secrets) = all_operations(&stage, &[option]);
            assert!(said.contains("INFO") && said.contains(stage.name), "{said}");
            assert!(!said.contains('\u{1b}'));
            let logged: String = said.lines().filter(|line| line.contains(" countersign")).collect();
            for secret in &secrets {
                assert!(!logged.contains(secret.as_str()), "{secret} is in the log: {said}");
            }
        }
    }
}

#[test]
fn the_usual_variable_for_logs_is_respected() {
    let stage = Stage::all().next().expect("a vendor");
    let envelope = stage.envelope();
    let run = |variable: &str, options: &[&str]| {
        stage
            .command(&[options, &["recipients", &envelope.id]].concat())
            .env("RUST_LOG", variable)
            .ran("")
            .err
    };
    assert!(run("info", &[]).contains("INFO"));
    assert!(
        run("trace", &[]).lines().all(|line| line.contains(" countersign")),
        "other crates may show keys"
    );
    assert_eq!(run("off", &["-v"]), "");
    assert_eq!(run("", &[]), "");
    assert!(run("=?=", &["-v"]).contains("RUST_LOG is not valid"));
    assert_eq!(command(&["--help", "-vv"]).env("RUST_LOG", "trace").ran("").err, "");
}
