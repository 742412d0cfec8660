//! `countersign view` at every vendor.

use crate::support::{self, BACK, Stage};
use countersign_sandbox::{Act, ActOutcome, NewEnvelope, NewRecipient, Secret};

#[test]
fn the_link_stands_alone_on_stdout_and_opens() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.run(&["view", &envelope.id, "--recipient", "id:1", "--return-url", BACK]);
        // The id differs between vendors; the address does not.
        let ran = if ran.code == 0 {
            ran
        } else {
            stage.run(&[
                "view",
                &envelope.id,
                "--recipient",
                "email:anna+sign@example.com",
                "--return-url",
                BACK,
            ])
        };
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
        let ran = stage.run(&["view", &envelope.id, "--recipient", anna, "--return-url", BACK, "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let members: Vec<String> = ran.json().as_object().expect("a document").keys().cloned().collect();
        assert_eq!(members, ["expires_at", "link", "recipient", "single_use"]);
        stage.snapshot("view_json", &ran.shown());
    }
}

#[test]
fn refusals_say_why_and_what_next() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let view = |recipient: &str| {
            stage.run(&["view", &envelope.id, "--recipient", recipient, "--return-url", BACK])
        };
        let mut shown = Vec::new();
        let mut refused = |recipient: &str, code: i32| {
            let ran = view(recipient);
            assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
            shown.push(ran.shown());
        };
        refused("email:ben@example.com", 6);
        refused("email:ANNA+sign@example.com", 6);
        refused("email:anna@example.com", 6);
        refused("email:nobody@example.com", 6);
        stage.lock(&envelope.id, "1");
        refused("email:anna+sign@example.com", 6);
        stage.snapshot("view_refused", &shown.join("\n"));
        let locked = stage.run(&[
            "view",
            &envelope.id,
            "--recipient",
            "email:anna+sign@example.com",
            "--return-url",
            BACK,
            "--json",
        ]);
        assert_eq!(locked.json()["error"]["kind"], "recipient_locked");
        stage.snapshot("view_locked_json", &locked.shown());
    }
}

#[test]
fn options_that_one_vendor_takes_and_the_other_does_not() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let mut shown = Vec::new();
        for option in [
            vec!["--expires-in", "2d"],
            vec!["--expires-in", "5m"],
            vec!["--authentication-method", "sso", "--assertion-id", "login-17"],
            vec!["--ping-url", "https://app.example.com/ping", "--ping-every", "90s"],
            vec!["--ping-url", "https://app.example.com/ping", "--ping-every", "10s"],
            vec![
                "--frame-ancestor",
                "https://app.example.com",
                "--message-origin",
                "https://app.example.com",
            ],
        ] {
            let mut arguments = vec![
                "view",
                &envelope.id,
                "--recipient",
                "email:anna+sign@example.com",
                "--return-url",
                BACK,
            ];
            arguments.extend(option);
            shown.push(stage.run(&arguments).shown());
        }
        stage.snapshot("view_options", &shown.join("\n"));
    }
}

#[test]
fn a_return_url_with_a_query() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let url = "https://app.example.com/signed?case=7";
        let ran = stage.run(&[
            "view",
            &envelope.id,
            "--recipient",
            "email:anna+sign@example.com",
            "--return-url",
            url,
        ]);
        stage.snapshot("view_return_url", &ran.shown());
    }
}

#[test]
fn somebody_who_signs_by_mail() {
    for stage in Stage::all() {
        let carl = NewRecipient::new("Carl", "carl@example.com");
        let envelope = stage.make(NewEnvelope::new(stage.vendor, "Contract").with_recipient(carl));
        let ran =
            stage.run(&["view", &envelope.id, "--recipient", "email:carl@example.com", "--return-url", BACK]);
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
        let ran = support::run(&arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        let mut arguments = arguments.clone();
        arguments.insert(0, "--json");
        let ran = support::run(&arguments);
        assert_eq!((ran.code, ran.err.as_str()), (2, ""), "{ran:?}");
        assert_eq!(ran.json()["error"]["kind"], "invalid_request");
    }
}
