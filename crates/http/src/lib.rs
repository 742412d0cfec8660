//! Countersign's network transport, over reqwest and rustls.
//!
//! It follows no redirects (a redirect would send an API key to another host), never retries, limits the body while
//! it is read, rejects plain http except to this machine, and reports how far a failed request got.

mod options;

use std::future::Future;
use std::sync::OnceLock;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use countersign_core::hidden;
use countersign_core::{Limits, Phase, Transport, TransportError, TransportFault};
use reqwest::{Client, Request, Response, Url};

pub use options::HttpOptions;

/// Sends over HTTP/1.1 or HTTP/2 with a pool of connections. Share one per process; clones of a client do.
///
/// TLS is set up with the first request that needs it, so that a program that sends nothing does not pay for it.
#[derive(Default)]
pub struct HttpTransport {
    options: HttpOptions,
    remote: OnceLock<Client>,
    local: OnceLock<Client>,
}

// Shows none of the options, because proxy URLs from the environment may contain passwords.
hidden!(HttpTransport {});

impl HttpTransport {
    /// With custom options.
    #[must_use]
    pub fn new(options: HttpOptions) -> Self {
        Self { options, ..Self::default() }
    }

    fn client(&self, loopback: bool) -> Result<&Client, TransportError> {
        let slot = if loopback { &self.local } else { &self.remote };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.options.client(loopback).map_err(|error| {
            TransportError::new(TransportFault::Setup, Phase::BeforeSending).with_source(error.without_url())
        })?;
        Ok(slot.get_or_init(|| client))
    }

    /// Passes the request to reqwest. Not part of `send`, whose future would otherwise keep data that only this
    /// needs.
    fn begin(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<impl Future<Output = reqwest::Result<Response>> + Send + use<>, TransportError> {
        let setup = || TransportError::new(TransportFault::Setup, Phase::BeforeSending);
        let (head, body) = request.into_parts();
        let url = url(&head.uri).ok_or_else(|| setup().with_source("the URL is not absolute"))?;
        let loopback = options::is_loopback(&url);
        if url.scheme() != "https" && !loopback && !self.options.allows_plain_http() {
            return Err(setup().with_source("plain http is allowed to this machine only; use https"));
        }
        let mut request = Request::new(head.method, url);
        *request.headers_mut() = head.headers;
        *request.body_mut() = Some(body.into());
        Ok(self.client(loopback)?.execute(request))
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let exchange = exchange(self.begin(request)?, limits.max_body);
        // reqwest's own request timeout costs four more allocations.
        tokio::time::timeout(limits.timeout, exchange)
            .await
            .unwrap_or_else(|_| Err(TransportError::new(TransportFault::Timeout, Phase::AfterSending)))
    }
}

async fn exchange(
    response: impl Future<Output = reqwest::Result<Response>>,
    most: usize,
) -> Result<http::Response<Bytes>, TransportError> {
    let mut response = response.await.map_err(failure)?;
    let body = read(&mut response, most).await?;
    let mut answer = http::Response::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

/// In reqwest's type; written with one allocation, unlike its own conversion.
fn url(uri: &http::Uri) -> Option<Url> {
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut text = String::with_capacity(scheme.len() + 3 + authority.len() + path.len());
    for part in [scheme, "://", authority, path] {
        text.push_str(part);
    }
    Url::parse(&text).ok()
}

/// Reads the body, up to `most` bytes after decompression.
async fn read(response: &mut Response, most: usize) -> Result<Bytes, TransportError> {
    let too_large = || TransportError::new(TransportFault::TooLarge, Phase::AfterSending);
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let first = response.chunk().await.map_err(failure)?.unwrap_or_default();
    if first.len() > most {
        return Err(too_large());
    }
    let Some(second) = response.chunk().await.map_err(failure)? else {
        // Most answers arrive in one piece, which is not copied.
        return Ok(first);
    };
    let mut body = BytesMut::with_capacity(announced.unwrap_or(0).max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > most {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(failure)?;
    }
    Ok(body.freeze())
}

/// How far a request got. Only a connection that never stood proves that nothing was sent.
fn failure(error: reqwest::Error) -> TransportError {
    let (fault, phase) = if error.is_builder() {
        (TransportFault::Setup, Phase::BeforeSending)
    } else if error.is_connect() && error.is_timeout() {
        (TransportFault::Timeout, Phase::BeforeSending)
    } else if error.is_connect() {
        (TransportFault::Connect, Phase::BeforeSending)
    } else if error.is_timeout() {
        (TransportFault::Timeout, Phase::AfterSending)
    } else {
        (TransportFault::Broken, Phase::AfterSending)
    };
    // reqwest prints the whole URL with its query.
    TransportError::new(fault, phase).with_source(error.without_url())
}
