//! The faulty transport and the bad server do what they say, byte for byte where it matters.

#![allow(clippy::unwrap_used, reason = "a broken test panics")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Limits, Phase, Transport, TransportError, TransportFault};
use countersign_testkit::{BadServer, FaultTransport, Habit, Script, Trouble, When, Yielding, polled};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn put(transport: &dyn Transport) -> Result<http::Response<Bytes>, TransportError> {
    let request = http::Request::put("https://api.example/v1/recipients?x=1").body(Bytes::new()).unwrap();
    transport.send(request, &Limits::default()).await
}

/// A script with one answer, and the faulty transport around it.
fn around(trouble: Trouble) -> (Arc<Script>, Arc<FaultTransport>) {
    let script = Script::new();
    script.raw(200, &[], "the answer");
    let faulty = FaultTransport::new(Arc::clone(&script) as Arc<dyn Transport>);
    faulty.add(When::method("PUT").path("/recipients").times(1), trouble);
    (script, faulty)
}

fn failure(result: Result<http::Response<Bytes>, TransportError>) -> (TransportFault, Phase) {
    let error = result.unwrap_err();
    (error.fault, error.phase)
}

#[tokio::test]
async fn the_moment_decides_whether_the_vendor_worked() {
    let broken = TransportFault::Broken;
    for (trouble, phase, worked) in [
        (Trouble::NotSent(TransportFault::Connect), Phase::BeforeSending, 0),
        (Trouble::LostOnTheWay(broken), Phase::AfterSending, 0),
        (Trouble::AnswerLost(broken), Phase::AfterSending, 1),
    ] {
        let (script, faulty) = around(trouble.clone());
        assert_eq!(failure(put(&*faulty).await).1, phase, "{trouble:?}");
        assert_eq!((script.sent().len(), faulty.met()), (worked, 1), "{trouble:?}");
    }
}

#[tokio::test]
async fn answers_are_put_in_anothers_place_with_and_without_the_work() {
    let page = || http::Response::builder().status(502).body(Bytes::from("<html>")).unwrap();
    for (trouble, status, body, worked) in [
        (Trouble::Intercepted(page()), 502, "<html>", 0),
        (Trouble::Overwritten(page()), 502, "<html>", 1),
        (Trouble::Cut(4), 200, "the ", 1),
        (Trouble::Cut(400), 200, "the answer", 1),
    ] {
        let (script, faulty) = around(trouble.clone());
        let answer = put(&*faulty).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.body().as_ref()),
            (status, body.as_bytes()),
            "{trouble:?}"
        );
        assert_eq!(script.sent().len(), worked, "{trouble:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hang_has_no_end_and_a_delay_has_one() {
    for (trouble, worked) in [(Trouble::HangsBefore, 0), (Trouble::HangsAfter, 1)] {
        let (script, faulty) = around(trouble.clone());
        let year = Duration::from_secs(365 * 24 * 3600);
        assert!(timeout(year, put(&*faulty)).await.is_err(), "{trouble:?}");
        assert_eq!(script.sent().len(), worked, "{trouble:?}");
    }
    let (_, faulty) = around(Trouble::Slow(Duration::from_secs(20)));
    let start = tokio::time::Instant::now();
    assert_eq!(put(&*faulty).await.unwrap().status(), 200);
    assert_eq!(start.elapsed(), Duration::from_secs(20));
}

#[tokio::test]
async fn requests_that_are_not_meant_pass_and_the_first_plan_wins() {
    let script = Script::new();
    script.raw(200, &[], "one");
    script.raw(200, &[], "two");
    let faulty = FaultTransport::new(Arc::clone(&script) as Arc<dyn Transport>);
    faulty.add(When::method("POST"), Trouble::NotSent(TransportFault::Setup));
    faulty.add(When::any().nth(2), Trouble::NotSent(TransportFault::Connect));
    faulty.add(When::any().path("/recipients").nth(2), Trouble::LostOnTheWay(TransportFault::Timeout));
    assert_eq!(put(&*faulty).await.unwrap().body().as_ref(), b"one");
    assert_eq!(failure(put(&*faulty).await), (TransportFault::Connect, Phase::BeforeSending));
    assert_eq!(put(&*faulty).await.unwrap().body().as_ref(), b"two");
    assert_eq!(faulty.met(), 1);
    faulty.clear();
    assert_eq!(faulty.met(), 0);
    script.finish();
}

#[tokio::test]
async fn a_call_can_be_stopped_at_each_point_where_it_waits() {
    let mut sent = Vec::new();
    for times in 0.. {
        let script = Script::new();
        script.raw(200, &[], "");
        let transport = Yielding::new(Arc::clone(&script) as Arc<dyn Transport>);
        let done = polled(put(&*transport), times).await.is_some();
        sent.push((script.sent().len(), done));
        if done {
            break;
        }
    }
    assert_eq!(sent, [(0, false), (0, false), (1, false), (1, true)]);
}

/// What comes back for a plain request, until the server closes.
async fn raw(server: &BadServer) -> Vec<u8> {
    let mut socket = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
    socket.write_all(b"POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n").await.unwrap();
    socket.write_all(b"{}").await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    answer
}

fn text(answer: Vec<u8>) -> (String, String) {
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[tokio::test]
async fn the_bad_server_misbehaves_as_told_one_habit_after_the_other() {
    let json = Bytes::from_static(b"{\"a\":1234}");
    let server = BadServer::start([
        Habit::TooMany(Some(7)),
        Habit::BadGateway,
        Habit::CutsBody(json.clone()),
        Habit::CutsJson(json.clone()),
        Habit::ClosesMidHeader,
        Habit::Closes,
        Habit::Html,
        Habit::Drips(Bytes::from_static(b"[]"), Duration::from_millis(1)),
        Habit::Answers(200, "application/json", json),
    ])
    .await
    .unwrap();
    let (head, _) = text(raw(&server).await);
    assert!(head.starts_with("HTTP/1.1 429") && head.contains("retry-after: 7"), "{head}");
    let (head, body) = text(raw(&server).await);
    assert!(head.starts_with("HTTP/1.1 502") && body.starts_with("<html>"), "{head}");
    let (head, body) = text(raw(&server).await);
    assert!(head.contains("content-length: 10") && body == "{\"a\":", "{head} {body}");
    let (head, body) = text(raw(&server).await);
    assert!(head.contains("content-length: 5") && body == "{\"a\":", "{head} {body}");
    assert_eq!(raw(&server).await, b"HTTP/1.1 200 OK\r\ncontent-ty");
    assert_eq!(raw(&server).await, b"");
    let (head, _) = text(raw(&server).await);
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/html"), "{head}");
    assert_eq!(text(raw(&server).await).1, "[]");
    for _ in 0..2 {
        assert_eq!(text(raw(&server).await).1, "{\"a\":1234}");
    }
    assert_eq!(server.requests(), 10);
}

#[tokio::test]
async fn large_answers_are_as_large_as_told() {
    let server = BadServer::start([Habit::Large(300_000)]).await.unwrap();
    assert!(raw(&server).await.len() > 300_000);
    let bomb = BadServer::start([Habit::GzipBomb(1 << 20)]).await.unwrap();
    let answer = raw(&bomb).await;
    assert!(answer.len() < 4_096, "{} bytes", answer.len());
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&answer[at..]), &mut unpacked).unwrap();
    assert_eq!(unpacked.len(), 1 << 20);
}

#[tokio::test]
async fn silence_lasts_until_the_server_is_dropped() {
    let server = BadServer::start([Habit::NeverAnswers]).await.unwrap();
    assert!(timeout(Duration::from_millis(30), raw(&server)).await.is_err());
    let mut socket = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    drop(server);
    let mut answer = Vec::new();
    // Closed or reset: nothing came either way.
    let _ = socket.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}
