//! The interface to the network.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// The limits of one request: its duration and the size of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// From the first byte sent to the last byte of the answer. By default 30 seconds.
    pub timeout: Duration,
    /// The largest body, in bytes after decompression. By default 10 MiB.
    pub max_body: usize,
}

impl Limits {
    /// Limits with another duration.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Limits with another size.
    #[must_use]
    pub fn with_max_body(mut self, max_body: usize) -> Self {
        self.max_body = max_body;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), max_body: 10 * 1024 * 1024 }
    }
}

/// Sends one request and reads its answer. Follows no redirects and never retries.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request.
    ///
    /// # Errors
    /// [`TransportError`] if there is no complete answer; its phase tells whether the request may have arrived.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

/// How far a request got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// No part of it can have reached the vendor.
    BeforeSending,
    /// All or part of it may have reached the vendor.
    AfterSending,
}

/// The type of transport failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TransportFault {
    /// No connection: name not found, refused, TLS.
    #[error("no connection to the vendor")]
    Connect,
    /// No answer arrived in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection was interrupted.
    #[error("the connection was interrupted")]
    Broken,
    /// The answer is larger than allowed.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// The request cannot be sent, or the transport cannot be set up.
    #[error("the request could not be sent")]
    Setup,
    /// This transport does not call the host of the request.
    #[error("the host may not be called")]
    HostRefused,
    /// In a replay, the recording has no answer to this request; the source describes the difference.
    #[error("the request is not in the recording")]
    NotRecorded,
}

/// A request without a complete answer. Holds no URL.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
#[non_exhaustive]
pub struct TransportError {
    /// The type of failure.
    pub fault: TransportFault,
    /// How far the request got.
    pub phase: Phase,
    source: Option<Box<dyn StdError + Send + Sync + 'static>>,
}

impl TransportError {
    /// A fault in a phase.
    #[must_use]
    pub fn new(fault: TransportFault, phase: Phase) -> Self {
        Self { fault, phase, source: None }
    }

    /// Attaches the cause. It must not contain URLs or headers.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync + 'static>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
