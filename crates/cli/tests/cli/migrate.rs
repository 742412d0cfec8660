//! `countersign migrate`: the check in both directions, and files that are wrong.

use crate::support::{command, folder, run, run_with, snapshot};

/// An application with a bit of everything.
const CALLS: &str = r#"
[[call]]
name = "sign in the app"
operation = "create_view"
recipient = "email"
relies_on = ["return_outcome"]
errors = ["recipient_locked", "recipient_not_embedded"]
calls_per_hour = 1200

[[call]]
name = "remind"
operation = "resend_recipient"
recipient = "email"
resends_per_day = 2

[[call]]
name = "new code"
operation = "change_access_code"
recipient = "client_user_id"
arguments = ["notify"]
relies_on = ["unlocks"]

[[call]]
name = "who has signed"
operation = "list_recipients"
reads = ["name", "email", "signed_at", "sent_at"]
statuses = ["notified", "signed", "declined"]

[[envelope]]
name = "rental contract"
uses = ["signer", "access_code", "routing_order", "carbon_copy", "client_user_id", "anchor_strings"]
stages = ["sent", "completed", "voided"]
"#;

fn check(rest: &[&str], calls: &str) -> crate::support::Ran {
    let arguments = [["migrate", "check"].as_slice(), rest, &["--calls", "-"]].concat();
    run_with(command(&arguments), calls)
}

#[test]
fn without_calls_nothing_is_lost_that_is_not_there_now() {
    for vendor in ["docusign", "boldsign"] {
        let ran = run(&["migrate", "check", "--from", vendor, "--to", vendor]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.out.contains("none"), "{}", ran.out);
    }
}

#[test]
fn forth_and_back() {
    for (name, from, to, code) in
        [("forth", "docusign", "boldsign", 11), ("back", "boldsign", "docusign", 10)]
    {
        let sides = ["--from", from, "--to", to];
        let ran = check(&sides, CALLS);
        assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{ran:?}");
        snapshot(&format!("migrate_{name}"), &ran.shown());
        let ran = check(&[sides.as_slice(), &["--markdown"]].concat(), CALLS);
        assert_eq!(ran.code, code);
        snapshot(&format!("migrate_{name}_markdown"), &ran.shown());
    }
}

#[test]
fn for_programs() {
    let ran = check(&["--from", "docusign", "--to", "boldsign", "--json"], CALLS);
    assert_eq!(ran.code, 11);
    let report = ran.json();
    assert_eq!((&report["from"]["name"], &report["to"]["name"]), (&"docusign".into(), &"boldsign".into()));
    assert_eq!(report["verdict"], "impossible");
    let rows = report["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 5);
    assert_eq!((&rows[0]["operation"], &rows[0]["name"]), (&"create_view".into(), &"sign in the app".into()));
    assert_eq!((&rows[0]["http_calls"]["from"], &rows[0]["http_calls"]["to"]), (&2.into(), &2.into()));
    let worst = &rows[0]["changes"][0];
    assert_eq!((&worst["topic"], &worst["verdict"]), (&"link".into(), &"impossible".into()));
    assert!(worst["nearest"].as_str().is_some_and(|way| way.contains("list the recipients")), "{worst}");
    assert_eq!((&report["budget"]["needed"], &report["budget"]["fits"]), (&2400.into(), &false.into()));
}

#[test]
fn the_exit_code_is_the_verdict() {
    let sides = ["--from", "docusign", "--to", "boldsign"];
    for (calls, code) in [
        ("[[envelope]]\nuses = [\"signer\", \"subject\"]", 0),
        ("{\"uses\": [\"signer\"]}\n{\"operation\": \"list_recipients\"}", 10),
        ("[[call]]\noperation = \"create_view\"\nrecipient = \"client_user_id\"", 11),
        ("[[call]]\noperation = \"list_recipients\"\ncalls_per_hour = 2001", 11),
    ] {
        let ran = check(&sides, calls);
        assert_eq!(ran.code, code, "{ran:?}");
    }
    let all = run(&["migrate", "check", "--from", "docusign", "--to", "boldsign"]);
    assert_eq!((all.code, all.err.as_str()), (11, ""));
    assert!(all.out.starts_with("docusign -> boldsign: 0 same, 4 differ, 1 impossible"), "{}", all.out);
}

#[test]
fn it_fits_a_terminal() {
    for width in [80, 100, 120] {
        for (from, to) in [("docusign", "boldsign"), ("boldsign", "docusign")] {
            let mut command = command(&["migrate", "check", "--from", from, "--to", to]);
            command.env("COLUMNS", width.to_string());
            let ran = run_with(command, "");
            let rows = ran.out.lines().filter(|line| !line.starts_with("calls in an hour"));
            let longest = rows.map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(longest <= width, "{longest} columns at {width}");
        }
    }
}

#[test]
fn the_template_can_be_checked_as_it_stands() {
    let template = run(&["migrate", "template"]);
    assert_eq!((template.code, template.err.as_str()), (0, ""));
    let ran = check(&["--from", "docusign", "--to", "boldsign"], &template.out);
    assert_eq!(ran.code, 11, "{ran:?}");
    assert!(run(&["migrate", "template", "--json"]).json()["template"].is_string());
}

#[test]
fn the_vendors_of_accounts() {
    let folder = folder("migrate");
    let file = folder.join("countersign.toml");
    // Credentials that cannot be read: nobody looks at them.
    let accounts = "[accounts.acme]\nvendor = \"docusign\"\n[accounts.beta]\nvendor = \"boldsign\"\n";
    std::fs::write(&file, accounts).expect("a file");
    let config = file.to_str().expect("a name");
    let sides = ["--config", config, "--account-from", "acme", "--account-to", "beta"];
    let ran = check(&sides, "[[call]]\noperation = \"list_recipients\"");
    assert_eq!(ran.code, 10, "{ran:?}");
    assert!(ran.out.starts_with("docusign -> boldsign"));
    let ran = check(&["--config", config, "--account-from", "acme", "--account-to", "gamma"], "");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("gamma") && ran.err.contains("acme, beta"), "{}", ran.err);
}

#[test]
fn what_is_wrong() {
    let mut shown = Vec::new();
    for (rest, calls) in [
        (["--from", "docusign", "--to", "boldsign"].as_slice(), "[[call]]\noperation = \"creat_view\"\n"),
        (&["--from", "docusign", "--to", "boldsign"], "[[call]]\noperation = \"create_view\"\nuses = []\n"),
        (&["--from", "docusign", "--to", "boldsign"], ""),
        (&["--from", "docusign"], ""),
        (&["--from", "docusign", "--to", "acrobat"], ""),
        (&["--from", "docusign", "--account-from", "a", "--to", "boldsign"], ""),
        (&["--from", "docusign", "--to", "boldsign", "--markdown", "--json"], ""),
    ] {
        let ran = check(rest, calls);
        assert!([2, 3].contains(&ran.code), "{ran:?}");
        shown.push(ran.shown());
    }
    let ran = run(&["migrate", "check", "--from", "docusign", "--to", "boldsign", "--calls", "/nowhere"]);
    assert_eq!(ran.code, 3);
    shown.push(ran.shown());
    snapshot("migrate_wrong", &shown.join("\n"));
}

/// A cassette as the recorder writes it, with the calls alone.
const CASSETTE: &str = r#"{
  "cassette": 1,
  "vendor": "docusign",
  "story": "lock-out",
  "source": "sandbox",
  "calls": [
    {"operation": "list_recipients", "request": {"envelope": "{id:1}"}, "exchanges": []},
    {"operation": "list_recipients", "request": {"envelope": "{id:2}"}, "exchanges": []},
    {"operation": "sign_in", "request": {}, "exchanges": []},
    {
      "operation": "create_view",
      "request": {"envelope": "{id:1}", "recipient": "client:7", "return_url": "https://url-1.example.com/"},
      "exchanges": []
    },
    {
      "operation": "change_access_code",
      "request": {"envelope": "{id:1}", "recipient": "email:person-1@example.com", "code": "[redacted]", "notify": true},
      "exchanges": []
    }
  ]
}
"#;

#[test]
fn recorded_calls() {
    let folder = folder("migrate-cassettes");
    std::fs::write(folder.join("lock-out.cassette.json"), CASSETTE).expect("a file");
    let name = folder.to_str().expect("a name");
    let check =
        |from, to| run(&["migrate", "check", "--from", from, "--to", to, "--cassettes", name, "--json"]);
    let ran = check("docusign", "boldsign");
    assert_eq!(ran.code, 11, "{ran:?}");
    let report = ran.json();
    let rows: Vec<(&str, &str, &str)> = report["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let text = |member: &str| row[member].as_str().expect("a text");
            (text("operation"), text("name"), text("verdict"))
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("list_recipients", "2 times in lock-out", "differs"),
            ("create_view", "recipient by client user id, once in lock-out", "impossible"),
            ("change_access_code", "recipient by email, notify, once in lock-out", "differs"),
        ]
    );
    let ran = check("boldsign", "docusign");
    assert_eq!(ran.code, 3);
    assert!(ran.out.contains("has no calls to boldsign: its cassettes are of: docusign"), "{}", ran.out);
    let nowhere =
        run(&["migrate", "check", "--from", "docusign", "--to", "boldsign", "--cassettes", "/nowhere"]);
    assert_eq!(nowhere.code, 3);
    assert!(nowhere.err.contains("/nowhere") && nowhere.err.contains("next: "), "{}", nowhere.err);
}
