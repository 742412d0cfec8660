//! What the command prints holds no secret that was not asked for, and nothing that drives a terminal, whatever the
//! vendor answers.

use countersign_sandbox::{EnvelopeView, Fault, FaultKind};
use serde_json::json;

use crate::bulk::Batch;
use crate::support::{ANNA, BACK, Ran, Run, Stage, folder, typed};

const CODE: &str = "Mark3d-c0de/77";

/// Keys and tokens of the account, and the codes of the envelope.
fn secrets(stage: &Stage) -> Vec<String> {
    let credentials = stage.variables().into_iter().filter(|(name, _)| {
        ["TOKEN", "API_KEY", "PRIVATE_KEY", "CLIENT_SECRET"].iter().any(|secret| name.ends_with(secret))
    });
    let codes = [CODE, "Anna2345", "Ben23456"].map(str::to_owned);
    credentials.map(|(_, value)| value).chain(codes).collect()
}

fn is_clean(ran: &Ran, secrets: &[String]) {
    text_is_clean(&ran.out, &ran.line, secrets);
    text_is_clean(&ran.err, &ran.line, secrets);
}

fn text_is_clean(text: &str, of: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} shows in {of}: {text}");
    }
    let harmful = text.chars().find(|c| *c != '\n' && countersign::redact::is_harmful(*c));
    assert_eq!(harmful, None, "{of}: {text}");
}

/// For readers and for programs.
const BOTH: [&[&str]; 2] = [&[], &["--json"]];

/// The four operations and the sign-in, with each of these options.
fn everything(stage: &Stage, envelope: &EnvelopeView, options: &[&[&str]]) -> Vec<Ran> {
    let id = envelope.id.as_str();
    let commands: [&[&str]; 6] = [
        &["accounts", "--check"],
        &["recipients", id],
        &["resend", id, "--recipient", ANNA],
        &["resend", id, "--everyone"],
        &["access-code", id, "--recipient", ANNA, "--code-stdin"],
        &["view", id, "--recipient", ANNA, "--return-url", BACK],
    ];
    let runs: Vec<_> = commands
        .iter()
        .flat_map(|command| options.iter().map(|options| stage.command(&[*command, *options].concat())))
        .collect();
    // Side by side, since a command that is refused for now waits before it asks again.
    std::thread::scope(|scope| {
        let runs: Vec<_> = runs.into_iter().map(|mut run| scope.spawn(move || run.ran(CODE))).collect();
        runs.into_iter().map(|run| run.join().expect("a run")).collect()
    })
}

#[test]
fn nothing_that_was_not_asked_for_shows_when_all_goes_well() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let secrets = secrets(&stage);
        for mut ran in everything(&stage, &envelope, &BOTH) {
            if ran.line.starts_with("view") {
                // The link was asked for: alone on a line, or as one member of the document.
                assert!(!ran.err.contains("/sign/"), "{ran:?}");
                assert_eq!(ran.out.matches("/sign/").count(), 1, "{ran:?}");
                ran.out = ran.out.lines().filter(|line| !line.contains("/sign/")).collect();
            }
            assert!(!ran.out.contains("/sign/") && !ran.err.contains("/sign/"), "{ran:?}");
            is_clean(&ran, &secrets);
        }
    }
}

#[test]
fn nothing_shows_when_the_vendor_throws_it_back() {
    const LINK: &str = "https://app.vendor.example/Signing/L1nk-marked?slt=t0ken-marked";
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let known = secrets(&stage);
        let credential = known.first().expect("a key or token");
        let echo =
            format!("Bearer {credential} X-API-KEY: {credential} code {CODE}\r\n\u{1b}]0;owned\u{7}\u{202e}");
        let refusal = json!({"errorCode": CODE, "message": echo, "error": echo, "title": echo, "traceId": echo,
            "errors": {"AccessCode": [echo]}, "signLink": LINK, "url": LINK});
        let odd = json!({"errorDetails": {"errorCode": credential, "message": echo}, "signLink": [LINK],
            "url": [LINK], "recipientUpdateResults": [{"recipientId": "1", "errorDetails": {"errorCode": CODE}}],
            echo.as_str(): [{"recipientId": null}]});
        let hidden = [known.clone(), vec![LINK.to_owned(), "t0ken-marked".to_owned()]].concat();
        let trace = folder(&format!("hostile-{}", stage.name)).join("trace.jsonl");
        let traced = ["-vv", "--trace-http", typed(&trace)];
        // People, with all that can be logged, and programs in turn: each run is a process.
        let mut forms = [traced.as_slice(), &["--json"]].into_iter().cycle();
        for (status, body) in [
            (400, refusal.to_string()),
            (401, refusal.to_string()),
            (403, echo.clone()),
            (500, format!("<html><pre>{echo} {LINK}</pre></html>")),
            (502, format!("{{\"signLink\":\"{LINK}\",\"accessCode\":\"{CODE}")),
            (200, odd.to_string()),
            (200, format!("<html>{echo}</html>")),
        ] {
            forms.next();
            for methods in [["GET"].as_slice(), &["PUT", "PATCH", "POST"]] {
                let form = forms.next().expect("an endless cycle");
                for method in methods {
                    stage.world.inject(Fault::on(method, "/", FaultKind::answer(status, &body)).times(1000));
                }
                for ran in everything(&stage, &envelope, &[form]) {
                    // A code can be known again only in the answer to the request that carried it.
                    let sent = ran.line.starts_with("access-code") && *methods != ["GET"];
                    let hidden: Vec<String> =
                        hidden.iter().filter(|one| sent || *one != CODE).cloned().collect();
                    is_clean(&ran, &hidden);
                    // A list of odd arrays is still a list.
                    if status != 200 && (sent || *methods == ["GET"]) {
                        assert_ne!(ran.code, 0, "{ran:?}");
                    }
                }
                stage.world.clear_faults();
            }
        }
        let text = std::fs::read_to_string(&trace).expect("a trace");
        assert!(text.contains("{secret:"), "{text}");
        let hidden: Vec<String> = hidden.into_iter().filter(|one| *one != CODE).collect();
        text_is_clean(&text, "the trace", &hidden);
        std::fs::remove_file(&trace).expect("a file");
    }
}

#[test]
fn names_and_words_of_the_vendor_do_not_drive_the_terminal() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nid:9  forged\u{202e}\u{9b}31m\u{2028}\u{7f}\u{e0041}";
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let list = match stage.vendor.id() {
            "docusign" => {
                json!({"currentRoutingOrder": "1", format!("kind{evil}"): [{"recipientId": "7",
                "name": evil, "status": evil}], "signers": [{"recipientId": "1", "name": evil,
                "email": format!("anna{evil}@example.com"), "clientUserId": evil, "routingOrder": "1",
                "status": format!("odd{evil}"), "declinedReason": evil, "deliveryMethod": evil,
                "recipientAuthenticationStatus": {format!("check{evil}"): {"status": "Failed"}}}]})
            }
            _ => {
                json!({"documentId": envelope.id, "status": format!("InProgress{evil}"), "declineMessage": evil,
                "signerDetails": [{"signerName": evil, "signerEmail": format!("anna{evil}@example.com"),
                "status": format!("odd{evil}"), "signerType": format!("kind{evil}"), "order": 1,
                "authenticationType": evil, "isAuthenticationFailed": true},
                {"signerName": evil, "signerEmail": "ben@example.com", "status": "Declined", "order": 1}],
                "ccDetails": [{"emailAddress": evil}]})
            }
        };
        stage.world.inject(Fault::on("GET", "/", FaultKind::answer(200, &list.to_string())).times(1000));
        for ran in everything(&stage, &envelope, &BOTH) {
            is_clean(&ran, &[]);
            if ran.line.starts_with("recipients") {
                assert_eq!(ran.code, 0, "{ran:?}");
                assert!(
                    ran.out.contains("u{1b}") || ran.out.contains("\\u001b"),
                    "what is odd is shown: {ran:?}"
                );
            }
        }
    }
}

#[test]
fn a_results_file_holds_no_secret_and_nothing_that_drives_a_terminal() {
    for batch in Batch::all("hostile", 2) {
        let secrets = secrets(&batch.stage);
        let credential = secrets.first().expect("a key or token");
        let echo = format!("Bearer {credential}\r\n\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m");
        let body =
            json!({"errorCode": credential, "message": echo, "error": echo, "traceId": echo}).to_string();
        for command in ["recipients", "resend"] {
            batch.stage.world.inject(Fault::on("", "/", FaultKind::answer(400, &body)).times(1000));
            let ran = batch.run(command, &[]);
            batch.stage.world.clear_faults();
            assert_ne!(ran.code, 0, "{ran:?}");
            is_clean(&ran, &secrets);
            let results = batch.results_path();
            let text = std::fs::read_to_string(&results).expect("a results file");
            assert!(text.contains("[redacted]"), "{text}");
            text_is_clean(&text, "the results file", &secrets);
            std::fs::remove_file(results).expect("a file");
        }
    }
}
