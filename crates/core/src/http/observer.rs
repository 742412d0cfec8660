//! Observes the exchanges of a call: admits requests within an account's limits, and is notified of their results.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::HeaderMap;

use crate::error::{Error, ErrorKind, Retry};
use crate::model::{Effect, Timestamp};
use crate::vendor::RouteLimit;

/// Observes the exchanges of one call. A client attaches one to each [`Context`](crate::Context) that it creates;
/// without one, every request is admitted.
///
/// [`RequestObserver::enter`], [`RequestObserver::leave`] and [`RequestObserver::answered`] are called only for
/// requests that count towards the account's limits; token requests do not (see
/// [`Authenticator::counts`](crate::Authenticator::counts)).
pub trait RequestObserver: Debug + Send + Sync + 'static {
    /// Asks to admit one request, which counts towards this limit of its route, if the vendor has one.
    /// [`RequestObserver::leave`] follows once for each admitted request, whatever its result.
    fn enter(&self, limit: Option<&'static RouteLimit>) -> Admission<'_> {
        let _ = limit;
        Admission::Open
    }

    /// An admitted request has ended: answered, failed, or dropped.
    fn leave(&self) {}

    /// An admitted request with this effect is about to be sent. Called only for effects that a repetition must know
    /// of: from [`Effect::SetsState`] up. `None` if nothing needs to be recorded.
    ///
    /// Called once more, without waiting, directly before sending. If the mark is needed again then, too much time
    /// has passed since, and nothing is sent.
    fn mark_in_flight(&self, effect: Effect) -> Option<Mark<'_>> {
        let _ = effect;
        None
    }

    /// An answer has arrived, with any status. Its headers may report what is left of a limit.
    fn answered(&self, headers: &HeaderMap, now: Timestamp) {
        let _ = (headers, now);
    }

    /// A request was refused because this limit is used up, for this long.
    fn limited(&self, limit: &'static RouteLimit, wait: Duration) {
        let _ = (limit, wait);
    }

    /// The remaining time of the call, which limits every request. `None` if there is no limit.
    fn time_left(&self) -> Option<Duration> {
        None
    }

    /// Requests were sent to obtain new credentials, with or without success.
    fn credentials_renewed(&self, success: bool) {
        let _ = success;
    }

    /// The vendor refused with a code that its table does not contain.
    fn unmapped_code(&self) {}
}

/// Whether a request may be sent.
pub enum Admission<'a> {
    /// Now.
    Open,
    /// After this future returns `Ok`; an `Err` is the same as [`Admission::Closed`]. The admission starts with the
    /// `Ok`, so dropping the future earlier has no effect.
    Wait(Pin<Box<dyn Future<Output = Result<(), Duration>> + Send + 'a>>),
    /// Not within the call's time: nothing is available for this long.
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

/// Records something durably before a request is sent: send after this future returns `Ok`. After an `Err`, nothing is
/// sent, and the step fails with this error.
pub type Mark<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Notifies of a refusal because of a limit.
pub(crate) fn observe_limit(
    observer: Option<&dyn RequestObserver>,
    limit: Option<&'static RouteLimit>,
    error: &Error,
) {
    if let (Some(observer), Some(limit)) = (observer, limit)
        && error.kind() == ErrorKind::RateLimited
    {
        let told = if let Retry::After(wait) = error.retry() { wait } else { None };
        observer.limited(limit, told.unwrap_or(limit.within));
    }
}

/// The admission of one request; released however the request ends.
pub(crate) struct Permit<'a>(&'a dyn RequestObserver);

impl<'a> Permit<'a> {
    /// Waits for admission, if there is an observer.
    pub(crate) async fn ask(
        observer: Option<&'a dyn RequestObserver>,
        limit: Option<&'static RouteLimit>,
    ) -> Result<Option<Self>, Duration> {
        let Some(observer) = observer else { return Ok(None) };
        match observer.enter(limit) {
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
