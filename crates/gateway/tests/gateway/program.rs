//! The program: what `dev` prints can be pasted, and an operator gets from nothing to a served request.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign-gateway"));
    command.env_clear().stdin(Stdio::null());
    for name in ["PATH", "LLVM_PROFILE_FILE", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A process that is ended with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub(crate) fn start(mut command: Command) -> (Self, BufReader<ChildStdout>) {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        (Self(child), out)
    }

    /// Asks it to stop, and waits for its end.
    pub(crate) fn stop(&mut self) -> bool {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.0.wait().unwrap().success()
    }
}

pub(crate) fn shell(script: &str) -> Output {
    // In the folder of the repository, where the examples are.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new("sh").args(["-e", "-c", script]).current_dir(folder).output().unwrap()
}

/// Reads until a line contains this.
pub(crate) fn until(out: &mut impl BufRead, last: &str) -> String {
    let mut text = String::new();
    while !text.lines().last().is_some_and(|line| line.contains(last)) {
        assert!(out.read_line(&mut text).unwrap() > 0, "it ended: {text}");
    }
    text
}

#[test]
fn the_lines_that_dev_prints_can_be_pasted() {
    let mut command = program();
    command.args(["dev", "--port", "0"]);
    let (mut dev, mut out) = Running::start(command);
    let text = until(&mut out, "/v1/events");
    let lines = text.lines().filter(|line| line.starts_with("curl ")).count();
    assert_eq!(lines, 23, "{text}");
    let unlocks = text.lines().filter(|line| line.contains("/unlocks")).count();
    // The line in parentheses fetches from npm.
    let text = text.lines().filter(|line| !line.starts_with('(')).collect::<Vec<_>>().join("\n");
    // Each answer on a line of its own.
    let text = ["curl ", "COUNTERSIGN_KEY="]
        .iter()
        .fold(text, |text, first| text.replace(&format!("\n{first}"), &format!("\necho; {first}")));
    let ran = shell(&text);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let answers = String::from_utf8(ran.stdout).unwrap();
    let links = answers.lines().filter(|line| line.starts_with("http")).count();
    assert_eq!(links, 3, "each program unlocks a signer: {answers}");
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(said.matches("unlocked by new_code").count(), links, "{said}");
    let answers: Vec<Value> = answers
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("http"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), lines);
    assert!(answers.iter().all(|answer| answer.get("kind").is_none()), "{answers:#?}");
    assert_eq!(answers.iter().filter(|answer| answer["by"] == "new_code").count(), unlocks, "{answers:#?}");
    assert!(dev.stop(), "it ends in order");
}

/// The value behind a mark in what `dev` prints.
pub(crate) fn behind<'t>(text: &'t str, mark: &str) -> &'t str {
    let rest = text.split_once(mark).unwrap().1;
    rest.split(['\n', '\'', '"']).next().unwrap()
}

pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn ran(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

#[test]
fn an_operator_gets_from_nothing_to_a_served_request() {
    let folder = folder("operator");
    let run = |arguments: &[&str]| program().current_dir(&folder).args(arguments).output().unwrap();
    let early = run(&["tenant", "list"]);
    assert!(
        !early.status.success() && String::from_utf8_lossy(&early.stderr).contains("migrate --create-key")
    );
    assert!(ran(&run(&["migrate", "--create-key"])).ends_with("was created"));
    assert!(ran(&run(&["migrate"])).ends_with("is up to date"));
    assert_eq!(ran(&shell(&format!("chmod 644 {0}/countersign-gateway.key", folder.display()))), "");
    let exposed = run(&["migrate"]);
    let exposed = String::from_utf8_lossy(&exposed.stderr).into_owned();
    assert!(exposed.contains("chmod 600") && !exposed.contains("--create-key"), "{exposed}");
    assert_eq!(ran(&shell(&format!("chmod 600 {0}/countersign-gateway.key", folder.display()))), "");
    let tenant = ran(&run(&["tenant", "add", "acme"]));
    assert!(tenant.starts_with("ten_"), "{tenant}");
    assert!(!run(&["tenant", "add", "acme"]).status.success());
    assert!(!run(&["key", "add", "nothing"]).status.success());
    assert!(!run(&["key", "add", "acme", "--scope", "all"]).status.success());
    let key =
        ran(&run(&["key", "add", "acme", "--scope", "accounts:read", "--days", "30", "--note", "reports"]));
    assert!(key.starts_with("cs_live_"), "{key}");
    assert!(ran(&run(&["tenant", "list"])).contains("acme  keys 1  accounts 0"));
    assert_eq!(ran(&run(&["rewrap"])), "0 keys wrapped");

    // Another key in front wraps what is there; the first one alone does not open it any more.
    ran(&run(&["migrate", "--create-key", "--key", "new.key,countersign-gateway.key"]));
    let wrapped = ran(&run(&["rewrap", "--key", "new.key,countersign-gateway.key"]));
    assert_eq!(wrapped, "1 keys wrapped");
    let late = run(&["tenant", "list"]);
    assert!(
        !late.status.success() && String::from_utf8_lossy(&late.stderr).contains("sealed with other keys")
    );
    std::fs::rename(folder.join("new.key"), folder.join("countersign-gateway.key")).unwrap();

    // Port 0 would not be known here: the log names what was asked for.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = format!("127.0.0.1:{port}");
    assert!(!run(&["health", "--at", &at]).status.success());
    let wide = run(&["serve", "--listen", &at, "--allow-host", "*"]);
    assert!(!wide.status.success() && String::from_utf8_lossy(&wide.stderr).contains("is not a host"));
    let mut command = program();
    command.current_dir(&folder).args(["serve", "--listen", &at, "--drain", "0"]);
    let (mut gateway, _out) = Running::start(command);
    let mut log = BufReader::new(gateway.0.stderr.take().unwrap());
    until(&mut log, "serving");
    ran(&run(&["health", "--at", &at]));
    ran(&run(&["health", "--at", &format!("localhost:{port}")]));
    let mut told = program();
    // Where it listens on all addresses, it is asked on this machine.
    told.arg("health").env("COUNTERSIGN_GATEWAY_LISTEN", format!("0.0.0.0:{port}"));
    ran(&told.output().unwrap());
    let list = format!("curl -sS -H 'Authorization: Bearer {key}' http://{at}/v1/accounts");
    assert_eq!(ran(&shell(&list)), r#"{"data":[]}"#);
    let line: Value = serde_json::from_str(until(&mut log, "/v1/accounts").lines().last().unwrap()).unwrap();
    assert_eq!((&line["fields"]["status"], &line["fields"]["tenant"]), (&200.into(), &tenant.clone().into()));
    let public = key.split('_').nth(2).unwrap();
    ran(&run(&["key", "revoke", public]));
    assert!(ran(&shell(&list)).contains("key_invalid"), "a revoked key opens nothing, at once");
    assert!(gateway.stop(), "it ends in order");
    std::fs::remove_dir_all(&folder).unwrap();
}
