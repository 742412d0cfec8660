//! `countersign recipients` at every vendor.

use crate::support::{self, BACK, Run, Stage, VENDORS};
use countersign_sandbox::{Act, Fault, FaultKind, NewRecipient};

#[test]
fn a_table_for_people_and_a_document_for_programs() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.sign(&envelope.id, "1", "Anna2345");
        stage.lock(&envelope.id, "2");
        stage.snapshot("recipients", &stage.run(&["recipients", &envelope.id]).shown());
        let ran = stage.run(&["--json", "recipients", &envelope.id]).ends(0).quiet();
        let people = ran.json();
        assert_eq!(people["recipients"][0]["status"], "signed");
        assert_eq!(people["recipients"][1]["access_code"], "failed");
        stage.snapshot("recipients_json", &ran.shown());
    }
}

#[test]
fn a_narrow_terminal_breaks_no_address() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.command(&["recipients", &envelope.id]).env("COLUMNS", "60").ran("");
        assert!(ran.out.contains("reached at  anna+sign@example.com\n"), "{}", ran.out);
    }
}

#[test]
fn names_from_outside_cannot_drive_the_terminal() {
    for stage in Stage::all() {
        let hostile = "Eve\u{1b}[2J\u{7}\u{9b}31m\u{202e}";
        let eve = NewRecipient::new(hostile, "eve@example.com");
        let envelope = stage.contract([eve]);
        let declined = Act::Decline { reason: "no\u{1b}]0;owned\u{7}".into() };
        stage.world.act(&envelope.id, "1", declined).expect("declined");
        for arguments in [vec!["recipients", &envelope.id], vec!["recipients", &envelope.id, "--json"]] {
            let ran = stage.run(&arguments).ends(0);
            let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!ran.out.contains(bad) && !ran.err.contains(bad), "{ran:?}");
        }
        let ran = stage.run(&["recipients", &envelope.id, "--json"]);
        assert_eq!(ran.json()["recipients"][0]["name"], hostile);
    }
}

#[test]
fn an_envelope_that_is_not_there() {
    for stage in Stage::all() {
        let shown: Vec<String> = ["00000000-0000-4000-8000-000000000000", "no such/envelope?x=1", "ü"]
            .iter()
            .map(|id| {
                let ran = stage.run(&["recipients", id]).ends(5);
                assert_eq!(ran.out, "");
                ran.shown()
            })
            .collect();
        stage.snapshot("recipients_of_nothing", &shown.join("\n"));
        let ran =
            stage.run(&["recipients", "00000000-0000-4000-8000-000000000000", "--json"]).ends(5).quiet();
        stage.snapshot("recipients_of_nothing_json", &ran.shown());
    }
}

#[test]
fn ids_that_cannot_be_ids_are_a_wrong_command_line() {
    for id in ["", "..", " x"] {
        assert_eq!(support::run(&["recipients", id]).code, 2, "{id:?}");
    }
}

#[test]
fn what_stands_in_the_way_has_an_exit_code_of_its_own() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let page = "<html><title>502</title>\u{1b}[2J</html>";
        let mut shown = Vec::new();
        for (fault, code) in [
            (FaultKind::answer(502, page), 8),
            (FaultKind::answer(200, "{\"signers\": 7, \"signerDetails\": 7}"), 8),
            (FaultKind::answer(429, ""), 7),
            (FaultKind::answer(403, "{\"error\": \"no\"}"), 0),
        ] {
            // As often as the command may ask.
            stage.world.inject(Fault::on("GET", "", fault).times(5));
            let ran = stage.run(&["recipients", &envelope.id]);
            stage.world.clear_faults();
            assert!(code == 0 || ran.code == code, "{ran:?}");
            assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
            shown.push(ran.shown());
        }
        stage.snapshot("recipients_in_the_way", &shown.join("\n"));
    }
    let ran = support::command(&["recipients", "e"])
        .envs([
            ("COUNTERSIGN_ACCOUNTS__A__VENDOR", "boldsign"),
            ("COUNTERSIGN_ACCOUNTS__A__BASE_URL", "http://127.0.0.1:9"),
            ("COUNTERSIGN_ACCOUNTS__A__AUTH__KIND", "api_key"),
            ("COUNTERSIGN_ACCOUNTS__A__AUTH__API_KEY", "k"),
        ])
        .ran("")
        .ends(8);
    support::snapshot("recipients_no_connection", &ran.shown());
}

#[test]
fn an_envelope_of_another_account_names_the_account_that_was_asked_and_the_others() {
    let (here, there) = (Stage::at("docusign", VENDORS[0].1), Stage::at("boldsign", VENDORS[1].1));
    // Each sandbox makes the same ids in the same order.
    there.envelope();
    here.envelope();
    for (stage, other) in [(&here, &there), (&there, &here)] {
        let envelope = std::iter::repeat_with(|| other.envelope().id)
            .find(|id| stage.world.envelope(id).is_none())
            .expect("an envelope that only one of them has");
        let run = |arguments: &[&str]| {
            let mut command = stage.command(arguments);
            for (name, value) in other.variables() {
                command.env(name.replace("TRIAL", "OTHER"), value);
            }
            command.ran("")
        };
        for arguments in [
            ["recipients", envelope.as_str()].as_slice(),
            &["resend", &envelope, "--everyone"],
            &["view", &envelope, "--recipient", "id:1", "--return-url", BACK],
            &["plan", "recipients", &envelope],
        ] {
            let ran = run(&[&["--account", "trial"], arguments].concat()).ends(5);
            let asked = format!("account asked: trial ({})", stage.name);
            assert!(ran.err.contains(&asked), "{ran:?}");
            assert!(ran.err.contains(&format!("also configured: other ({})", other.name)), "{ran:?}");
            assert!(ran.err.contains("`other:ENVELOPE`"), "{ran:?}");
        }
        assert_eq!(run(&["recipients", &format!("other:{envelope}")]).code, 0);
        // With one account there is no other to name.
        let alone = stage.run(&["recipients", &envelope]);
        assert!(alone.err.contains("account asked: trial") && !alone.err.contains("ENVELOPE`"), "{alone:?}");
    }
}

#[test]
fn nothing_is_said_of_turns_while_the_envelope_may_be_over() {
    for stage in Stage::all() {
        let envelope = stage.envelope().id;
        stage.world.void(&envelope, "moved").expect("voided");
        let listed = stage.run(&["recipients", &envelope]);
        assert!(!listed.out.contains("current order"), "{listed:?}");
        let known = stage.name == "boldsign";
        assert_eq!(listed.out.contains("envelope: voided"), known, "{listed:?}");
        assert_eq!(
            listed.out.contains("status unknown, it may have ended; --envelope-status"),
            !known,
            "{listed:?}"
        );
        let asked = stage.run(&["recipients", &envelope, "--envelope-status", "--json"]).json();
        assert_eq!(asked["envelope_status"], "voided");
        assert!(asked["current_order"].is_null() && asked["recipients"][0]["in_turn"] == false, "{asked}");
    }
}
