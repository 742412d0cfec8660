//! `countersign webhook`: what was saved is checked, what comes is taken, told and sent on.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::Duration;

use countersign_sandbox::{WebhookFault, WebhookFaultKind as Kind, WebhookRequest, WebhookTarget, Webhooks};
use serde_json::Value;

use crate::schema;
use crate::support::{Run, Stage, command, folder, limited, run, signal, snapshot, typed};

const SECRET: &str = "marked-webhook-secret";
const VARIABLE: &str = "COUNTERSIGN_ACCOUNTS__TRIAL__WEBHOOK_SECRETS";

fn with_secret(stage: &Stage, arguments: &[&str], secret: &str) -> Command {
    let mut command = stage.command(arguments);
    command.env(VARIABLE, secret);
    command
}

/// What the vendor would post about an envelope that was just made: nothing is there to take it.
pub(crate) fn posted(stage: &Stage, fault: Option<Kind>) -> WebhookRequest {
    let webhooks = stage.world.webhooks();
    webhooks.hold();
    webhooks.set_target(stage.vendor, WebhookTarget::new("http://127.0.0.1:9/", SECRET)).expect("a target");
    if let Some(fault) = fault {
        webhooks.inject(WebhookFault::next(fault));
    }
    let known = webhooks.log().len();
    stage.envelope();
    let id = webhooks.log()[known].id;
    stage.wait(webhooks.deliver(id)).expect("an attempt");
    webhooks.request(id).expect("what was sent")
}

struct Files {
    headers: PathBuf,
    body: PathBuf,
    request: PathBuf,
}

fn save(name: &str, request: &WebhookRequest) -> Files {
    let folder = folder(name);
    let files = Files {
        headers: folder.join("headers.txt"),
        body: folder.join("body.json"),
        request: folder.join("r.http"),
    };
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    std::fs::write(&files.headers, &headers).expect("headers");
    std::fs::write(&files.body, request.body.expose()).expect("a body");
    let whole = format!("POST /hook HTTP/1.1\r\n{headers}\r\n{}", request.body.expose());
    std::fs::write(&files.request, whole).expect("a request");
    files
}

/// Paths and hashes differ from run to run.
fn steady(shown: &str) -> String {
    let mut shown = shown.replace(env!("CARGO_TARGET_TMPDIR"), "TMP");
    shown = shown.replace(&format!("-{}/", std::process::id()), "/");
    let mut rest = shown.as_str();
    let mut out = String::new();
    while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(at);
        let length = from.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(from.len());
        out.push_str(before);
        out.push_str(if length == 32 { "[hash]" } else { &from[..length] });
        rest = &from[length..];
    }
    out + rest
}

#[test]
fn a_saved_webhook_is_checked_and_told() {
    for stage in Stage::all() {
        let files = save(&format!("webhook-{}", stage.name), &posted(&stage, None));
        let two = ["webhook", "verify", "--headers", typed(&files.headers), "--body", typed(&files.body)];
        let taken = with_secret(&stage, &two, SECRET).ran("").ends(0).quiet();
        stage.snapshot("webhook_verify", &steady(&taken.shown()));
        let one = ["webhook", "verify", typed(&files.request), "--json"];
        let json = with_secret(&stage, &one, &format!("old\n{SECRET}")).ran("").json();
        assert_eq!(json["notifications"][0]["event"], "envelope_sent");
        let whole = std::fs::read_to_string(&files.request).expect("a request");
        let stdin = with_secret(&stage, &["webhook", "verify", "-", "--json"], SECRET).ran(&whole);
        assert_eq!(stdin.json(), json);
    }
}

#[test]
fn a_refused_webhook_says_why() {
    for stage in Stage::all() {
        let files = save(&format!("webhook-refused-{}", stage.name), &posted(&stage, None));
        let verify = |secret: &str, more: &[&str]| {
            let arguments = [&["webhook", "verify", typed(&files.request)], more].concat();
            with_secret(&stage, &arguments, secret).ran("")
        };
        let wrong = verify("another", &[]).ends(4).blank();
        stage.snapshot("webhook_refused", &steady(&wrong.shown()));
        let json = verify("another", &["--json"]).json();
        assert_eq!(json["refused"]["reason"], "signature_wrong");
        assert_eq!(json["refused"]["status"], 401);
        let old = verify(SECRET, &["--at", "2126-01-01T00:00:00Z", "--json"]);
        assert_eq!((old.code, old.json()["refused"]["reason"].clone()), (4, "too_old".into()));
        let early = verify(SECRET, &["--at", "2016-01-01T00:00:00Z", "--json"]);
        assert_eq!((early.code, early.json()["refused"]["reason"].clone()), (4, "from_the_future".into()));
        stage.command(&["webhook", "verify", typed(&files.request)]).ran("").ends(3);
        let torn = save(&format!("webhook-torn-{}", stage.name), &posted(&stage, Some(Kind::TornBody)));
        let torn =
            with_secret(&stage, &["webhook", "verify", typed(&torn.request), "--json"], SECRET).ran("");
        assert_eq!((torn.code, torn.json()["refused"]["reason"].clone()), (8, "unreadable".into()));
    }
}

#[test]
fn wrong_command_lines_and_files() {
    for arguments in [
        &["webhook"][..],
        &["webhook", "verify"],
        &["webhook", "verify", "--headers", "x"],
        &["webhook", "verify", "r", "--headers", "x", "--body", "y"],
        &["webhook", "listen"],
        &["sandbox", "--webhook", "http://127.0.0.1:1/"],
    ] {
        assert_eq!(run(arguments).code, 2, "{arguments:?}");
    }
    let (stage, folder) = (Stage::all().next().expect("a vendor"), folder("webhook-wrong"));
    let (secret, empty) = (folder.join("secret"), folder.join("empty"));
    std::fs::write(&secret, "marked-secret\n").expect("a file");
    std::fs::write(&empty, "\n").expect("a file");
    let mut shown = String::new();
    for arguments in [
        &["webhook", "verify", "missing.http"][..],
        &["webhook", "verify", typed(&empty)],
        &["webhook", "listen", "--port", "0", "--forward", "localhost"],
        &["webhook", "listen", "--port", "0", "--seen", typed(&secret)],
        &["sandbox", "--webhook", "http://127.0.0.1:1/", "--webhook-secret-file", typed(&empty)],
        &["sandbox", "--webhook", "http://example.com/", "--webhook-secret-file", typed(&secret)],
        &["sandbox", "--webhook", "nobody=http://127.0.0.1:1/", "--webhook-secret-file", typed(&secret)],
    ] {
        let ran = with_secret(&stage, arguments, SECRET).ran("").ends(3);
        shown.push_str(&steady(&ran.shown()));
    }
    assert!(!shown.contains("marked-"), "{shown}");
    snapshot("webhook_wrong", &shown);
}

#[test]
fn the_help_says_how_to_set_each_vendor_up() {
    let help = run(&["webhook", "--help"]).ends(0);
    for vendor in countersign::vendors() {
        let first = vendor
            .facts
            .webhook
            .as_ref()
            .expect("webhooks")
            .guide
            .split_whitespace()
            .take(4)
            .collect::<Vec<_>>()
            .join(" ");
        let shown = help.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&vendor.facts.title) && shown.contains(&first), "{}", vendor.name);
        let marked =
            vendor.facts.webhook.as_ref().expect("webhooks").guide.contains("from general knowledge");
        assert!(marked, "{}: names of menus that no page was seen to say are marked", vendor.name);
    }
}

/// A running `countersign webhook listen --json`; ended with the test.
pub(crate) struct Listening {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Listening {
    pub(crate) fn start(stage: &Stage, more: &[&str]) -> Self {
        let mut arguments = vec!["--json", "webhook", "listen", "--port", "0"];
        arguments.extend(more);
        let mut command = with_secret(stage, &arguments, SECRET);
        command.stderr(Stdio::null());
        Self::of(command)
    }

    /// As [`Listening::start`], with at most so many open files; what it says beside its lines is piped.
    pub(crate) fn with_few_files(stage: &Stage, files: u32) -> (Self, BufReader<ChildStderr>) {
        let listen = with_secret(stage, &["--json", "webhook", "listen", "--port", "0"], SECRET);
        let mut limited = limited(&listen, &format!("-n {files}"));
        limited.stderr(Stdio::piped());
        let mut listening = Self::of(limited);
        let said = BufReader::new(listening.child.stderr.take().expect("its messages"));
        (listening, said)
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the command");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first: Value = serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON");
        schema::document(&["webhook", "listen"], &first);
        let url = first["listening"].as_str().expect("an address").to_owned();
        Self { child, lines, url }
    }

    fn next(&mut self) -> Value {
        let line = serde_json::from_str(&self.lines.next().expect("a line").expect("text")).expect("JSON");
        schema::document(&["webhook", "listen"], &line);
        line
    }

    /// Answer, what the delivery is, and event or reason.
    fn told(&mut self) -> (u64, String, String) {
        let line = self.next();
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let what = match (&line["notification"]["event"], &line["refused"]["reason"]) {
            (Value::String(event), _) => event.clone(),
            (_, Value::String(reason)) => reason.clone(),
            _ => "check".to_owned(),
        };
        (line["answered"].as_u64().expect("an answer"), word(&line["seen"]), what)
    }

    pub(crate) fn expect(&mut self, expected: &[(u64, &str, &str)]) {
        for (status, seen, what) in expected {
            assert_eq!(self.told(), (*status, (*seen).to_owned(), (*what).to_owned()));
        }
    }

    /// Ends it as a service manager does.
    fn stop(mut self) {
        signal(&self.child, "-TERM");
        assert_eq!(self.child.wait().expect("its end").code(), Some(0));
        assert!(self.lines.next().is_none());
    }
}

pub(crate) fn aim(stage: &Stage, url: &str) -> Webhooks {
    let webhooks = stage.world.webhooks();
    webhooks.set_target(stage.vendor, WebhookTarget::new(url, SECRET)).expect("a target");
    webhooks
}

#[test]
fn a_listener_tells_copies_apart_and_believes_no_forgery() {
    for stage in Stage::all() {
        let mut listening = Listening::start(&stage, &[]);
        let webhooks = aim(&stage, &listening.url);
        webhooks.inject(WebhookFault::next(Kind::Duplicate(1)));
        stage.envelope();
        stage.wait(webhooks.settle());
        listening.expect(&[(200, "first", "envelope_sent"), (200, "duplicate", "envelope_sent")]);
        if stage.name == "docusign" {
            listening.expect(&[(200, "first", "recipient_notified")]);
        } else {
            stage.wait(webhooks.check_endpoint(stage.vendor)).expect("an answer");
            listening.expect(&[(200, "-", "check")]);
        }
        webhooks.inject(WebhookFault::next(Kind::WrongSignature));
        webhooks.inject(WebhookFault::next(Kind::Lose).on("recipient-sent"));
        stage.envelope();
        stage.wait(webhooks.settle());
        listening.expect(&[(401, "-", "signature_wrong")]);
        // The vendor tries again.
        stage.world.advance(Duration::from_secs(86_400));
        stage.wait(webhooks.settle());
        listening.expect(&[(200, "first", "envelope_sent")]);
        listening.stop();
    }
}

#[test]
fn a_listener_sends_on_what_came_first_and_answers_for_the_application() {
    for stage in Stage::all() {
        let mut application = Listening::start(&stage, &[]);
        let seen = folder(&format!("webhook-seen-{}", stage.name)).join("seen.txt");
        let _ = std::fs::remove_file(&seen);
        let more = ["--forward", &application.url, "--seen", typed(&seen)];
        let mut listening = Listening::start(&stage, &more);
        let webhooks = aim(&stage, &listening.url);
        webhooks.inject(WebhookFault::next(Kind::Lose).on("recipient-sent").times(9));
        webhooks.inject(WebhookFault::next(Kind::Duplicate(1)));
        stage.envelope();
        stage.wait(webhooks.settle());
        listening.expect(&[(200, "first", "envelope_sent"), (200, "duplicate", "envelope_sent")]);
        // The signature is still right behind the listener, and the copy did not come through.
        application.expect(&[(200, "first", "envelope_sent")]);
        application.stop();
        stage.envelope();
        stage.wait(webhooks.settle());
        listening.expect(&[(502, "first", "envelope_sent")]);
        listening.stop();
        // What was done is remembered, what was not sent on is not.
        let mut listening = Listening::start(&stage, &["--seen", typed(&seen)]);
        aim(&stage, &listening.url);
        stage.world.advance(Duration::from_secs(86_400));
        stage.wait(webhooks.settle());
        listening.expect(&[(200, "first", "envelope_sent")]);
        let lines = std::fs::read_to_string(&seen).expect("the file").lines().count();
        assert_eq!(lines, 3, "a head and two webhooks");
        listening.stop();
    }
}

#[test]
fn the_sandbox_writes_the_secrets_into_its_configuration() {
    let folder = folder("webhook-sandbox");
    let (secret, config) = (folder.join("hook.secret"), folder.join("sandbox.toml"));
    std::fs::write(&secret, "first-secret\nsecond-secret\n").expect("a file");
    let arguments = [
        "sandbox",
        "--webhook",
        "http://127.0.0.1:9/",
        "--webhook-secret-file",
        typed(&secret),
        "--write-config",
        typed(&config),
        "--force",
    ];
    let mut child =
        command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the command");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    assert!(lines.any(|line| line.expect("a line").starts_with("Press Ctrl-C")));
    for vendor in countersign::vendors() {
        let account = ["--config", typed(&config), "--account", vendor.name];
        run(&[&account[..], &["accounts"]].concat()).ends(0);
    }
    let text = std::fs::read_to_string(&config).expect("a configuration");
    assert_eq!(text.matches("first-secret\nsecond-secret").count(), countersign::vendors().len(), "{text}");
    let _ = child.kill();
    let _ = child.wait();
}
