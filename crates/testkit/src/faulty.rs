//! A transport that fails where a test wants it to.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::{Limits, Phase, Transport, TransportError, TransportFault};

use crate::when::When;

/// What goes wrong with one request. The moment is what an error's outcome is judged by: before sending, while
/// sending, or after the vendor has done its work.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Trouble {
    /// Before sending: the request never leaves. The transport behind is not called, and the error says
    /// [`Phase::BeforeSending`].
    NotSent(TransportFault),
    /// While sending: the vendor gets nothing it could work on, but the sender cannot know that. The transport
    /// behind is not called, and the error says [`Phase::AfterSending`].
    LostOnTheWay(TransportFault),
    /// After sending: the vendor works, and its answer is lost. The transport behind is called, and the error says
    /// [`Phase::AfterSending`].
    AnswerLost(TransportFault),
    /// Something on the way answers in the vendor's place; the vendor does nothing.
    Intercepted(http::Response<Bytes>),
    /// The vendor works, and something on the way answers in its place.
    Overwritten(http::Response<Bytes>),
    /// The vendor works and answers, and the body ends after this many bytes without anybody noticing.
    Cut(usize),
    /// The future never completes, whatever the limits say, and the vendor gets nothing.
    HangsBefore,
    /// The vendor works, then the future never completes, whatever the limits say.
    HangsAfter,
    /// The right answer, after this pause in the time of tokio, which a test can stop and move.
    #[cfg(feature = "tokio")]
    Slow(std::time::Duration),
}

/// A transport around another that makes chosen requests fail and lets the others pass.
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
    /// How many of them were befallen.
    met: usize,
}

impl FaultTransport {
    /// Lets everything pass to this transport until told otherwise.
    #[must_use]
    pub fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self { inner, plan: Mutex::default() })
    }

    /// Plans a fault. Where several fit a request, the one planned first befalls it.
    pub fn add(&self, when: When, trouble: Trouble) {
        self.plan().push(Planned { when, trouble, seen: 0, met: 0 });
    }

    /// Forgets all faults; what is under way stays befallen.
    pub fn clear(&self) {
        self.plan().clear();
    }

    /// How many requests the present faults have befallen. A test that counts on a fault checks that this is not 0.
    #[must_use]
    pub fn met(&self) -> usize {
        self.plan().iter().map(|planned| planned.met).sum()
    }

    fn trouble(&self, request: &http::Request<Bytes>) -> Option<Trouble> {
        let mut found = None;
        // Every fault counts the requests that fit it, also those that an earlier fault befalls.
        for planned in self.plan().iter_mut().filter(|planned| planned.when.fits(request)) {
            planned.seen += 1;
            if found.is_none() && planned.when.befalls(planned.seen) {
                planned.met += 1;
                found = Some(planned.trouble.clone());
            }
        }
        found
    }

    fn plan(&self) -> std::sync::MutexGuard<'_, Vec<Planned>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
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
