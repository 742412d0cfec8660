//! `countersign view` at every vendor.

use crate::support::{self, ANNA, BACK, Stage};
use countersign_sandbox::{Act, ActOutcome, NewRecipient, Secret};

#[test]
fn the_link_stands_alone_on_stdout_and_opens() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.view(&envelope.id, "id:1", &[]);
        // The id differs between vendors; the address does not.
        let ran = if ran.code == 0 { ran } else { stage.view(&envelope.id, ANNA, &[]) };
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.out.lines().count(), 1);
        assert!(!ran.err.contains("/sign/"), "the link is on stdout only: {}", ran.err);
        let open = Act::OpenLink { url: Secret::new(ran.out.trim_end()) };
        assert_eq!(stage.world.act(&envelope.id, "1", open).expect("a visit").outcome, ActOutcome::Done);
        stage.snapshot("view", &ran.shown());
    }
}

#[test]
fn a_document_for_programs() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let anna = "email:anna+sign@example.com#1";
        let ran = stage.view(&envelope.id, anna, &["--json"]).ends(0).quiet();
        let members: Vec<String> = ran.json().as_object().expect("a document").keys().cloned().collect();
        assert_eq!(members, ["expires_at", "link", "recipient", "single_use"]);
        stage.snapshot("view_json", &ran.shown());
    }
}

#[test]
fn refusals_say_why_and_what_next() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let refused = |recipient: &str| stage.view(&envelope.id, recipient, &[]).ends(6).blank().shown();
        let wrong = ["ben@example.com", "ANNA+sign@example.com", "anna@example.com", "nobody@example.com"];
        let mut shown = wrong.map(|email| refused(&format!("email:{email}"))).to_vec();
        stage.lock(&envelope.id, "1");
        shown.push(refused(ANNA));
        stage.snapshot("view_refused", &shown.join("\n"));
        let locked = stage.view(&envelope.id, ANNA, &["--json"]);
        assert_eq!(locked.json()["error"]["kind"], "recipient_locked");
        stage.snapshot("view_locked_json", &locked.shown());
    }
}

#[test]
fn options_that_one_vendor_takes_and_the_other_does_not() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let (app, ping) = ("https://app.example.com", "https://app.example.com/ping");
        let options: [&[&str]; 6] = [
            &["--expires-in", "2d"],
            &["--expires-in", "5m"],
            &["--authentication-method", "sso", "--assertion-id", "login-17"],
            &["--ping-url", ping, "--ping-every", "90s"],
            &["--ping-url", ping, "--ping-every", "10s"],
            &["--frame-ancestor", app, "--message-origin", app],
        ];
        let shown = options.map(|option| stage.view(&envelope.id, ANNA, option).shown());
        stage.snapshot("view_options", &shown.join("\n"));
    }
}

#[test]
fn a_return_url_with_a_query() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let url = "https://app.example.com/signed?case=7";
        let ran = stage.run(&["view", &envelope.id, "--recipient", ANNA, "--return-url", url]);
        stage.snapshot("view_return_url", &ran.shown());
    }
}

#[test]
fn somebody_who_signs_by_mail() {
    for stage in Stage::all() {
        let carl = NewRecipient::new("Carl", "carl@example.com");
        let envelope = stage.contract([carl]);
        let ran = stage.view(&envelope.id, "email:carl@example.com", &[]);
        stage.snapshot("view_by_mail", &ran.shown());
    }
}

#[test]
fn arguments_that_make_no_sense_are_a_wrong_command_line() {
    for arguments in [
        vec!["view", "e", "--recipient", "anna@example.com", "--return-url", BACK],
        vec!["view", "e", "--recipient", "id:1", "--return-url", "ftp://example.com"],
        vec!["view", "e", "--recipient", "id:1", "--return-url", "https://user:secret@example.com/"],
        vec!["view", "e", "--recipient", "id:1", "--return-url", BACK, "--expires-in", "soon"],
        vec!["view", "e", "--recipient", "id:1", "--return-url", BACK, "--ping-every", "5m"],
        vec!["view", "e", "--recipient", "id:1", "--return-url", BACK, "--authentication-method", "Kerberos"],
        vec!["view", "e", "--recipient", "id:1"],
    ] {
        support::run(&arguments).ends(2).blank();
        let ran = support::run(&[&["--json"], arguments.as_slice()].concat()).ends(2).quiet();
        assert_eq!(ran.json()["error"]["kind"], "invalid_request");
    }
}
