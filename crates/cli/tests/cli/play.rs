//! `countersign sandbox` and `countersign demo`.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use crate::support::{self, Run, codes, command, folder, is_private, run, typed, written};

#[test]
fn the_demo_holds_at_every_vendor_and_shows_no_secret() {
    let ran = command(&["demo"]).env("COLUMNS", "100").ran("").ends(0).quiet();
    support::snapshot("demo", &ran.shown());
    let ran = command(&["demo"]).env("COLUMNS", "70").ran("");
    assert!(ran.out.lines().all(|line| line.chars().count() <= 76), "{}", ran.out);
    let json = run(&["demo", "--json"]);
    for ran in [&ran, &json] {
        assert!(!ran.out.contains("/sign/") && !ran.out.contains("http"), "a link is shown");
        // Generated and typed codes alike have digits and capitals side by side.
        assert!(
            !ran.out.contains("K7MP4XQ2") && !ran.out.contains("T9WR3HGF") && !ran.out.contains("Y4BN8ZDC")
        );
    }
    let document = json.json();
    assert_eq!(document["passed"], true);
    for (vendor, (name, _)) in document["vendors"].as_array().expect("vendors").iter().zip(support::VENDORS) {
        assert_eq!(vendor["vendor"], name);
        assert_eq!(vendor["steps"].as_array().expect("steps").len(), 10);
    }
}

#[test]
fn the_demo_at_one_vendor() {
    for (name, _) in support::VENDORS {
        let ran = run(&["demo", "--vendor", &name.to_uppercase(), "--json"]).ends(0);
        assert_eq!(ran.json()["vendors"].as_array().map(Vec::len), Some(1));
        assert_eq!(ran.json()["vendors"][0]["vendor"], name);
    }
    for vendor in countersign::vendors().iter().filter(|vendor| !codes(vendor)) {
        run(&["demo", "--vendor", vendor.name]).ends(3).says("access codes");
    }
}

/// A running `countersign sandbox`; ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Starts it with `--json`; also what it prints.
    fn told(more: &[&str]) -> (Self, serde_json::Value) {
        let (running, lines) = Self::start(&[&["sandbox", "--json"], more].concat(), "}");
        (running, serde_json::from_str(&lines.join("\n")).expect("JSON"))
    }

    /// Starts it and reads until everything has been said.
    fn start(arguments: &[&str], last_line: &str) -> (Self, Vec<String>) {
        let mut running = Self(
            command(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the command"),
        );
        let out = running.0.stdout.take().expect("its output");
        let mut lines = Vec::new();
        for line in BufReader::new(out).lines() {
            lines.push(line.expect("a line"));
            if lines.last().is_some_and(|line| line == last_line) {
                return (running, lines);
            }
        }
        panic!("ended early: {lines:?}");
    }
}

#[test]
fn the_printed_commands_work_as_they_stand() {
    let folder = folder("sandbox");
    let file = folder.join("accounts.toml");
    let name = typed(&file);
    let (mut running, lines) = Running::start(&["sandbox", "--write-config", name], "Press Ctrl-C to stop.");
    let printed: Vec<&str> =
        lines.iter().filter_map(|line| line.trim().strip_prefix("countersign ")).collect();
    // Four for each vendor, but three for one without access codes; and one more.
    let count: usize = countersign::vendors().iter().map(|vendor| 3 + usize::from(codes(vendor))).sum();
    assert_eq!(printed.len(), count + 1, "{lines:?}");
    for line in &printed {
        run(&line.split(' ').collect::<Vec<_>>()).ends(0);
    }
    #[cfg(unix)]
    {
        is_private(&file);
        support::signal(&running.0, "-TERM");
        assert_eq!(running.0.wait().expect("its end").code(), Some(0));
    }
}

/// The status line and what follows, of a page on this machine.
fn page(url: &str, path: &str, host: &str) -> String {
    let address = url.strip_prefix("http://").expect("an address");
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_printed_pages_are_there() {
    let (_running, told) = Running::told(&[]);
    crate::schema::document(&["sandbox"], &told);
    for (name, heading) in [("console", "<h1>Console</h1>"), ("inbox", "<h1>Inbox</h1>")] {
        let url = told["url"].as_str().expect("an address");
        assert_eq!(told[name], format!("{url}/{name}"));
        let page = page(url, name, "localhost");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains(heading), "{page}");
    }
}

#[test]
fn a_configuration_is_not_overwritten_unless_asked() {
    let file = written("overwrite", "accounts.toml", "# mine\n");
    let name = file.as_str();
    run(&["sandbox", "--write-config", name]).ends(3).says("--force");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "# mine\n");
    let (_running, _) = Running::told(&["--write-config", name, "--force"]);
    assert!(std::fs::read_to_string(&file).expect("the file").contains("[accounts."));
    assert_eq!(
        std::fs::read_dir(folder("overwrite")).expect("the folder").count(),
        1,
        "nothing else is left behind"
    );
    is_private(&file);
}

#[test]
fn a_port_that_is_taken_and_a_folder_that_is_not_there() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    run(&["sandbox", "--port", &port]).ends(3);
    let ran = run(&["sandbox", "--write-config", "/nowhere/at/all.toml", "--json"]);
    assert_eq!(ran.json()["error"]["kind"], "invalid_request");
    assert_eq!(run(&["sandbox", "--force"]).code, 2);
}

#[test]
fn an_envelope_is_made_in_a_running_sandbox_and_its_signer_locked() {
    let (_running, started) = Running::told(&[]);
    let url = started["url"].as_str().expect("an address");
    for (vendor, _) in support::VENDORS {
        let ran = run(&["sandbox", "envelope", "--url", url, "--vendor", vendor, "--lock", "--json"]).ends(0);
        let made = ran.json();
        let people = made["recipients"].as_array().expect("recipients");
        let locked: Vec<_> = people.iter().map(|one| (&one["ref"], one["locked"] == true)).collect();
        assert_eq!(
            locked,
            [(&"email:anna@example.com".into(), true), (&"email:ben@example.com".into(), false)]
        );
        let plain = run(&["sandbox", "envelope", "--url", url, "--vendor", vendor]);
        assert!(plain.out.starts_with(vendor) && !plain.out.contains("locked"), "{}", plain.out);
        assert_ne!(plain.out.split_whitespace().nth(1), made["envelope"].as_str());
    }
    for vendor in countersign::vendors().iter().filter(|vendor| !codes(vendor)) {
        let without_codes = ["sandbox", "envelope", "--url", url, "--vendor", vendor.name];
        let made = run(&without_codes);
        assert!(made.code == 0 && !made.out.contains("access code"), "{made:?}");
        run(&[&without_codes[..], &["--lock"]].concat()).ends(3).says("no access codes");
    }
    run(&["sandbox", "envelope", "--url", "http://127.0.0.1:9", "--vendor", "docusign"])
        .ends(3)
        .says("no sandbox answers");
}

#[test]
fn the_sandbox_answers_to_a_host_name_that_is_allowed() {
    let (_running, started) = Running::told(&["--allow-host", "tunnel.example"]);
    let url = started["url"].as_str().expect("an address");
    for (host, status) in [("tunnel.example", "200"), ("evil.example", "403")] {
        let answer = page(url, "console", host);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
}
