//! A transport that fails on request.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::{Limits, Phase, Transport, TransportError, TransportFault, locked};

use crate::when::When;

/// The fault of one request. Its phase determines an error's outcome: before sending, while sending, or after the
/// vendor has done its work.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Trouble {
    /// Before sending: the request is never sent. The wrapped transport is not called, and the error has
    /// [`Phase::BeforeSending`].
    NotSent(TransportFault),
    /// While sending: the vendor receives nothing usable, but the sender cannot know that. The wrapped transport is
    /// not called, and the error has [`Phase::AfterSending`].
    LostOnTheWay(TransportFault),
    /// After sending: the vendor does the work, and its answer is lost. The wrapped transport is called, and the
    /// error has [`Phase::AfterSending`].
    AnswerLost(TransportFault),
    /// A proxy answers instead of the vendor; the vendor does nothing.
    Intercepted(http::Response<Bytes>),
    /// The vendor does the work, and a proxy answers instead of it.
    Overwritten(http::Response<Bytes>),
    /// The vendor does the work and answers, and the body is cut after this many bytes without an error.
    Cut(usize),
    /// The future never completes, whatever the limits are, and the vendor receives nothing.
    HangsBefore,
    /// The vendor does the work, then the future never completes, whatever the limits are.
    HangsAfter,
    /// The right answer, after this pause in tokio's time, which a test can stop and advance.
    #[cfg(feature = "tokio")]
    Slow(std::time::Duration),
}

/// A transport that wraps another one; selected requests fail, the others pass.
///
/// ```
/// use std::sync::Arc;
/// use countersign_core::{Transport, TransportFault};
/// use countersign_testkit::{FaultTransport, Script, Trouble, When};
///
/// let script = Script::new();
/// let faulty = FaultTransport::new(script);
/// // The second resend reaches the vendor, and its answer is lost.
/// faulty.add(When::method("PUT").path("/recipients").nth(2), Trouble::AnswerLost(TransportFault::Broken));
/// let transport: Arc<dyn Transport> = faulty;
/// ```
#[derive(Debug)]
pub struct FaultTransport {
    inner: Arc<dyn Transport>,
    plan: Mutex<Vec<Planned>>,
}

#[derive(Debug)]
struct Planned {
    when: When,
    trouble: Trouble,
    /// Matching requests so far.
    seen: usize,
    /// How many of them were affected.
    met: usize,
}

impl FaultTransport {
    /// Passes everything to this transport until a fault is planned.
    pub fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { inner, plan: Mutex::default() })
    }

    /// Plans a fault. If several match a request, the one planned first applies.
    pub fn add(&self, when: When, trouble: Trouble) {
        locked(&self.plan).push(Planned { when, trouble, seen: 0, met: 0 });
    }

    /// Removes all faults; requests in progress stay affected.
    pub fn clear(&self) {
        locked(&self.plan).clear();
    }

    /// How many requests the current faults have affected. A test that relies on a fault should check that this is
    /// not 0.
    pub fn met(&self) -> usize {
        locked(&self.plan).iter().map(|planned| planned.met).sum()
    }

    fn trouble(&self, request: &http::Request<Bytes>) -> Option<Trouble> {
        let mut found = None;
        // Every fault counts its matching requests, including those affected by an earlier fault.
        for planned in locked(&self.plan).iter_mut().filter(|planned| planned.when.fits(request)) {
            planned.seen += 1;
            if found.is_none() && planned.when.befalls(planned.seen) {
                planned.met += 1;
                found = Some(planned.trouble.clone());
            }
        }
        found
    }
}

#[async_trait]
impl Transport for FaultTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let Some(trouble) = self.trouble(&request) else {
            return self.inner.send(request, limits).await;
        };
        match trouble {
            Trouble::NotSent(fault) => Err(TransportError::new(fault, Phase::BeforeSending)),
            Trouble::LostOnTheWay(fault) => Err(TransportError::new(fault, Phase::AfterSending)),
            Trouble::Intercepted(response) => Ok(response),
            Trouble::HangsBefore => std::future::pending().await,
            Trouble::AnswerLost(fault) => {
                self.inner.send(request, limits).await?;
                Err(TransportError::new(fault, Phase::AfterSending))
            }
            Trouble::Overwritten(response) => {
                self.inner.send(request, limits).await?;
                Ok(response)
            }
            Trouble::Cut(bytes) => {
                let answer = self.inner.send(request, limits).await?;
                Ok(answer.map(|body| body.slice(..bytes.min(body.len()))))
            }
            Trouble::HangsAfter => {
                self.inner.send(request, limits).await?;
                std::future::pending().await
            }
            #[cfg(feature = "tokio")]
            Trouble::Slow(pause) => {
                tokio::time::sleep(pause).await;
                self.inner.send(request, limits).await
            }
        }
    }
}
