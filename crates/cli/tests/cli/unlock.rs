//! `countersign unlock`, and how a locked signer is led to it.

use countersign::provider::Feature;
use countersign_sandbox::{Act, NewRecipient, Vendor};

use crate::support::{ANNA, BACK, Ran, Run, Stage, written};

/// What the vendor was asked to change.
fn changes(stage: &Stage) -> usize {
    stage.world.calls().iter().filter(|call| call.method != "GET").count()
}

#[test]
fn the_vendors_own_way_gives_new_attempts() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.lock(&envelope.id, "1");
        let arguments = ["unlock", &envelope.id, "--recipient", ANNA];
        stage.world.clear_calls();
        let plain = stage.run(&arguments);
        if stage.name == "docusign" {
            assert_eq!(plain.code, 0, "{plain:?}");
            assert_eq!(changes(&stage), 1);
            assert!(stage.accepts(&envelope.id, "Anna2345"));
        } else {
            assert_eq!((plain.code, stage.world.calls().len()), (3, 0), "{plain:?}");
        }
        let locked = stage.envelope();
        stage.lock(&locked.id, "1");
        let (mails, before) = (stage.world.outbox().len(), changes(&stage));
        let made = stage.run(&["unlock", &locked.id, "--recipient", ANNA, "--generate", "8"]);
        assert_eq!((made.code, made.out.trim_end().len()), (0, 8), "{made:?}");
        // Neither the day's one reminder nor any other mail is spent.
        assert_eq!((changes(&stage) - before, stage.world.outbox().len()), (1, mails));
        assert!(stage.accepts(&locked.id, made.out.trim_end()));
        let code = made.out.trim_end();
        stage.snapshot("unlock", &format!("{}\n{}", plain.shown(), made.shown().replace(code, "[code]")));
    }
}

#[test]
fn where_nothing_locks_signers_nothing_is_sent() {
    let lacks = |vendor: &&Vendor| {
        let known = countersign::vendors().iter().find(|one| one.name == vendor.id());
        known.is_some_and(|one| one.facts.offers(Feature::Unlock).is_err())
    };
    let vendors: Vec<Vendor> = Vendor::all().iter().filter(lacks).copied().collect();
    assert!(!vendors.is_empty());
    for vendor in vendors {
        let stage = Stage::at(vendor.id(), vendor);
        let envelope = stage.contract([NewRecipient::new("Anna", "anna+sign@example.com")]);
        for code in [&[][..], &["--generate", "8"]] {
            let ran = stage.run(&[&["unlock", &envelope.id, "--recipient", ANNA], code].concat());
            ran.ends(0).prints("is not locked; nothing was sent");
        }
        assert_eq!(changes(&stage), 0);
    }
}

#[test]
fn the_document_has_the_same_members_at_every_vendor() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let run = |more: &[&str]| {
            stage.run(&[&["--json", "unlock", &envelope.id, "--recipient", ANNA], more].concat())
        };
        let idle = run(&["--generate", "8"]);
        assert_eq!((idle.code, idle.json()["unlocking"].as_str()), (0, Some("not_needed")), "{idle:?}");
        stage.lock(&envelope.id, "1");
        let ran = run(&["--generate", "8"]).json();
        assert_eq!(ran["unlocking"], "unlocked", "{ran}");
        assert_eq!(ran["by"], "new_code");
        assert!(ran["mail"].is_object() && ran["recipient"].is_string());
        assert_eq!(ran["code"].as_str().map(str::len), Some(8));
    }
}

#[test]
fn a_signer_who_is_not_locked_costs_no_mail_and_no_code() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.world.clear_calls();
        for command in [["unlock"].as_slice(), &["plan", "unlock"]] {
            stage
                .run(&[command, &[&envelope.id, "--recipient", ANNA, "--generate", "8"]].concat())
                .ends(0)
                .prints("is not locked; nothing was sent");
        }
        assert_eq!(changes(&stage), 0);
        assert!(stage.accepts(&envelope.id, "Anna2345"));
    }
}

#[test]
fn another_failed_check_is_refused_with_the_vendors_way() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let mut list = stage.run(&["recipients", &envelope.id, "--json"]).json();
        list["recipients"][0]["access_code"] = "passed".into();
        list["recipients"][0]["other_checks"] = serde_json::json!([{"method": "sms", "failed": true}]);
        let file = &written("unlock", &format!("{}.json", stage.name), list.to_string());
        let plan = ["plan", "unlock", &envelope.id, "--recipient", ANNA, "--generate", "8"];
        let ran = stage.run(&[&plan[..], &["--recipients", file]].concat()).ends(6);
        let way = if stage.name == "docusign" { "is: a resend" } else { "Resume signing" };
        assert!(ran.err.contains("failed the check sms") && ran.err.contains(way), "{ran:?}");
        if stage.name == "docusign" {
            let dora = NewRecipient { identity_check: true, ..NewRecipient::new("Dora", "dora@example.com") };
            let envelope = stage.contract([dora]);
            stage.world.act(&envelope.id, "1", Act::FailIdentityCheck).expect("an answer");
            stage.world.clear_calls();
            let ran = stage.run(&["unlock", &envelope.id, "--recipient", "id:1"]);
            assert_eq!((ran.code, changes(&stage)), (6, 0), "{ran:?}");
        }
    }
}

#[test]
fn a_plan_shows_the_vendors_way_and_its_cost() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.lock(&envelope.id, "1");
        stage.world.clear_calls();
        let arguments: &[&str] = if stage.name == "docusign" { &[] } else { &["--generate", "8"] };
        let command = ["plan", "unlock", &envelope.id, "--recipient", ANNA];
        let ran = stage.run(&[&command, arguments].concat());
        assert_eq!((ran.code, changes(&stage)), (0, 0), "{ran:?}");
        assert!(ran.out.contains("they are locked, and this unlocks them"), "{ran:?}");
        // The code change at BoldSign does not read the list once more.
        let cost = if stage.name == "boldsign" { ": 1 to read, 1 to" } else { ": 2 to read, 1 to" };
        assert!(ran.out.contains("Anna") && ran.out.contains(cost), "{ran:?}");
        assert_eq!(
            stage.run(&[&command, arguments, &["--json"]].concat()).json()["steps"][0]["effect"].as_str(),
            Some(if stage.name == "docusign" { "notifies" } else { "sets_state" })
        );
    }
}

/// The command between backticks that begins with our name.
fn pasted(stage: &Stage, ran: &Ran) -> Ran {
    let text = format!("{}{}", ran.out, ran.err);
    let (_, rest) = text.split_once("`countersign ").unwrap_or_else(|| panic!("no command in {ran:?}"));
    let (line, _) = rest.split_once('`').expect("its end");
    let mut shell = std::process::Command::new("sh");
    let line = format!("\"$0\" {line}");
    shell.args(["-c", &line, env!("CARGO_BIN_EXE_countersign")]).env_clear().envs(stage.variables());
    shell.ran("")
}

#[test]
fn a_locked_signer_comes_with_a_command_that_works_as_it_stands() {
    for stage in Stage::all() {
        let commands: [&[&str]; 3] = [
            &["recipients"],
            &["view", "--recipient", ANNA, "--return-url", BACK],
            &["resend", "--recipient", ANNA],
        ];
        for command in commands {
            let envelope = stage.envelope();
            stage.lock(&envelope.id, "1");
            let ran = stage.run(&[command, &[&format!("trial:{}", envelope.id)]].concat());
            if ran.out.contains("the signer has new attempts") {
                continue;
            }
            let unlocked = pasted(&stage, &ran);
            assert_eq!(unlocked.code, 0, "{ran:?} {unlocked:?}");
            let code = match unlocked.out.trim_end() {
                code if code.len() == 8 => code,
                _ => "Anna2345",
            };
            assert!(stage.accepts(&envelope.id, code));
        }
    }
}

#[test]
fn an_explanation_names_the_way_of_the_accounts_vendor() {
    for stage in Stage::all() {
        let ran = stage.run(&["--account", "trial", "explain", "recipient-locked"]);
        let (own, other) = match stage.name {
            "docusign" => ("a resend, `countersign unlock", "boldsign"),
            _ => ("--generate 8`", "docusign"),
        };
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains(own) && !ran.out.contains(other), "{ran:?}");
        let all = stage.run(&["explain", "recipient-locked"]);
        assert!(all.out.contains("docusign") && all.out.contains("boldsign"), "{all:?}");
        stage.run(&["--account", "nowhere", "explain", "recipient-locked"]).ends(3);
    }
}
