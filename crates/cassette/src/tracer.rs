//! Handing out each exchange as it ends, fit for the vendor's support.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::hidden;
use countersign_core::locked;
use countersign_core::redact::{escape_control, walk};
use countersign_core::{Clock, Limits, SentFor, Timestamp, Transport, TransportError};
use serde::Serialize;
use serde_json::Value;

use crate::file::{Exchange, Sent};
use crate::redact::Redactor;
use crate::wire;

/// One exchange as support needs it: as a cassette has it, and when and where it took place.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Traced {
    /// When the request was sent.
    pub at: Timestamp,
    /// The operation by its stable name; absent where the transport was not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static str>,
    /// Scheme and host, without user info.
    pub origin: String,
    /// Request, answer or fault. An exchange with neither was abandoned.
    #[serde(flatten)]
    pub exchange: Exchange,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// A transport that sends over another one and hands each exchange to a function when it ends.
///
/// Secrets and personal data are replaced as in a cassette, by the same placeholders. Ids, dates and what is left of
/// limits stay, since support looks an exchange up by them; sign-in requests are included, with every value of their
/// forms replaced.
pub struct Tracer {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    redactor: Mutex<Redactor>,
    write: Box<dyn Fn(&Value) + Send + Sync>,
}

hidden!(Tracer { inner });

impl Tracer {
    /// Traces what `inner` sends. `write` gets each exchange, a [`Traced`] as JSON without harmful characters.
    #[must_use]
    pub fn new(
        inner: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        write: impl Fn(&Value) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let redactor = Mutex::new(Redactor::for_support(clock.now()));
        Arc::new(Self { inner, clock, redactor, write: Box::new(write) })
    }

    fn begin(&self, request: &http::Request<Bytes>) -> Open<'_> {
        let about = request.extensions().get::<SentFor>();
        let uri = request.uri();
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        let origin = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            authority.rsplit('@').next().unwrap_or(authority)
        );
        let request: Sent = wire::sent(&mut locked(&self.redactor), request, about);
        let traced = Traced {
            at: self.clock.now(),
            operation: about.map(|about| about.call.operation().as_str()),
            origin,
            exchange: Exchange { request, answer: None, fault: None },
            duration_ms: 0,
        };
        Open { tracer: self, traced, start: Instant::now() }
    }
}

/// An exchange under way; it is written when it ends, also when its future is dropped.
struct Open<'t> {
    tracer: &'t Tracer,
    traced: Traced,
    start: Instant,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.traced.duration_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Ok(mut line) = serde_json::to_value(&self.traced) {
            // Makes harmful characters of the vendor's texts visible.
            walk(&mut line, &mut |_, value| {
                if let Value::String(text) = value {
                    *text = escape_control(text).into_owned();
                }
                true
            });
            (self.tracer.write)(&line);
        }
    }
}

#[async_trait]
impl Transport for Tracer {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let about = request.extensions().get::<SentFor>().cloned();
        let mut open = self.begin(&request);
        let result = self.inner.send(request, limits).await;
        match &result {
            Ok(response) => {
                open.traced.exchange.answer =
                    Some(wire::answered(&mut locked(&self.redactor), response, about.as_ref()));
            }
            // The cause behind it may show an address and is left out.
            Err(error) => open.traced.exchange.fault = Some(wire::fault(error)),
        }
        result
    }
}
