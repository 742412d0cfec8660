//! `countersign access-code` at every vendor.

use crate::support::{self, ANNA, Ran, Run, Stage};
use countersign_sandbox::NewRecipient;

fn change(stage: &Stage, envelope: &str, recipient: &str, input: &str) -> Ran {
    stage.command(&["access-code", envelope, "--recipient", recipient, "--code-stdin"]).ran(input)
}

#[test]
fn from_standard_input_and_from_a_variable() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = change(&stage, &envelope.id, ANNA, "Fresh2345\n").ends(0).hides("Fresh2345");
        assert!(stage.accepts(&envelope.id, "Fresh2345"));
        let json = stage
            .command(&["access-code", &envelope.id, "--recipient", ANNA, "--code-env", "NEW", "--json"])
            .env("NEW", "Other2345")
            .ran("")
            .ends(0)
            .hides("Other2345");
        assert!(stage.accepts(&envelope.id, "Other2345"));
        stage.snapshot("access_code", &format!("{}\n{}", ran.shown(), json.shown()));
    }
}

#[test]
fn a_made_code_is_shown_once_and_works() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.run(&["access-code", &envelope.id, "--recipient", ANNA, "--generate", "10"]);
        assert_eq!((ran.code, ran.out.trim_end().len()), (0, 10), "{ran:?}");
        let code = ran.out.trim_end();
        assert!(!ran.err.contains(code));
        assert!(stage.accepts(&envelope.id, code));
        let json =
            stage.run(&["access-code", &envelope.id, "--recipient", ANNA, "--generate", "6", "--json"]);
        assert_eq!(json.err, "");
        let other = json.json()["code"].as_str().expect("a code").to_owned();
        assert_ne!(other, code);
        assert!(stage.accepts(&envelope.id, &other));
        let shown =
            format!("{}\n{}", ran.shown().replace(code, "[code]"), json.shown().replace(&other, "[code]"));
        stage.snapshot("access_code_made", &shown);
    }
}

#[test]
fn a_locked_signer_gets_new_attempts_with_notify() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.lock(&envelope.id, "1");
        let ran = stage
            .run(&["access-code", &envelope.id, "--recipient", ANNA, "--generate", "8", "--notify"])
            .ends(0);
        let code = ran.out.trim_end().to_owned();
        assert!(stage.accepts(&envelope.id, &code));
        stage.snapshot("access_code_unlocks", &ran.shown().replace(&code, "[code]"));
    }
}

#[test]
fn a_made_code_that_may_have_been_set_is_not_lost() {
    for stage in Stage::all() {
        for as_json in [false, true] {
            let envelope = stage.envelope();
            stage.cut_code_changes(30);
            let mut arguments = vec!["access-code", &envelope.id, "--recipient", ANNA, "--generate", "8"];
            arguments.extend(as_json.then_some("--json"));
            let ran = stage.run(&arguments);
            stage.world.clear_faults();
            assert_eq!(ran.code, 9, "{ran:?}");
            let code = match as_json {
                true => ran.json()["code"].as_str().expect("a code").to_owned(),
                false => ran.out.trim_end().to_owned(),
            };
            assert!(stage.accepts(&envelope.id, &code), "{ran:?}");
            assert!(as_json || ran.err.contains("may have been set"), "{ran:?}");
        }
    }
}

#[test]
fn refusals_say_why_and_what_next() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let refused = |recipient: &str, input: &str| {
            let ran = change(&stage, &envelope.id, recipient, input).blank();
            assert_ne!(ran.code, 0, "{ran:?}");
            ran.shown()
        };
        let plain = NewRecipient::new("Carl", "carl@example.com");
        let without = stage.contract([plain]);
        let mut shown = vec![
            refused(ANNA, ""),
            refused(ANNA, "two\nlines\n"),
            refused(ANNA, &"x".repeat(51)),
            refused("email:nobody@example.com", "Fresh2345"),
        ];
        stage.sign(&envelope.id, "1", "Anna2345");
        shown.push(refused(ANNA, "Fresh2345"));
        let carl = if stage.name == "docusign" { "id:1" } else { "email:carl@example.com" };
        shown.push(change(&stage, &without.id, carl, "Fresh2345").shown());
        let all = shown.join("\n");
        assert!(!all.contains("Fresh2345"));
        stage.snapshot("access_code_refused", &all);
    }
}

#[test]
fn a_variable_that_is_not_there() {
    let stage = Stage::all().next().expect("a vendor");
    let ran = stage.run(&["access-code", "e", "--recipient", "id:1", "--code-env", "NOWHERE"]).ends(3);
    support::snapshot("access_code_no_variable", &ran.shown());
}
