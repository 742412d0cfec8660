//! A transport whose answers come from the fuzzer, and the form in which its inputs are written.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use bytes::Bytes;
use countersign::transport::{Limits, Transport, TransportError};

/// Gives prepared answers in order, then the last one for ever.
#[derive(Debug)]
pub struct Answers {
    first: Mutex<VecDeque<http::Response<Bytes>>>,
    then: http::Response<Bytes>,
}

impl Answers {
    /// These answers first, then one for ever.
    #[must_use]
    pub fn new(first: impl IntoIterator<Item = http::Response<Bytes>>, then: http::Response<Bytes>) -> Self {
        Self { first: Mutex::new(first.into_iter().collect()), then }
    }
}

#[async_trait]
impl Transport for Answers {
    async fn send(
        &self,
        _request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Ok(first.unwrap_or_else(|| self.then.clone()))
    }
}

/// Runs a future that never waits for anything outside.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("a call waits although every answer is there");
}

/// Reads an input: a line `WORD STATUS`, lines of headers, an empty line, the body. What is missing has a default,
/// so that every input is one.
#[must_use]
pub fn case(data: &[u8]) -> (&str, http::Response<Bytes>) {
    let (line, rest) = cut(data, b"\n");
    let line = std::str::from_utf8(line).unwrap_or_default();
    let (word, status) = line.split_once(' ').unwrap_or((line, "200"));
    (word, response(status.trim().parse().unwrap_or(200), rest))
}

/// An answer from lines of headers, an empty line and a body; headers that HTTP does not allow are left out.
#[must_use]
pub fn response(status: u16, data: &[u8]) -> http::Response<Bytes> {
    let (head, body) = match data.strip_prefix(b"\n") {
        Some(body) => (b"".as_slice(), body),
        None => cut(data, b"\n\n"),
    };
    let mut response = http::Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    for line in head.split(|byte| *byte == b'\n') {
        let (name, value) = cut(line, b":");
        let name = http::HeaderName::from_bytes(name.trim_ascii());
        let value = http::HeaderValue::from_bytes(value.trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn cut<'d>(data: &'d [u8], at: &[u8]) -> (&'d [u8], &'d [u8]) {
    match data.windows(at.len()).position(|window| window == at) {
        Some(place) => (&data[..place], &data[place + at.len()..]),
        None => (data, b""),
    }
}
