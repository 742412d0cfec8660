//! The transport against servers that mean harm: endless, swollen and malformed answers, redirects.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Limits, Phase, Transport, TransportError, TransportFault};
use countersign_http::{HttpOptions, HttpTransport};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each connection with a head and then, as long as the other side listens, the same piece again and again.
/// Gives the base URL and a count of the bytes that were taken from it.
async fn endless(head: impl Into<Vec<u8>>, piece: Vec<u8>, times: usize) -> (String, Arc<AtomicUsize>) {
    let head = head.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = socket.read(&mut request).await;
            if socket.write_all(&head).await.is_err() {
                continue;
            }
            for _ in 0..times {
                if socket.write_all(&piece).await.is_err() {
                    break;
                }
                count.fetch_add(piece.len(), Ordering::SeqCst);
            }
        }
    });
    (url, taken)
}

async fn get(url: &str, limits: &Limits) -> Result<http::Response<Bytes>, TransportError> {
    let request = http::Request::get(url).header("x-api-key", "marked").body(Bytes::new()).unwrap();
    HttpTransport::default().send(request, limits).await
}

fn fault(result: Result<http::Response<Bytes>, TransportError>) -> (TransportFault, Phase) {
    let error = result.unwrap_err();
    assert!(!format!("{error:?}").contains("marked"), "a secret shows in {error:?}");
    (error.fault, error.phase)
}

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn the_usual_cap_is_ten_mebibytes_and_an_endless_body_ends_there() {
    let limits = Limits::default();
    assert_eq!(limits.max_body, 10 * MIB);
    let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024)).into_bytes();
    let (url, taken) = endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk, 1600).await;
    assert_eq!(fault(get(&url, &limits).await), (TransportFault::TooLarge, Phase::AfterSending));
    // What the sockets and the reader hold beyond the cap is little: the rest of the 100 MiB was never read.
    let taken = taken.load(Ordering::SeqCst);
    assert!(taken < 32 * MIB, "{taken} bytes were read for a cap of {}", limits.max_body);
}

#[tokio::test]
async fn a_body_announced_as_larger_than_allowed_is_not_begun() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", u64::MAX / 2);
    let (url, taken) = endless(head, vec![b'x'; 64 * 1024], 1600).await;
    assert_eq!(fault(get(&url, &Limits::default()).await), (TransportFault::TooLarge, Phase::AfterSending));
    assert!(taken.load(Ordering::SeqCst) < 32 * MIB);
}

#[tokio::test]
async fn a_decompression_bomb_is_cut_off_at_the_cap() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; MIB];
    for _ in 0..60 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < MIB, "no bomb: {} bytes", bomb.len());
    for head in [
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len()),
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n".to_owned(),
    ] {
        let mut answer = head.into_bytes();
        answer.extend_from_slice(&bomb);
        let (url, _) = endless(answer, Vec::new(), 0).await;
        for cap in [MIB, 10 * MIB] {
            let limits = Limits::default().with_max_body(cap);
            assert_eq!(fault(get(&url, &limits).await), (TransportFault::TooLarge, Phase::AfterSending));
        }
    }
}

#[tokio::test]
async fn a_bomb_within_a_bomb_is_unpacked_once() {
    let pack = |data: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    };
    let twice = pack(&pack(&vec![b'x'; 4 * MIB]));
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip, gzip\r\ncontent-length: {}\r\n\r\n", twice.len());
    let mut answer = head.into_bytes();
    answer.extend_from_slice(&twice);
    let (url, _) = endless(answer, Vec::new(), 0).await;
    // Two layers of packing are no form that was asked for; at most one is taken off.
    match get(&url, &Limits::default().with_max_body(64 * 1024)).await {
        Ok(answer) => assert!(answer.body().len() <= 64 * 1024),
        Err(error) => assert_eq!(error.phase, Phase::AfterSending),
    }
}

#[tokio::test]
async fn more_headers_than_anybody_needs_are_refused() {
    let many: String = (0..5000).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = format!("x-long: {}\r\n", "y".repeat(4 * MIB));
    for headers in [many, long] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n");
        let (url, _) = endless(answer, Vec::new(), 0).await;
        assert_eq!(fault(get(&url, &Limits::default()).await), (TransportFault::Broken, Phase::AfterSending));
    }
    let (url, taken) = endless("HTTP/1.1 200 OK\r\n", b"x-more: 1\r\n".repeat(1000), 10_000).await;
    assert_eq!(fault(get(&url, &Limits::default()).await), (TransportFault::Broken, Phase::AfterSending));
    assert!(taken.load(Ordering::SeqCst) < 16 * MIB, "headers without end were read");
}

#[tokio::test]
async fn headers_that_http_does_not_allow_are_refused() {
    for line in ["x-a: 1\r\n folded", "x-a: \u{0}", "x a: 1", "x-a: \u{1b}[2J", ": 1", "x-a: 1\rx-b: 2"] {
        let answer = format!("HTTP/1.1 200 OK\r\n{line}\r\ncontent-length: 0\r\n\r\n");
        let (url, _) = endless(answer, Vec::new(), 0).await;
        assert_eq!(
            fault(get(&url, &Limits::default()).await),
            (TransportFault::Broken, Phase::AfterSending),
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn interim_answers_without_end_stop_with_the_time() {
    let (url, _) = endless("", b"HTTP/1.1 103 Early\r\nlink: <x>\r\n\r\n".repeat(100), usize::MAX).await;
    let limits = Limits::default().with_timeout(Duration::from_millis(200));
    let (fault, phase) = fault(get(&url, &limits).await);
    assert!(matches!(fault, TransportFault::Timeout | TransportFault::Broken), "{fault:?}");
    assert_eq!(phase, Phase::AfterSending);
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time_however_often_a_byte_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
        while socket.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let limits = Limits::default().with_timeout(Duration::from_millis(120));
    assert_eq!(fault(get(&url, &limits).await), (TransportFault::Timeout, Phase::AfterSending));
}

#[tokio::test]
async fn a_redirect_to_another_port_is_seen_by_nobody_there() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let there = other.local_addr().unwrap();
    for status in [301, 302, 303, 307, 308] {
        let answer = format!("HTTP/1.1 {status} X\r\nlocation: http://{there}/\r\ncontent-length: 0\r\n\r\n");
        let (url, _) = endless(answer, Vec::new(), 0).await;
        assert_eq!(get(&url, &Limits::default()).await.unwrap().status().as_u16(), status);
    }
    let nobody = tokio::time::timeout(Duration::from_millis(50), other.accept()).await;
    assert!(nobody.is_err(), "a redirect was followed");
}

#[tokio::test]
async fn plain_http_goes_to_this_machine_only_unless_it_is_allowed() {
    // 192.0.2.0/24 and .invalid lead nowhere (RFC 5737, RFC 2606); nothing is sent there.
    for url in [
        "http://192.0.2.1/",
        "http://api.invalid/",
        "http://localhost.invalid/",
        "http://127.0.0.1.invalid/",
        "http://127.0.0.1@192.0.2.1/",
        "http://[::ffff:192.0.2.1]/",
        "http://0.0.0.0/",
    ] {
        let result = get(url, &Limits::default()).await;
        assert_eq!(fault(result), (TransportFault::Setup, Phase::BeforeSending), "{url}");
    }
    let (url, _) = endless("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Vec::new(), 0).await;
    let named = url.replace("127.0.0.1", "localhost");
    for url in [url, named] {
        assert_eq!(get(&url, &Limits::default()).await.unwrap().status(), 200, "{url}");
    }
    // Allowed, the address is tried; no server is there.
    let allowed = HttpTransport::new(
        HttpOptions::default().allow_plain_http(true).with_connect_timeout(Duration::from_millis(50)),
    );
    let request = http::Request::get("http://192.0.2.1/").body(Bytes::new()).unwrap();
    let error =
        allowed.send(request, &Limits::default().with_timeout(Duration::from_millis(100))).await.unwrap_err();
    assert_ne!(error.fault, TransportFault::Setup);
}

#[test]
fn the_transport_shows_nothing_of_its_set_up() {
    let options = HttpOptions::default().with_user_agent("marked");
    assert!(!format!("{:?}", HttpTransport::new(options)).contains("marked"));
}
