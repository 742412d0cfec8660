//! Observes the exchanges of a call: admits requests within an account's limits, and is notified of their results.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::HeaderMap;

use crate::model::Timestamp;

/// Observes the exchanges of one call. A client gives one to each [`Context`](crate::Context) it makes; without one,
/// every request is admitted.
///
/// [`RequestObserver::enter`], [`RequestObserver::leave`] and [`RequestObserver::answered`] are called only for requests
/// that count towards the account's limits; requests for tokens do not (see
/// [`Authenticator::counts`](crate::Authenticator::counts)).
pub trait RequestObserver: Debug + Send + Sync + 'static {
    /// Asks for admission of one request. [`RequestObserver::leave`] follows once for each request that was admitted,
    /// whatever becomes of it.
    fn enter(&self) -> Admission<'_> {
        Admission::Open
    }

    /// A request that was admitted is over: answered, failed, or dropped on the way.
    fn leave(&self) {}

    /// An answer has come, whatever its status. Headers may tell what is left of a limit.
    fn answered(&self, headers: &HeaderMap, now: Timestamp) {
        let _ = (headers, now);
    }

    /// How much time the call has left; no request may take longer. `None` where nothing limits it.
    fn time_left(&self) -> Option<Duration> {
        None
    }

    /// Requests were sent to get new credentials, and whether they got some.
    fn credentials_renewed(&self, success: bool) {
        let _ = success;
    }

    /// The vendor refused with a code for which its table has no row.
    fn unmapped_code(&self) {}
}

/// Whether a request may go.
pub enum Admission<'a> {
    /// Now.
    Open,
    /// Once this future is done with `Ok`; an `Err` is as [`Admission::Closed`]. The admission begins with the `Ok`, so
    /// dropping the future earlier leaves nothing behind.
    Wait(Pin<Box<dyn Future<Output = Result<(), Duration>> + Send + 'a>>),
    /// Not within the call's time: nothing is left for so long.
    Closed(Duration),
}

impl Debug for Admission<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Admission::Open => f.write_str("Open"),
            Admission::Wait(_) => f.write_str("Wait"),
            Admission::Closed(wait) => f.debug_tuple("Closed").field(wait).finish(),
        }
    }
}

/// The admission of one request; gives it back however the request ends.
pub(crate) struct Permit<'a>(&'a dyn RequestObserver);

impl<'a> Permit<'a> {
    /// Waits for admission, if there is an observer.
    pub(crate) async fn ask(observer: Option<&'a dyn RequestObserver>) -> Result<Option<Self>, Duration> {
        let Some(observer) = observer else { return Ok(None) };
        match observer.enter() {
            Admission::Open => {}
            Admission::Wait(leave) => leave.await?,
            Admission::Closed(wait) => return Err(wait),
        }
        Ok(Some(Self(observer)))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
