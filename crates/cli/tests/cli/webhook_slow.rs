//! Senders that are slow or silent do not keep webhooks out.
#![cfg(unix)]

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Stage, run};
use crate::webhook::{Listening, aim};

fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.trim_start_matches("http://").trim_end_matches('/')).expect("a connection")
}

fn send(url: &str, text: &str) -> TcpStream {
    let mut stream = connect(url);
    stream.write_all(text.as_bytes()).expect("sent");
    stream
}

/// A webhook still reaches the listener.
fn is_taken(stage: &Stage, listening: &mut Listening) {
    let webhooks = aim(stage, &listening.url);
    stage.envelope();
    stage.wait(webhooks.settle());
    listening.expect(&[(200, "first", "envelope_sent")]);
}

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
    let url = listening.url.as_str();
    // A head, and a body, that never come to their ends; more of them than there are connections at once.
    let mut body = send(url, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{");
    let mut heads: Vec<TcpStream> = (0..150).map(|_| send(url, "POST / HTTP/1.1\r\nHost: x\r\n")).collect();
    assert!(answer(&mut body).starts_with("HTTP/1.1 408"));
    for head in &mut heads[..50] {
        answer(head);
    }
    is_taken(&stage, &mut listening);
}

#[test]
fn a_shortage_of_open_files_is_told_once_a_minute_and_webhooks_are_taken_after_it() {
    let stage = Stage::all().next().expect("a vendor");
    let (mut listening, mut said) = Listening::with_few_files(&stage, 24);
    // The system takes them for the command, which has no room for all.
    let waiting: Vec<TcpStream> = (0..40).map(|_| connect(&listening.url)).collect();
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
    is_taken(&stage, &mut listening);
    drop(listening);
    assert_eq!(reader.join().expect("the rest"), "");
}

#[test]
fn the_sandbox_gives_up_a_body_that_does_not_come() {
    let stage = Stage::all().nth(1).expect("a vendor");
    let path = "/v1/document/remind?documentId=d";
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{{"
    );
    assert!(answer(&mut send(&stage.sandbox().url(), &head)).starts_with("HTTP/1.1 408"));
}

#[test]
fn the_largest_body_can_be_chosen() {
    for stage in Stage::all() {
        let mut listening = Listening::start(&stage, &["--body-limit", "8"]);
        let body = "x".repeat(6 << 20);
        let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length:";
        let whole = format!("{head} {}\r\n\r\n{body}", body.len());
        // Read, and then not believed.
        assert!(answer(&mut send(&listening.url, &whole)).starts_with("HTTP/1.1 401"), "{}", stage.name);
        listening.expect(&[(401, "-", "signature_missing")]);
    }
    assert_eq!(run(&["webhook", "listen", "--port", "0", "--body-limit", "65"]).code, 2);
}
