//! Senders that are slow or silent do not keep webhooks out.
#![cfg(unix)]

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Stage, run};
use crate::webhook::{Listening, aim};

/// What comes before the connection ends.
fn answer(stream: &mut TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("the connection ends");
    text
}

#[test]
fn half_sent_requests_end_and_webhooks_are_taken() {
    let stage = Stage::all().next().expect("a vendor");
    let mut listening = Listening::start(&stage, &[]);
    let address = listening.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let send = |text: &str| {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.write_all(text.as_bytes()).expect("sent");
        stream
    };
    // A head, and a body, that never come to their ends; more of them than there are connections at once.
    let mut body = send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{");
    let mut heads: Vec<TcpStream> = (0..150).map(|_| send("POST / HTTP/1.1\r\nHost: x\r\n")).collect();
    assert!(answer(&mut body).starts_with("HTTP/1.1 408"));
    for head in &mut heads[..50] {
        answer(head);
    }
    let webhooks = aim(&stage, &listening.url);
    stage.envelope();
    stage.wait(webhooks.settle());
    listening.expect(&[(200, "first", "envelope_sent")]);
}

#[test]
fn a_shortage_of_open_files_is_told_once_a_minute_and_webhooks_are_taken_after_it() {
    let stage = Stage::all().next().expect("a vendor");
    let (mut listening, mut said) = Listening::with_few_files(&stage, 24);
    let address = listening.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    // The system takes them for the command, which has no room for all.
    let waiting: Vec<TcpStream> =
        (0..40).map(|_| TcpStream::connect(&address).expect("a connection")).collect();
    let (tell, told) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut line = String::new();
        said.read_line(&mut line).expect("text");
        tell.send(line).expect("a test that waits");
        let mut rest = String::new();
        said.read_to_string(&mut rest).expect("text");
        rest
    });
    let line = told.recv_timeout(Duration::from_secs(30)).expect("a message");
    assert!(line.starts_with("  connections cannot be accepted at present (Too many open files"), "{line}");
    drop(waiting);
    let webhooks = aim(&stage, &listening.url);
    stage.envelope();
    stage.wait(webhooks.settle());
    listening.expect(&[(200, "first", "envelope_sent")]);
    drop(listening);
    assert_eq!(reader.join().expect("the rest"), "");
}

#[test]
fn the_sandbox_gives_up_a_body_that_does_not_come() {
    let stage = Stage::all().nth(1).expect("a vendor");
    let address = stage.sandbox().url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = TcpStream::connect(address).expect("a connection");
    let path = "/v1/document/remind?documentId=d";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).expect("sent");
    assert!(answer(&mut stream).starts_with("HTTP/1.1 408"));
}

#[test]
fn the_largest_body_can_be_chosen() {
    for stage in Stage::all() {
        let mut listening = Listening::start(&stage, &["--body-limit", "8"]);
        let mut stream =
            TcpStream::connect(listening.url.trim_start_matches("http://").trim_end_matches('/'))
                .expect("a connection");
        let body = "x".repeat(6 << 20);
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body.as_bytes()).expect("sent");
        // Read, and then not believed.
        assert!(answer(&mut stream).starts_with("HTTP/1.1 401"), "{}", stage.name);
        listening.expect(&[(401, "-", "signature_missing")]);
    }
    assert_eq!(run(&["webhook", "listen", "--port", "0", "--body-limit", "65"]).code, 2);
}
