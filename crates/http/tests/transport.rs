//! The transport against sockets that behave badly.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Limits, Phase, Transport, TransportError, TransportFault};
use countersign_http::HttpTransport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Serves connections with these bytes and then closes them; gives the base URL.
async fn serve(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 2048];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(answer).await;
        }
    });
    url
}

async fn get(url: &str, limits: &Limits) -> Result<http::Response<Bytes>, TransportError> {
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    HttpTransport::default().send(request, limits).await
}

fn failed(result: Result<http::Response<Bytes>, TransportError>) -> (TransportFault, Phase) {
    let error = result.unwrap_err();
    assert!(!format!("{error:?}").contains("marked"), "a URL shows in {error:?}");
    (error.fault, error.phase)
}

#[tokio::test]
async fn an_answer_arrives_with_status_headers_and_body() {
    let url = serve(b"HTTP/1.1 418 Teapot\r\nx-trace: t-1\r\ncontent-length: 5\r\n\r\nshort").await;
    let answer = get(&url, &Limits::default()).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["x-trace"].as_bytes()), (418, b"t-1".as_slice()));
    assert_eq!(answer.body().as_ref(), b"short");
}

#[tokio::test]
async fn a_redirect_comes_back_unfollowed() {
    let url =
        serve(b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(get(&url, &Limits::default()).await.unwrap().status(), 307);
}

#[tokio::test]
async fn a_refused_connection_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/marked", listener.local_addr().unwrap());
    drop(listener);
    let result = get(&url, &Limits::default()).await;
    assert_eq!(failed(result), (TransportFault::Connect, Phase::BeforeSending));
}

#[tokio::test]
async fn a_connection_that_breaks_may_have_been_heard() {
    for cut in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a\"",
    ] {
        let url = serve(Box::leak(cut.to_vec().into_boxed_slice())).await;
        let result = get(&format!("{url}/marked?marked=1"), &Limits::default()).await;
        assert_eq!(failed(result), (TransportFault::Broken, Phase::AfterSending));
    }
}

#[tokio::test]
async fn silence_ends_with_the_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/marked", listener.local_addr().unwrap());
    let limits = Limits::default().with_timeout(Duration::from_millis(50));
    assert_eq!(failed(get(&url, &limits).await), (TransportFault::Timeout, Phase::AfterSending));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_off_announced_or_not() {
    let limits = Limits::default().with_max_body(4);
    for body in [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345".as_slice(),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n",
    ] {
        let url = serve(body).await;
        assert_eq!(failed(get(&url, &limits).await), (TransportFault::TooLarge, Phase::AfterSending));
    }
    let exact = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n1234").await;
    assert_eq!(get(&exact, &limits).await.unwrap().body().as_ref(), b"1234");
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    // 192.0.2.0/24 is reserved for documentation; nothing is sent there.
    let result = get("http://192.0.2.1/marked", &Limits::default()).await;
    assert_eq!(failed(result), (TransportFault::Setup, Phase::BeforeSending));
}
