//! A transport that returns prepared answers and records requests, and a clock that advances only on request.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::vendor::{Request, perform};
use countersign_core::{
    Clock, Context, Limits, Operation, Phase, Provider, Timestamp, Transport, TransportError, TransportFault,
    locked,
};

use crate::fixture::{Fixture, response};
use crate::sent::Sent;
use crate::yielding::once_later;

/// A transport that returns prepared answers in order and records the requests.
///
/// A request without a prepared answer fails as if it was never sent, and [`Script::finish`] reports it.
#[derive(Debug, Default)]
pub struct Script {
    state: Mutex<State>,
}

/// A script that returns these fixtures in order.
#[must_use]
pub fn script(fixtures: &[Fixture]) -> Arc<Script> {
    let script = Script::new();
    fixtures.iter().for_each(|fixture| script.fixture(fixture));
    script
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Result<http::Response<Bytes>, (TransportFault, Phase)>>,
    sent: Vec<Sent>,
    unexpected: usize,
}

impl Script {
    /// A script without answers.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Prepares a JSON answer.
    pub fn json(&self, status: u16, body: &serde_json::Value) {
        self.raw(status, &[("content-type", "application/json")], body.to_string());
    }

    /// Prepares any answer.
    pub fn raw(&self, status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) {
        locked(&self.state).answers.push_back(Ok(response(status, headers, body)));
    }

    /// Prepares the answer of a fixture.
    pub fn fixture(&self, fixture: &Fixture) {
        locked(&self.state).answers.push_back(Ok(fixture.response()));
    }

    /// Prepares a transport failure.
    pub fn fail(&self, fault: TransportFault, phase: Phase) {
        locked(&self.state).answers.push_back(Err((fault, phase)));
    }

    /// The requests so far.
    pub fn sent(&self) -> Vec<Sent> {
        locked(&self.state).sent.clone()
    }

    /// A context for one call over this script.
    pub fn context(self: &Arc<Self>, operation: Operation, clock: &Arc<impl Clock>) -> Context {
        let transport: Arc<dyn Transport> = Arc::clone(self) as Arc<dyn Transport>;
        Context::new(operation, transport, Arc::clone(clock) as Arc<dyn Clock>)
    }

    /// Makes a call over this script, as a client would.
    ///
    /// # Errors
    /// As [`perform`].
    pub async fn call<R: Request>(
        self: &Arc<Self>,
        provider: &dyn Provider,
        clock: &Arc<impl Clock>,
        request: &R,
    ) -> countersign_core::Result<R::Reply> {
        perform(provider, &self.context(R::OPERATION, clock), request).await
    }

    /// Checks that every answer was used and there were no other requests, and returns the requests.
    pub fn finish(&self) -> Vec<Sent> {
        let state = locked(&self.state);
        assert_eq!(
            state.unexpected, 0,
            "requests were sent for which no answer was prepared: {:#?}",
            state.sent
        );
        assert!(state.answers.is_empty(), "{} prepared answers were not used", state.answers.len());
        state.sent.clone()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let mut state = locked(&self.state);
        state.sent.push(Sent::of(&request));
        match state.answers.pop_front() {
            Some(Ok(response)) => Ok(response),
            Some(Err((fault, phase))) => Err(TransportError::new(fault, phase)),
            None => {
                state.unexpected += 1;
                Err(TransportError::new(TransportFault::Setup, Phase::BeforeSending))
            }
        }
    }
}

/// A clock that advances only on request.
#[derive(Debug)]
pub struct FakeClock {
    now: Mutex<Timestamp>,
}

impl FakeClock {
    /// Starts at this time, in RFC 3339 form.
    pub fn at(instant: &str) -> Self {
        Self { now: Mutex::new(instant.parse().expect("an RFC 3339 instant")) }
    }

    /// Moves forward.
    pub fn advance(&self, by: Duration) {
        let mut now = locked(&self.now);
        *now += by;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *locked(&self.now)
    }

    /// Advances the clock, and lets other tasks run once.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.advance(duration);
        Box::pin(once_later())
    }
}
