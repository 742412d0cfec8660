//! A clock that advances only on request.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use countersign_core::{Clock, Timestamp};

/// A clock that advances only on request.
#[derive(Debug)]
pub struct FakeClock {
    now: Mutex<Timestamp>,
}

impl FakeClock {
    /// Starts at this time, in RFC 3339 form.
    #[must_use]
    pub fn at(instant: &str) -> Self {
        Self { now: Mutex::new(instant.parse().expect("an RFC 3339 instant")) }
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Advances the clock, and lets other tasks run once.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.advance(duration);
        let mut over = false;
        Box::pin(std::future::poll_fn(move |cx| {
            if std::mem::replace(&mut over, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }))
    }
}
