//! Writing down what another transport sends.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::locked;
use countersign_core::{
    Call, Clock, Limits, Operation, Result, SecretString, SentFor, Transport, TransportError,
};

use crate::disk;
use crate::file::{Body, Cassette, Exchange, RecordedCall, Source};
use crate::redact::Redactor;
use crate::scanner::Scanner;
use crate::wire;

/// A transport that sends over another one and keeps what went over the wire, without personal data and secrets: those
/// are replaced before anything is kept, in memory as on disk.
///
/// Signing in is left out: requests for tokens, and a 401 that was followed by a renewal. Exchanges whose future was
/// dropped on the way are left out as well, since their results are unknown.
pub struct Recorder {
    inner: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Names the recording and what is behind it, and nothing that was seen: that is personal data, codes and links.
impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let story = locked(&self.state).cassette.story.clone();
        f.debug_struct("Recorder").field("inner", &self.inner).field("story", &story).finish_non_exhaustive()
    }
}

struct State {
    cassette: Cassette,
    redactor: Redactor,
    /// The calls by their allocations, beside those of the cassette.
    calls: Vec<Option<Arc<Call>>>,
    /// An exchange that a renewal of credentials would make a part of signing in: its call and place in it.
    refused: Option<(usize, usize)>,
    /// Values that must not be in the file, named by the caller.
    markers: Vec<String>,
}

impl Recorder {
    /// Records into an empty cassette. Dates are recorded as distances from the clock's time.
    #[must_use]
    pub fn new(cassette: Cassette, inner: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let mut cassette = cassette;
        if cassette.source == Source::Live && cassette.recorded.is_none() {
            cassette.recorded = clock.now().to_string().get(..10).map(str::to_owned);
        }
        let redactor = Redactor::new(clock.now());
        let state = State { cassette, redactor, calls: Vec::new(), refused: None, markers: Vec::new() };
        Arc::new(Self { inner, clock, state: Mutex::new(state) })
    }

    /// Also rejects the cassette if it contains this text in any form.
    pub fn never(&self, marker: impl Into<String>) {
        locked(&self.state).markers.push(marker.into());
    }

    /// Whether nothing was recorded so far.
    pub fn is_empty(&self) -> bool {
        locked(&self.state).cassette.exchanges().next().is_none()
    }

    /// What was recorded so far, searched for secrets.
    ///
    /// # Errors
    /// `InvalidRequest` with the places, if anything is left that must not leave the process.
    pub fn cassette(&self) -> Result<Cassette> {
        let mut state = locked(&self.state);
        let State { cassette, redactor, markers, .. } = &mut *state;
        // Redacts in earlier exchanges what is known only now.
        for exchange in cassette.calls.iter_mut().flat_map(|call| call.exchanges.iter_mut()) {
            let answer = exchange.answer.iter_mut().filter_map(|answer| answer.body.as_mut());
            for body in answer.chain(exchange.request.body.as_mut()) {
                match body {
                    Body::Json(json) => redactor.again(json),
                    Body::Text(text) => *text = redactor.without_known(text, |_| true),
                    Body::Form(_) => {}
                }
            }
        }
        let markers = markers.iter().map(|marker| SecretString::from(marker.as_str()));
        let scanner = markers.chain(redactor.secrets()).fold(Scanner::new(), Scanner::with_marker);
        let name = format!("{}{}", cassette.story, crate::SUFFIX);
        scanner.scan_text(Path::new(&name), &cassette.text()).refuse("the recording")?;
        Ok(cassette.clone())
    }

    /// Writes the cassette to a file, if it holds no secret; else nothing is written.
    ///
    /// # Errors
    /// As [`Recorder::cassette`]; `InvalidRequest` when the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<Cassette> {
        let cassette = self.cassette()?;
        disk::write(&cassette, file)?;
        Ok(cassette)
    }
}

impl State {
    /// The place of a call, a new one at its first exchange.
    fn place(&mut self, about: Option<&SentFor>) -> usize {
        let known = self.calls.iter().position(|call| match (call, about) {
            (Some(call), Some(about)) => Arc::ptr_eq(call, &about.call),
            (None, None) => true,
            _ => false,
        });
        if let Some(at) = known {
            return at;
        }
        let (operation, request) = match about {
            Some(about) => {
                let request = wire::call(&mut self.redactor, &about.call);
                (Some(about.call.operation().as_str().to_owned()), Some(request))
            }
            None => (None, None),
        };
        self.cassette.calls.push(RecordedCall { operation, request, exchanges: Vec::new() });
        self.calls.push(about.map(|about| Arc::clone(&about.call)));
        self.calls.len() - 1
    }

    /// What this machine answers is no evidence of a vendor's service.
    fn is_live(&mut self, request: &http::Request<Bytes>) {
        let host = request.uri().host().unwrap_or_default();
        let is_here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        if is_here && self.cassette.source == Source::Live {
            self.cassette.source = Source::Sandbox;
            self.cassette.recorded = None;
        }
    }

    /// Credentials are being renewed: what was just refused for them is a part of that.
    fn signing_in(&mut self) {
        let Some((call, at)) = self.refused.take() else { return };
        if let Some(call) = self.cassette.calls.get_mut(call)
            && at + 1 == call.exchanges.len()
        {
            call.exchanges.pop();
        }
    }
}

/// Whether a request is about credentials, or belongs to a call that is nothing else.
pub(crate) fn signs_in(request: &http::Request<Bytes>, about: Option<&SentFor>) -> bool {
    about.is_some_and(|about| about.signs_in || about.call.operation() == Operation::SignIn)
        || (wire::is_form(request.headers())
            && wire::pairs(&String::from_utf8_lossy(request.body()))
                .iter()
                .any(|(name, _)| name == "grant_type"))
}

#[async_trait]
impl Transport for Recorder {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let about = request.extensions().get::<SentFor>().cloned();
        if signs_in(&request, about.as_ref()) {
            locked(&self.state).signing_in();
            return self.inner.send(request, limits).await;
        }
        let (call, sent) = {
            let mut state = locked(&self.state);
            state.redactor.now = self.clock.now();
            state.is_live(&request);
            let call = state.place(about.as_ref());
            (call, wire::sent(&mut state.redactor, &request, about.as_ref()))
        };
        let result = self.inner.send(request, limits).await;
        let mut state = locked(&self.state);
        state.redactor.now = self.clock.now();
        let (answer, fault) = match &result {
            Ok(response) => (Some(wire::answered(&mut state.redactor, response, about.as_ref())), None),
            Err(error) => (None, Some(wire::fault(error))),
        };
        let is_refused = answer.as_ref().is_some_and(|answer| answer.status == 401);
        if let Some(recorded) = state.cassette.calls.get_mut(call) {
            recorded.exchanges.push(Exchange { request: sent, answer, fault });
            let at = recorded.exchanges.len() - 1;
            state.refused = is_refused.then_some((call, at));
        }
        Ok(result?)
    }
}
