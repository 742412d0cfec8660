//! `countersign login`: a browser is played by hand, against the sandbox.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use countersign_sandbox::SignIn;

use crate::support::{Ran, Run, Stage, folder, snapshot, typed};

/// What a server said.
struct Page {
    status: u16,
    location: Option<String>,
    text: String,
}

/// One request, as plainly as can be.
fn browse(method: &str, url: &str, form: &str) -> Page {
    let rest = url.strip_prefix("http://").expect("a plain URL");
    let (host, target) = rest.split_at(rest.find('/').expect("a path"));
    let mut stream = TcpStream::connect(host).expect("a connection");
    let length = form.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let location = text.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
    Page { status, location, text }
}

/// A command that waits for the browser.
struct Login {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    seen: String,
    line: String,
    /// The address to open.
    url: String,
}

impl Login {
    fn start(mut command: Command) -> Self {
        let line = command.get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command");
        let mut stderr = BufReader::new(child.stderr.take().expect("its notes"));
        let (mut seen, mut url) = (String::new(), String::new());
        while !seen.contains("waiting for") {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).expect("a line") > 0, "{seen}");
            if line.starts_with("http") {
                line.trim().clone_into(&mut url);
            }
            seen.push_str(&line);
        }
        Self { child, stderr, seen, line, url }
    }

    /// Presses a button on the vendor's page; gives where the browser is sent.
    fn press(&self, action: &str) -> String {
        let page = browse("GET", &self.url, "");
        assert_eq!(page.status, 200, "{}", page.text);
        let (path, query) = self.url.split_once('?').expect("a query");
        let answer = browse("POST", path, &format!("{query}&action={action}"));
        answer.location.expect("a way back")
    }

    fn end(mut self) -> Ran {
        let (mut out, mut err) = (String::new(), self.seen);
        self.child.stdout.take().expect("its output").read_to_string(&mut out).expect("text");
        self.stderr.read_to_string(&mut err).expect("text");
        let code = self.child.wait().expect("its end").code().expect("a code");
        Ran { code, out, err, line: self.line }
    }
}

/// A stage with an account that a person signs in to, and a folder for the tokens.
pub(crate) struct Desk {
    pub(crate) stage: Stage,
    tokens: PathBuf,
    with_secret: bool,
    /// Instead of variables alone.
    pub(crate) config: Option<PathBuf>,
}

impl Desk {
    pub(crate) fn all(name: &str, with_secret: bool) -> Vec<Self> {
        Stage::all()
            .map(|stage| {
                let tokens = folder(&format!("login-{name}-{}-{with_secret}", stage.name)).join("tokens");
                Self { stage, tokens, with_secret, config: None }
            })
            .collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let sign_in = if self.with_secret { SignIn::Person } else { SignIn::PersonWithoutSecret };
        let mut command = self.stage.command_with(sign_in, arguments);
        command.env("COUNTERSIGN_TOKEN_STORE", &self.tokens);
        command.envs(self.config.iter().map(|file| ("COUNTERSIGN_CONFIG", file)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).ran("")
    }

    /// Whether there are tokens in files.
    pub(crate) fn has_files(&self) -> bool {
        self.tokens.exists()
    }

    fn login(&self, more: &[&str]) -> Login {
        let arguments = [&["login", "--no-browser", "--port", "0"], more].concat();
        Login::start(self.command(&arguments))
    }

    /// Signs in, pressing Allow.
    pub(crate) fn signed_in(&self) -> Ran {
        let login = self.login(&[]);
        assert_eq!(browse("GET", &login.press("allow"), "").status, 200);
        login.end()
    }

    pub(crate) fn file(&self) -> PathBuf {
        let mut files = std::fs::read_dir(&self.tokens).expect("the folder");
        let file = files.next().expect("a file").expect("an entry").path();
        assert!(files.next().is_none(), "one file per account");
        file
    }

    pub(crate) fn stored(&self) -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(self.file()).expect("the file")).expect("JSON")
    }

    /// Takes out what differs from run to run, and checks that no secret is shown.
    fn shown(&self, ran: &Ran) -> String {
        let mut shown = ran.shown();
        if self.tokens.exists() {
            let stored = self.stored();
            for name in ["access_token", "refresh_token"] {
                assert!(!shown.contains(stored[name].as_str().expect("a token")), "{shown}");
            }
        }
        for (start, end) in [("&state=", "&"), ("&code_challenge=", "&"), ("redirect_uri=", "&")] {
            let parts: Vec<String> = shown.split(start).map(str::to_owned).collect();
            shown = parts[0].clone();
            for part in &parts[1..] {
                shown += &format!("{start}[…]{}", &part[part.find(end).expect("more")..]);
            }
        }
        shown
    }
}

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn a_person_signs_in_and_commands_act_for_them() {
    for with_secret in [false, true] {
        for desk in Desk::all("works", with_secret) {
            let envelope = desk.stage.envelope();
            desk.run(&["recipients", &envelope.id]).ends(4).says("countersign --account trial login");

            let login = desk.login(&[]);
            let back = login.press("allow");
            // Others who find the port get nothing, and do not end the wait.
            let (own, _) = back.split_once('?').expect("a query");
            assert_eq!(browse("GET", &own.replace("/callback", "/favicon.ico"), "").status, 404);
            assert_eq!(browse("GET", &format!("{own}?code=x&state=wrong"), "").status, 400);
            let page = browse("GET", &back, "");
            assert_eq!(page.status, 200, "{}", page.text);
            assert!(
                page.text.contains("You are signed in") && page.text.contains("no-store"),
                "{}",
                page.text
            );
            let ran = login.end().ends(0);
            if !with_secret {
                desk.stage.snapshot("login", &desk.shown(&ran));
            }
            assert_eq!((mode(&desk.tokens), mode(&desk.file())), (0o700, 0o600));

            desk.run(&["accounts", "--check"]).ends(0);
            assert_eq!(desk.run(&["recipients", &envelope.id]).code, 0);
        }
    }
}

#[test]
fn a_token_that_has_run_out_is_renewed_and_the_new_one_kept() {
    for desk in Desk::all("renewed", false) {
        let envelope = desk.stage.envelope();
        desk.signed_in();
        let first = desk.stored();
        let old = std::fs::read(desk.file()).expect("the file");
        // For the vendor the token is over now; this machine's clock does not know.
        desk.stage.world.advance(Duration::from_secs(9 * 3600));
        assert_eq!(desk.run(&["recipients", &envelope.id]).code, 0);
        let second = desk.stored();
        assert_ne!(first["access_token"], second["access_token"]);
        assert_ne!(first["refresh_token"], second["refresh_token"]);
        assert_eq!(mode(&desk.file()), 0o600);
        // The refresh token of before has been used.
        std::fs::write(desk.file(), old).expect("the old file");
        let ran = desk.run(&["recipients", &envelope.id]).ends(4);
        desk.stage.snapshot("login_reused", &desk.shown(&ran));
    }
}

#[test]
fn a_token_that_the_vendor_no_longer_takes_is_renewed_by_every_command() {
    for desk in Desk::all("dead", false) {
        let envelope = desk.stage.envelope();
        desk.signed_in();
        for with_base in [true, false] {
            for arguments in [&["recipients", &envelope.id][..], &["accounts", "--check"]] {
                // Over at the vendor; this machine's clock does not know.
                desk.stage.world.advance(Duration::from_secs(9 * 3600));
                let mut command = desk.command(arguments);
                // BoldSign's own hosts are on the internet.
                if !with_base && desk.stage.name == "docusign" {
                    command.env_remove("COUNTERSIGN_ACCOUNTS__TRIAL__BASE_URL");
                }
                command.ran("").ends(0);
            }
        }
    }
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let desk = Desk::all("open", false).remove(0);
    desk.signed_in();
    std::fs::set_permissions(desk.file(), std::fs::Permissions::from_mode(0o644)).expect("permissions");
    desk.run(&["accounts", "--check"]).ends(3).says("is a file that others can read");
}

#[test]
fn who_says_no_or_does_not_come_back_is_not_signed_in() {
    for desk in Desk::all("refused", false) {
        let login = desk.login(&[]);
        assert_eq!(browse("GET", &login.press("deny"), "").status, 200);
        let denied = login.end();
        let late = desk.login(&["--timeout", "1s"]).end();
        assert_eq!((denied.code, late.code), (4, 4), "{denied:?}{late:?}");
        assert!(!desk.tokens.exists(), "nothing is kept");
        let shown = [desk.shown(&denied), desk.shown(&late)].join("\n");
        desk.stage.snapshot("login_refused", &shown);
    }
}

#[test]
fn neither_logs_nor_a_trace_show_codes_or_tokens() {
    for desk in Desk::all("traced", true) {
        let trace = desk.tokens.with_file_name("trace.jsonl");
        // Of an earlier run of these tests.
        let _ = std::fs::remove_file(&trace);
        let trace_name = typed(&trace);
        let login = desk.login(&["-vv", "--trace-http", trace_name]);
        let back = login.press("allow");
        browse("GET", &back, "");
        let ran = login.end();
        let first = desk.stored();
        desk.stage.world.advance(Duration::from_secs(9 * 3600));
        let envelope = desk.stage.envelope();
        let renewed = desk.run(&["recipients", &envelope.id, "-vv", "--trace-http", trace_name]);
        assert_eq!((ran.code, renewed.code), (0, 0), "{ran:?}{renewed:?}");
        let second = desk.stored();
        let trace = std::fs::read_to_string(trace).expect("the trace");
        assert!(trace.contains("/token"), "{trace}");
        let logs = format!("{trace}{}{}{}{}", ran.out, ran.err, renewed.out, renewed.err);
        let code = back.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).expect("a code");
        let mut secrets = vec![code];
        for stored in [&first, &second] {
            secrets.extend(
                ["access_token", "refresh_token"].map(|name| stored[name].as_str().expect("a token")),
            );
        }
        for secret in secrets {
            assert!(!logs.contains(secret), "{}: {logs}", desk.stage.name);
        }
        assert!(
            !trace.contains("\"code_verifier\",\"") || trace.contains("\"code_verifier\",\"[redacted]\""),
            "{trace}"
        );
    }
}

#[test]
fn signing_out_forgets() {
    let desk = Desk::all("out", false).remove(1);
    desk.signed_in();
    let out = desk.run(&["logout", "--json"]);
    assert_eq!((out.code, out.json()["account"].as_str()), (0, Some("trial")));
    assert_eq!(std::fs::read_dir(&desk.tokens).expect("the folder").count(), 0);
    assert_eq!(desk.run(&["accounts", "--check"]).code, 4);
}

#[test]
fn an_account_with_credentials_of_its_own_needs_nobody() {
    for stage in Stage::all() {
        let ran = stage.run(&["login", "--no-browser"]).ends(3);
        assert_eq!(stage.run(&["logout"]).code, 3);
        if stage.name == "boldsign" {
            snapshot("login_not_needed", &ran.shown());
        }
    }
}

#[test]
fn an_application_checks_in_with_its_secret() {
    let stage = Stage::all().last().expect("a vendor");
    stage.command_with(SignIn::Application, &["accounts", "--check"]).ran("").ends(0);
}
