//! Traces: what arrives at a collector, and that nothing personal or secret is in it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};

use crate::program::{Running, program, ran, shell, until};

/// As a caller's tracing library writes it: the trace, the caller's span, sampled.
const TRACE: [u8; 16] = *b"trace-of-caller!";
const CALLER: [u8; 8] = *b"caller-1";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes one request after the other, and hands out path and body.
fn collect(stream: TcpStream, found: &Sender<(String, Vec<u8>)>) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if stream.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        let _ = found.send((first, body));
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

fn count(all: &[u8], part: &[u8]) -> usize {
    all.windows(part.len()).filter(|window| *window == part).count()
}

#[test]
fn a_request_and_its_call_arrive_in_the_trace_of_the_caller_and_tell_no_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let collector = format!("http://{}", listener.local_addr().unwrap());
    let (found, arrived) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let found = found.clone();
            std::thread::spawn(move || collect(stream.unwrap(), &found));
        }
    });
    let mut command = program();
    command.args(["dev", "--port", "0"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector);
    command.env("OTEL_SERVICE_NAME", "service-of-the-operator");
    let (mut dev, mut out) = Running::start(command);
    let printed = until(&mut out, "/v1/events");
    let parent = format!("00-{}-{}-01", hex(&TRACE), hex(&CALLER));
    let is_needed = |line: &&str| ["GATEWAY=", "KEY=", "curl "].iter().any(|word| line.starts_with(word));
    let lines = printed.lines().filter(is_needed);
    let script: String = lines.map(|line| format!("{line}\n")).collect();
    let traced = format!("-H 'traceparent: {parent}' -H 'tracestate: planted=word' ");
    let answers = ran(&shell(&script.replace("curl ", &format!("curl {traced}"))));
    // What is left is sent before the end.
    assert!(dev.stop(), "it ends in order");

    let all: Vec<(String, Vec<u8>)> = arrived.try_iter().collect();
    assert!(!all.is_empty() && all.iter().all(|(line, _)| line.starts_with("POST /v1/traces ")), "{all:?}");
    let all: Vec<u8> = all.into_iter().flat_map(|(_, body)| body).collect();
    let requests = printed.lines().filter(|line| line.starts_with("curl ")).count();
    // The field `parent_span_id` of each request's span.
    let below_caller = count(&all, &[&[0x22, 8], &CALLER[..]].concat());
    assert_eq!(below_caller, requests, "each request continues the caller's trace");
    assert!(count(&all, &TRACE) > requests, "and so do its calls at the vendor");
    for name in ["service-of-the-operator", "POST /v1/envelopes/{envelope}/resends", "list_recipients"] {
        assert!(count(&all, name.as_bytes()) > 0, "{name}");
    }

    let key = printed.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap();
    let links = answers.split('"').filter(|text| text.starts_with("http"));
    let envelopes = printed.split("/v1/envelopes/").skip(1).filter_map(|rest| rest.split(['/', ':']).nth(1));
    let people = ["anna", "ben@", "example.com", "Anna3456", "planted", "127.0.0.1"];
    for secret in [key].into_iter().chain(links).chain(envelopes).chain(people) {
        let found = all.to_ascii_lowercase();
        assert_eq!(count(&found, secret.to_ascii_lowercase().as_bytes()), 0, "{secret} is in a trace");
    }
}
