//! Answering from a recording.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::locked;
use countersign_core::{
    Call, Clock, Detail, Error, ErrorKind, Limits, Operation, Phase, Result, SentFor, Transport,
    TransportError, TransportFault,
};
use serde_json::Value;

use crate::differences::differences;
use crate::file::{Cassette, Exchange, Sent};
use crate::matching::Bonds;
use crate::recorder::signs_in;
use crate::redact::Redactor;
use crate::rehydrate::Filler;
use crate::wire;

/// A transport that answers from a cassette and sends nothing.
///
/// A request is redacted as it was when it was recorded, and must then be the same: method, path, query (in any order,
/// repeated names as often) and body, with placeholders that correspond one to one. So an application may use its own
/// recipients and ids: answers use the names that it gave in this run, and made-up names for the recipients that it did
/// not name. Dates in answers are as far from now as they were from the time of the recording.
///
/// Each exchange is used once. A request without one fails as [`TransportFault::NotRecorded`], which nothing repeats,
/// and so does every request after it; [`Replayer::finish`] reports it again, and exchanges that were not
/// requested. Requests for tokens are answered with a made-up one, so that any credentials do.
pub struct Replayer {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Names the recording, and nothing of this run: it knows personal data, codes and links.
impl fmt::Debug for Replayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replayer").field("story", &locked(&self.state).cassette.story).finish_non_exhaustive()
    }
}

struct State {
    cassette: Cassette,
    steps: Vec<Step>,
    redactor: Redactor,
    bonds: Bonds,
    calls: Vec<Running>,
    missed: Option<String>,
}

/// A recorded exchange, with the place of its call, and its own within that.
struct Step {
    call: usize,
    at: usize,
    exchange: Exchange,
    is_used: bool,
}

/// A call of this run.
struct Running {
    call: Arc<Call>,
    json: Value,
    /// The recorded call that it turned out to be.
    recorded: Option<usize>,
}

/// What differs, as the source of the transport's error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Missed(String);

impl Replayer {
    /// Plays a cassette. Dates are put as far from what the clock says as they were when recorded.
    #[must_use]
    pub fn new(cassette: Cassette, clock: Arc<dyn Clock>) -> Arc<Self> {
        let mut steps = Vec::new();
        for (call, recorded) in cassette.calls.iter().enumerate() {
            let step = |(at, exchange)| Step { call, at, exchange, is_used: false };
            steps.extend(recorded.exchanges.iter().cloned().enumerate().map(step));
        }
        let (redactor, bonds) = (Redactor::new(clock.now()), Bonds::default());
        let state = State { cassette, steps, redactor, bonds, calls: Vec::new(), missed: None };
        Arc::new(Self { clock, state: Mutex::new(state) })
    }

    /// The vendor of the cassette.
    pub fn vendor(&self) -> String {
        locked(&self.state).cassette.vendor.clone()
    }

    /// Checks that every exchange was used and nothing else was asked for.
    ///
    /// # Errors
    /// `InvalidRequest` that names what was not used, or the request that was not recorded.
    pub fn finish(&self) -> Result<()> {
        let state = locked(&self.state);
        let mut left = Vec::new();
        let message = if let Some(missed) = &state.missed {
            missed.clone()
        } else {
            let open = state.steps.iter().filter(|step| !step.is_used);
            left.extend(open.map(|step| Detail::new("not asked for", None, Some(state.place(step)))));
            if left.is_empty() {
                return Ok(());
            }
            format!("{} recorded exchange(s) of `{}` were not asked for", left.len(), state.cassette.story)
        };
        Err(Error::new(ErrorKind::InvalidRequest, message)
            .with_details(left)
            .with_hint("make the recorded calls, or record them again"))
    }
}

impl State {
    /// The place of an exchange, in readable form.
    fn place(&self, step: &Step) -> String {
        let call = self.cassette.calls.get(step.call);
        let operation = call.and_then(|call| call.operation.as_deref()).unwrap_or("unknown");
        let Sent { method, path, .. } = &step.exchange.request;
        format!("exchange {} of call {} ({operation}): {method} {path}", step.at + 1, step.call + 1)
    }

    /// The place of this run's call.
    fn running(&mut self, about: &SentFor) -> usize {
        if let Some(at) = self.calls.iter().position(|one| Arc::ptr_eq(&one.call, &about.call)) {
            return at;
        }
        let json = wire::call(&mut self.redactor, &about.call);
        self.calls.push(Running { call: Arc::clone(&about.call), json, recorded: None });
        self.calls.len() - 1
    }

    /// The recorded calls that this one may be, likely ones first, with what it bonds if it is that call.
    fn candidates(&self, running: Option<usize>) -> Vec<(usize, Bonds)> {
        let all = 0..self.cassette.calls.len();
        let Some(running) = running.and_then(|at| self.calls.get(at)) else {
            return all.map(|at| (at, self.bonds.clone())).collect();
        };
        if let Some(at) = running.recorded {
            return vec![(at, self.bonds.clone())];
        }
        let operation = running.call.operation().as_str();
        let taken = |at: usize| self.calls.iter().any(|one| one.recorded == Some(at));
        let mut exact = Vec::new();
        let mut others = Vec::new();
        for at in all.filter(|at| !taken(*at)) {
            let Some(recorded) = self.cassette.calls.get(at) else { continue };
            match (&recorded.operation, &recorded.request) {
                (Some(name), Some(request)) if name == operation => {
                    let mut bonds = self.bonds.clone();
                    if bonds.same_json(request, &running.json) {
                        exact.push((at, bonds));
                    } else {
                        // What it says otherwise may not reach the vendor; what it says the same still names
                        // recipients.
                        let (agreed, bonds) = self.bonds.clone().agree_where_possible(request, &running.json);
                        others.push((agreed, at, bonds));
                    }
                }
                (None, _) => others.push((0, at, self.bonds.clone())),
                _ => {}
            }
        }
        others.sort_by_key(|(agreed, ..)| std::cmp::Reverse(*agreed));
        exact.extend(others.into_iter().map(|(_, at, bonds)| (at, bonds)));
        exact
    }

    /// The number of the step that answers a request.
    fn find(&mut self, sent: &Sent, running: Option<usize>) -> Option<usize> {
        for (call, bonds) in self.candidates(running) {
            let is_known = self.cassette.calls.get(call).is_some_and(|call| call.operation.is_some());
            // The steps of a call come in their order; what belongs to no known call comes as it comes.
            let most = if is_known { 1 } else { usize::MAX };
            let open =
                self.steps.iter_mut().enumerate().filter(|(_, step)| step.call == call && !step.is_used);
            for (number, step) in open.take(most) {
                let mut trial = bonds.clone();
                if trial.same_request(&step.exchange.request, sent) {
                    self.bonds = trial;
                    step.is_used = true;
                    if let Some(running) = running.and_then(|at| self.calls.get_mut(at)).filter(|_| is_known)
                    {
                        running.recorded = Some(call);
                    }
                    return Some(number);
                }
            }
        }
        None
    }

    /// What to say of a request that is not there.
    fn miss(&self, sent: &Sent, running: Option<usize>) -> String {
        let story = &self.cassette.story;
        let what = format!("`{} {}` is not in the recording `{story}`", sent.method, sent.path);
        let near = |is_used: bool| {
            let of_call = running.and_then(|at| self.calls.get(at)?.recorded);
            let steps = self.steps.iter().filter(|step| step.is_used == is_used);
            let told = steps.map(|step| (step, differences(&step.exchange.request, sent, &self.bonds)));
            let other = |step: &Step| of_call.is_some_and(|of| of != step.call);
            told.min_by_key(|(step, found)| (found.len(), other(step), step.call, step.at))
        };
        match (near(false), near(true)) {
            (_, Some((step, found))) if found.is_empty() => {
                format!("{what} once more; {} was used already, and each is used once", self.place(step))
            }
            (Some((step, found)), _) => {
                let found = if found.is_empty() {
                    "is a step of another call".to_owned()
                } else {
                    format!("differs in {}", found.join("; "))
                };
                format!("{what}; the nearest is {}, and {found}", self.place(step))
            }
            (None, Some((step, found))) => format!(
                "{what}; all of it was used already; the nearest is {}, and differs in {}",
                self.place(step),
                found.join("; ")
            ),
            (None, None) => format!("{what}, which is empty"),
        }
    }

    fn answer(&mut self, step: usize) -> Result<http::Response<Bytes>, TransportError> {
        let exchange = self.steps.get(step).map(|step| &step.exchange);
        if let Some(fault) = exchange.and_then(|exchange| exchange.fault.as_ref()) {
            return Err(wire::error(fault));
        }
        let Some(answer) = exchange.and_then(|exchange| exchange.answer.as_ref()) else {
            return Err(not_recorded("the recording has neither an answer nor a fault here".to_owned()));
        };
        let mut filler = Filler { redactor: &mut self.redactor, bonds: &mut self.bonds };
        filler.response(answer).map_err(|error| not_recorded(error.to_string()))
    }
}

fn not_recorded(what: String) -> TransportError {
    TransportError::new(TransportFault::NotRecorded, Phase::BeforeSending).with_source(Missed(what))
}

/// The answer to a request for a token (RFC 6749, 5.1).
fn token(request: &http::Request<Bytes>, about: Option<&SentFor>) -> Result<http::Response<Bytes>, String> {
    let pairs = wire::pairs(&String::from_utf8_lossy(request.body()));
    let grant = pairs.iter().find(|(name, _)| name == "grant_type").map(|(_, value)| value.as_str());
    match grant {
        // A made-up token in the place of a person's would end their real sign-in.
        Some("refresh_token" | "authorization_code") => {
            Err("a replay does not renew the sign-in of a person; replay with credentials of another kind, or with none \
                 (`Client::replaying`)"
                .to_owned())
        }
        Some(_) => {
            let body = serde_json::json!({"access_token": "replayed", "token_type": "Bearer", "expires_in": 3600});
            http::Response::builder()
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(Bytes::from(body.to_string()))
                .map_err(|error| error.to_string())
        }
        None => {
            let what = match about.map(|about| about.call.operation()) {
                Some(Operation::SignIn) => "a check of the credentials is not recorded",
                _ => "the look-up of an account's host is not recorded; configure `base_url`",
            };
            Err(format!("{what}; or replay without credentials (`Client::replaying`)"))
        }
    }
}

#[async_trait]
impl Transport for Replayer {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let about = request.extensions().get::<SentFor>().cloned();
        let mut state = locked(&self.state);
        if let Some(missed) = &state.missed {
            return Err(not_recorded(missed.clone()));
        }
        if signs_in(&request, about.as_ref()) {
            return token(&request, about.as_ref()).map_err(|what| {
                state.missed = Some(what.clone());
                not_recorded(what)
            });
        }
        state.redactor.now = self.clock.now();
        let running = about.as_ref().map(|about| state.running(about));
        let sent = wire::sent(&mut state.redactor, &request, about.as_ref());
        match state.find(&sent, running) {
            Some(step) => state.answer(step),
            None => {
                let missed = state.miss(&sent, running);
                state.missed = Some(missed.clone());
                Err(not_recorded(missed))
            }
        }
    }
}
