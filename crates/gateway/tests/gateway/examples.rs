//! The programs in `examples/gateway`, behind a network that loses replies.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::program::{Running, behind, program, until};

/// What is between a program and the gateway, and the requests that came to it: path and `Idempotency-Key`.
struct Network {
    url: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Network {
    /// Loses the first reply of `unlocks`, then answers as a proxy and as a gateway that is busy. A view may have
    /// been created or not.
    fn before(gateway: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, gateway) = (Arc::default(), gateway.trim_start_matches("http://").to_owned());
        let requests: Arc<Mutex<Vec<(String, String)>>> = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some((path, key, request)) = read(&mut stream) else { continue };
                let earlier = requests.lock().unwrap().iter().filter(|(known, _)| *known == path).count();
                requests.lock().unwrap().push((path.clone(), key));
                let problem = |status: &str, rest: &str| {
                    let body = format!("{{\"detail\":\"no\",\"hint\":\"look\",\"outcome\":{rest}}}");
                    let kind = "application/problem+json";
                    format!(
                        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    )
                };
                let reply = match (path.rsplit('/').next().unwrap(), earlier) {
                    ("unlocks", 0) => {
                        forward(&gateway, &request);
                        continue;
                    }
                    ("unlocks", 1) => {
                        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\
                        Connection: close\r\n\r\n<p>\n"
                            .to_owned()
                    }
                    ("unlocks", 2) => problem(
                        "503 Service Unavailable",
                        "\"no_effect\",\"retry\":true,\"retry_after_seconds\":1",
                    ),
                    ("views", _) => problem("504 Gateway Timeout", "\"unknown\",\"retry\":false"),
                    _ => forward(&gateway, &request),
                };
                // The program may have gone.
                let _ = stream.write_all(reply.as_bytes());
            }
        });
        Self { url, seen }
    }
}

/// A request: path, key, and the bytes with the wish that the connection ends with the answer.
fn read(stream: &mut TcpStream) -> Option<(String, String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            };
            let length = header("content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                let path = head.split(' ').nth(1).unwrap().to_owned();
                let (first, rest) = text.split_once("\r\n").unwrap();
                let request = format!("{first}\r\nConnection: close\r\n{rest}").into_bytes();
                return Some((path, header("idempotency-key").unwrap_or_default(), request));
            }
        }
        match stream.read(&mut part) {
            Ok(read) if read > 0 => bytes.extend(&part[..read]),
            _ => return None,
        }
    }
}

fn forward(gateway: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(gateway).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_programs_repeat_what_they_may_under_one_key() {
    let mut command = program();
    command.args(["dev", "--port", "0"]);
    let (mut dev, mut out) = Running::start(command);
    let text = until(&mut out, "/v1/events");
    let (url, key) = (behind(&text, "\nGATEWAY="), behind(&text, "Bearer "));
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("COUNTERSIGN_KEY=")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    let runs = lines.into_iter().map(|line| {
        let network = Network::before(url);
        let words: Vec<String> =
            line.split(' ').skip(2).map(|word| word.replace("$GATEWAY", &network.url)).collect();
        let mut example = Command::new(&words[0]);
        example.args(&words[1..]).env("COUNTERSIGN_KEY", key);
        example.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
        (network, std::thread::spawn(move || example.output().unwrap()), words)
    });
    for (network, run, words) in runs.collect::<Vec<_>>() {
        let ended = run.join().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(said.contains("locked") && said.contains("unlocked by new_code"), "{words:?}: {said}");
        assert!(!ended.status.success() && said.contains("outcome: unknown"), "{words:?}: {said}");
        let seen = network.seen.lock().unwrap().clone();
        let keys = |what: &str| {
            let of = seen.iter().filter(|(path, _)| path.ends_with(what));
            of.map(|(_, key)| key.clone()).collect::<Vec<_>>()
        };
        let unlocks = keys("/unlocks");
        assert_eq!(unlocks.len(), 4, "{words:?}: {said}");
        assert!(!unlocks[0].is_empty() && unlocks.iter().all(|key| *key == unlocks[0]), "{unlocks:?}");
        assert_eq!(keys("/views").len(), 1, "{words:?} repeats a call whose outcome is unknown: {said}");
        assert_ne!(keys("/views")[0], unlocks[0]);
    }
    assert!(dev.stop());
}
