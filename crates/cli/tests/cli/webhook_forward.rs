//! `countersign webhook listen --forward`: senders that hang up, and applications that fail or do not answer, lose
//! nothing.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use countersign_sandbox::WebhookRequest;

use crate::support::Stage;
use crate::webhook::{Listening, posted};

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// An application that answers when the test says so.
struct Application {
    url: String,
    requests: Receiver<TcpStream>,
}

impl Application {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let (send, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                if read(&mut stream).is_some() && send.send(stream).is_err() {
                    break;
                }
            }
        });
        Self { url, requests }
    }

    /// A webhook that the application works on now.
    fn work(&self) -> TcpStream {
        self.requests.recv_timeout(PATIENCE).expect("a webhook reaches the application")
    }
}

fn answer(mut work: TcpStream, status: u16) {
    let text = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    work.write_all(text.as_bytes()).expect("the listener waits for the answer");
}

/// The first line and the headers of a message, after its whole body was read; `None` if nothing comes.
fn read(stream: &mut TcpStream) -> Option<Vec<String>> {
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).expect("a line") == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_ascii_lowercase()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a length"))];
    reader.read_exact(&mut body).expect("a body");
    Some(head)
}

fn send(url: &str, request: &WebhookRequest) -> TcpStream {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).expect("the listener");
    let mut text = format!("POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    let ours = ["host", "connection", "content-length"];
    for (name, value) in &request.headers {
        if !ours.contains(&name.to_ascii_lowercase().as_str()) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let body = request.body.expose();
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(text.as_bytes()).expect("a request");
    stream
}

/// Delivers a webhook; status and `Retry-After` of the answer.
pub(crate) fn deliver(url: &str, request: &WebhookRequest) -> (u16, Option<u64>) {
    let head = read(&mut send(url, request)).expect("an answer");
    let status = head[0].split(' ').nth(1).expect("a status").parse().expect("a number");
    let wait = head.iter().find_map(|line| line.strip_prefix("retry-after: "));
    (status, wait.map(|seconds| seconds.parse().expect("seconds")))
}

#[test]
fn a_sender_that_hangs_up_loses_nothing() {
    for stage in Stage::all() {
        let application = Application::start();
        let mut listening = Listening::start(&stage, &["--forward", &application.url]);
        let (url, request) = (listening.url.clone(), posted(&stage, None));
        // The sender hangs up while the application works, and delivers again.
        let hang_up = || {
            let sender = send(&url, &request);
            let work = application.work();
            drop(sender);
            let (status, wait) = deliver(&url, &request);
            assert_eq!(status, 503, "the work may still fail");
            assert!(wait.is_some_and(|seconds| (1..=300).contains(&seconds)), "{wait:?}");
            work
        };
        // The application fails: the next delivery reaches it.
        answer(hang_up(), 500);
        listening.expect(&[(503, "in_progress", "envelope_sent"), (500, "first", "envelope_sent")]);
        // The application succeeds, though that sender has hung up as well: the next one learns it.
        answer(hang_up(), 200);
        listening.expect(&[(503, "in_progress", "envelope_sent"), (200, "first", "envelope_sent")]);
        assert_eq!(deliver(&url, &request), (200, None));
        listening.expect(&[(200, "duplicate", "envelope_sent")]);
        assert!(application.requests.try_recv().is_err(), "it was done once");
    }
}

#[test]
fn an_application_that_does_not_answer_is_given_up_before_the_vendor_gives_up() {
    let vendors = countersign::vendors().iter();
    let (name, limit) = vendors
        .filter_map(|vendor| Some((vendor.name, vendor.facts.webhook.as_ref()?.answer_within)))
        .min_by_key(|(_, limit)| *limit)
        .expect("a vendor with webhooks");
    let stage = Stage::all().find(|stage| stage.name == name).expect("the vendor");
    let application = Application::start();
    let mut listening = Listening::start(&stage, &["--forward", &application.url]);
    let (url, request) = (listening.url.clone(), posted(&stage, None));
    let began = Instant::now();
    assert_eq!(deliver(&url, &request), (502, None));
    assert!(began.elapsed() < limit, "{:?}", began.elapsed());
    listening.expect(&[(502, "first", "envelope_sent")]);
    let _silent = application.work();
    let mut sender = send(&url, &request);
    answer(application.work(), 200);
    assert!(read(&mut sender).expect("an answer")[0].contains(" 200 "));
    listening.expect(&[(200, "first", "envelope_sent")]);
}
