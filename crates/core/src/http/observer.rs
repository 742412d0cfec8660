//! What stands beside the exchanges of a call: lets requests pass within an account's limits, and hears what became
//! of them.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use http::HeaderMap;

use crate::model::Timestamp;

/// Stands beside the exchanges of one call. A client gives one to each [`Context`](crate::Context) it makes; without
/// one, every request passes and nobody hears of it.
///
/// [`Watch::enter`], [`Watch::leave`] and [`Watch::answered`] are about requests that count towards the account's
/// limits only; requests for tokens do not (see [`Authorise::counts`](crate::Authorise::counts)).
pub trait Watch: Debug + Send + Sync + 'static {
    /// Asks leave for one request. Whoever got leave calls [`Watch::leave`] once, whatever becomes of the request.
    fn enter(&self) -> Entry<'_> {
        Entry::Open
    }

    /// A request that had leave is over, answered or not, or was dropped on the way.
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
pub enum Entry<'a> {
    /// Now.
    Open,
    /// Once this future is done with `Ok`; an `Err` is as [`Entry::Closed`]. Leave begins with the `Ok`, so dropping
    /// the future earlier leaves nothing behind.
    Wait(Pin<Box<dyn Future<Output = Result<(), Duration>> + Send + 'a>>),
    /// Not within the call's time: nothing is left for so long.
    Closed(Duration),
}

impl Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Entry::Open => f.write_str("Open"),
            Entry::Wait(_) => f.write_str("Wait"),
            Entry::Closed(wait) => f.debug_tuple("Closed").field(wait).finish(),
        }
    }
}

/// Leave for one request; gives it back however the request ends.
pub(crate) struct Passage<'a>(&'a dyn Watch);

impl<'a> Passage<'a> {
    /// Waits for leave, if there is anybody to ask.
    pub(crate) async fn ask(watch: Option<&'a dyn Watch>) -> Result<Option<Self>, Duration> {
        let Some(watch) = watch else { return Ok(None) };
        match watch.enter() {
            Entry::Open => {}
            Entry::Wait(leave) => leave.await?,
            Entry::Closed(wait) => return Err(wait),
        }
        Ok(Some(Self(watch)))
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
