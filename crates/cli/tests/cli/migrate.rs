//! `countersign migrate`: the check in both directions, and files that are wrong.

use crate::support::{Ran, Run, command, folder, run, snapshot, typed, written};

/// An application with a bit of everything.
const CALLS: &str = r#"
[[call]]
name = "sign in the app"
operation = "create_view"
recipient = "email"
arguments = ["frame_ancestors"]
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
uses = ["signer", "access_code", "routing_order", "carbon_copy", "client_user_id", "anchor_strings", "server_template"]
stages = ["sent", "completed", "voided"]
events = ["envelope_completed", "recipient_signed", "recipient_notified"]
"#;

const FORTH: [&str; 4] = ["--from", "docusign", "--to", "boldsign"];
const BACK: [&str; 4] = ["--from", "boldsign", "--to", "docusign"];

fn check(rest: &[&str], calls: &str) -> Ran {
    let arguments = [["migrate", "check"].as_slice(), rest, &["--calls", "-"]].concat();
    command(&arguments).ran(calls)
}

/// As [`check`], on a terminal of this width.
fn check_in(columns: usize, sides: [&str; 4], calls: &str) -> Ran {
    let arguments = [["migrate", "check"].as_slice(), &sides, &["--calls", "-"]].concat();
    command(&arguments).env("COLUMNS", columns.to_string()).ran(calls)
}

#[test]
fn without_calls_nothing_is_lost_that_is_not_there_now() {
    for vendor in ["docusign", "boldsign"] {
        run(&["migrate", "check", "--from", vendor, "--to", vendor]).ends(0).hides("none");
    }
}

#[test]
fn forth_and_back() {
    for (name, sides, code) in [("forth", FORTH, 11), ("back", BACK, 10)] {
        let ran = check(&sides, CALLS).ends(code).quiet();
        snapshot(&format!("migrate_{name}"), &ran.shown());
        let ran = check(&[sides.as_slice(), &["--markdown"]].concat(), CALLS).ends(code);
        snapshot(&format!("migrate_{name}_markdown"), &ran.shown());
    }
}

#[test]
fn for_programs() {
    let ran = check(&[FORTH.as_slice(), &["--json"]].concat(), CALLS).ends(11);
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
    let errors = report["errors"].as_array().expect("errors");
    let not_found = errors.iter().filter(|error| error["what"] == "envelope_not_found").collect::<Vec<_>>();
    assert_eq!(not_found.len(), 1, "{errors:?}");
    assert_eq!(not_found[0]["operations"].as_array().map(Vec::len), Some(4));
    assert_eq!((&report["budget"]["needed"], &report["budget"]["fits"]), (&2400.into(), &false.into()));
}

#[test]
fn the_exit_code_is_the_verdict() {
    for (calls, code) in [
        ("[[envelope]]\nuses = [\"signer\", \"subject\"]", 0),
        ("{\"uses\": [\"signer\"]}\n{\"operation\": \"list_recipients\"}", 10),
        ("[[call]]\noperation = \"create_view\"\nrecipient = \"client_user_id\"", 11),
        ("[[call]]\noperation = \"list_recipients\"\ncalls_per_hour = 2001", 11),
    ] {
        check(&FORTH, calls).ends(code);
    }
    let all = run(&["migrate", "check", "--from", "docusign", "--to", "boldsign"]).ends(11).quiet();
    let head = "docusign -> boldsign: 4 calls and 1 envelope: 4 differ, 1 impossible\n";
    assert!(all.out.starts_with(head), "{}", all.out);
    let one = check(&FORTH, "[[call]]\noperation = \"list_recipients\"");
    assert!(one.out.starts_with("docusign -> boldsign: 1 call: 1 differs\n"), "{}", one.out);
}

#[test]
fn what_needs_nothing_in_its_place_is_to_be_left_out() {
    for argument in ["frame_ancestors", "message_origins"] {
        let calls = format!("[[call]]\noperation = \"create_view\"\narguments = [\"{argument}\"]");
        let ran = check_in(300, FORTH, &calls).ends(10);
        let is_it = |line: &&str| line.starts_with("leave out") && line.contains("argument");
        assert_eq!(
            ran.out.lines().filter(is_it).count(),
            2,
            "in the call, and among what to change: {}",
            ran.out
        );
        assert!(!ran.out.contains("impossible"), "{}", ran.out);
    }
    check(&FORTH, "[[envelope]]\nuses = [\"client_user_id\"]")
        .ends(10)
        .begins("docusign -> boldsign: 1 envelope: 1 to leave out\n");
    // A ping has a purpose that something else has to serve.
    check(&FORTH, "[[call]]\noperation = \"create_view\"\narguments = [\"ping\"]").ends(11);
}

#[test]
fn what_to_change_is_complete_and_last() {
    let list = |sides, calls: &str| {
        let ran = check_in(2000, sides, calls).ends(10);
        let (_, list) = ran.out.split_once("\nwhat to change\n").unwrap_or_else(|| panic!("{}", ran.out));
        list.to_owned()
    };
    let events =
        "[[envelope]]\nevents = [\"recipient_notified\", \"recipient_declined\", \"envelope_viewed\"]";
    let events = list(FORTH, events);
    for row in ["recipient_notified", "recipient_declined", "envelope_viewed"] {
        assert_eq!(events.matches(&format!("webhook: {row}")).count(), 1, "{events}");
    }
    for sides in [FORTH, BACK] {
        let parts = list(sides, "[[envelope]]\nuses = [\"server_template\", \"text_tags\"]");
        assert!(
            parts.contains("envelope: template kept") && parts.contains("envelope: text tags"),
            "{parts}"
        );
    }
    let call = "[[call]]\noperation = \"create_view\"\nrecipient = \"id\"\ncalls_per_hour = 1";
    let call = list(FORTH, call);
    assert!(call.contains("recipient by id") && !call.contains("recipient: recipient"), "{call}");
    assert!(!call.contains("\n\n"), "another table follows: {call}");
}

#[test]
fn errors_and_changes_to_make_are_told_once() {
    for sides in [FORTH, BACK] {
        let arguments = [["migrate", "check"].as_slice(), &sides].concat();
        let report = run(&[arguments.as_slice(), &["--json"]].concat()).json();
        let text = command(&arguments).env("COLUMNS", "2000").ran("").out;
        let (_, last) = text.split_once("\nkinds of errors\n").expect("the errors");
        let (errors, to_do) = last.split_once("\nwhat to change\n").expect("what to change");
        let all = report["errors"].as_array().expect("errors");
        for error in all {
            let [kind, was, is] =
                ["what", "from", "to"].map(|member| error[member].as_str().expect("a text"));
            let was = format!("{was}  ");
            let is_it = |line: &&str| line.contains(kind) && line.contains(&was) && line.ends_with(is);
            assert_eq!(errors.lines().filter(is_it).count(), 1, "{kind} in {errors}");
            assert!(!text.contains(&format!("error: {kind}")), "{text}");
        }
        let rows = report["rows"].as_array().expect("rows").iter();
        for change in rows.flat_map(|row| row["changes"].as_array().expect("changes")) {
            if let Some(way) = change["nearest"].as_str() {
                let about = change["what"].as_str().expect("a thing");
                let lines = to_do.lines().filter(|line| line.contains(about) && line.contains(way)).count();
                assert_eq!(lines, 1, "{about}: {way} in {to_do}");
                assert_eq!(text.matches(way).count(), to_do.matches(way).count(), "{way}");
            }
        }
    }
}

#[test]
fn what_envelopes_and_codes_need() {
    let of = |calls: &str| check(&[FORTH.as_slice(), &["--json"]].concat(), calls).json();
    let find = |report: &serde_json::Value, what: &str| {
        let changes = report["rows"][0]["changes"].as_array().expect("changes").clone();
        let change = changes.into_iter().find(|change| change["what"] == what);
        let change = change.unwrap_or_else(|| panic!("{what} in {report}"));
        ["verdict", "from", "to"].map(|member| change[member].as_str().expect("a text").to_owned())
    };
    let envelope = of("[[envelope]]\nuses = [\"server_template\"]\n\
                       events = [\"envelope_completed\", \"recipient_notified\"]");
    let template = find(&envelope, "template kept at the vendor");
    assert!(
        template[0] == "differs"
            && template[1].contains("templateId")
            && template[2].contains("/v1/template/send")
    );
    assert_eq!(find(&envelope, "envelope_completed"), ["same", "envelope-completed", "Completed"]);
    assert_eq!(find(&envelope, "recipient_notified"), ["differs", "recipient-sent", "none"]);
    assert_eq!(find(&envelope, "envelope_failed"), ["differs", "none", "SendFailed"]);
    let code = of("[[call]]\noperation = \"change_access_code\"");
    assert_eq!(find(&code, "letter case of a code does not matter"), ["differs", "yes", "no"]);
}

#[test]
fn it_fits_a_terminal() {
    for width in [60, 80, 100, 120] {
        for sides in [FORTH, BACK] {
            let ran = check_in(width, sides, CALLS);
            let longest = ran.out.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(longest <= width, "{longest} columns at {width}");
        }
    }
}

#[test]
fn the_template_can_be_checked_as_it_stands() {
    let template = run(&["migrate", "template"]).ends(0).quiet();
    check(&FORTH, &template.out).ends(11);
    assert!(run(&["migrate", "template", "--json"]).json()["template"].is_string());
}

#[test]
fn the_vendors_of_accounts() {
    // Credentials that cannot be read: nothing looks at them.
    let accounts = "[accounts.acme]\nvendor = \"docusign\"\n[accounts.beta]\nvendor = \"boldsign\"\n";
    let config = &written("migrate", "countersign.toml", accounts);
    let sides = ["--config", config, "--account-from", "acme", "--account-to", "beta"];
    check(&sides, "[[call]]\noperation = \"list_recipients\"").ends(10).begins("docusign -> boldsign");
    let sides = ["--config", config, "--account-from", "acme", "--account-to", "gamma"];
    check(&sides, "").ends(3).says("gamma").says("acme, beta");
}

#[test]
fn what_is_wrong() {
    let mut shown = Vec::new();
    for (rest, calls) in [
        (FORTH.as_slice(), "[[call]]\noperation = \"creat_view\"\n"),
        (&FORTH, "[[call]]\noperation = \"create_view\"\nuses = []\n"),
        (&FORTH, ""),
        (&["--from", "docusign"], ""),
        (&["--from", "docusign", "--to", "acrobat"], ""),
        (&["--from", "docusign", "--account-from", "a", "--to", "boldsign"], ""),
        (&["--from", "docusign", "--to", "boldsign", "--markdown", "--json"], ""),
    ] {
        let ran = check(rest, calls);
        assert!([2, 3].contains(&ran.code), "{ran:?}");
        shown.push(ran.shown());
    }
    let ran =
        run(&["migrate", "check", "--from", "docusign", "--to", "boldsign", "--calls", "/nowhere"]).ends(3);
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
    let name = typed(&folder);
    let check =
        |from, to| run(&["migrate", "check", "--from", from, "--to", to, "--cassettes", name, "--json"]);
    let ran = check("docusign", "boldsign").ends(11);
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
    check("boldsign", "docusign").ends(3).prints("has no calls to boldsign: its cassettes are of: docusign");
    run(&["migrate", "check", "--from", "docusign", "--to", "boldsign", "--cassettes", "/nowhere"])
        .ends(3)
        .says("/nowhere")
        .says("next: ");
}

#[test]
fn a_few_recorded_stories_are_named() {
    let folder = folder("migrate-stories");
    for story in ["a", "b", "c", "d", "e"] {
        let file = folder.join(format!("{story}.cassette.json"));
        std::fs::write(file, CASSETTE.replace("lock-out", story)).expect("a file");
    }
    let name = typed(&folder);
    let ran =
        run(&["migrate", "check", "--from", "docusign", "--to", "boldsign", "--cassettes", name, "--json"]);
    assert_eq!(ran.json()["rows"][0]["name"], "10 times in a, b, c and 2 more");
}
