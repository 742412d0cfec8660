//! A transport that is not ready immediately, for tests of cancellation.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::{Limits, Transport, TransportError};

/// A transport that wraps another one and waits once before each request and once after each answer.
///
/// Prepared answers arrive without waiting, so a call over them has no point at which it could be dropped. With
/// this wrapper it has two per request, and [`polled`] can stop at each.
#[derive(Debug)]
pub struct Yielding(Arc<dyn Transport>);

impl Yielding {
    /// Wraps this transport.
    pub fn new(inner: Arc<dyn Transport>) -> Arc<Self> {
        Arc::new(Self(inner))
    }
}

#[async_trait]
impl Transport for Yielding {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        once_later().await;
        let answer = self.0.send(request, limits).await;
        once_later().await;
        answer
    }
}

/// Ready at the second poll.
pub(crate) async fn once_later() {
    let mut looked = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut looked, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future at most this many times and then drops it, like a caller who cancels, at a point that the test
/// chooses. `None` if it was not complete by then. A future that is never polled has done nothing.
///
/// It waits to be woken between two polls, like an executor: for a future that hangs, poll once.
pub async fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
