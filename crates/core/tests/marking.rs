//! What has to be recorded before a request is sent: when an observer is asked, and what happens if it fails.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

use std::sync::{Arc, Mutex};

use countersign_core::vendor::RouteLimit;
use countersign_core::{
    Admission, AuthRetry, Authenticator, BaseUrl, Connection, Context, Descriptor, Effect, Error, ErrorKind,
    Mark, Operation, Outcome, Problem, Provider, RequestBuilder, RequestObserver, Result, Retry, Settings,
    SignedCredentials,
};
use countersign_testkit::{FakeClock, Script};
use http::Method;

static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: std::sync::LazyLock::new(|| {
        countersign_core::vendor::Facts::load("acme", r#"title = "Acme Sign""#)
    }),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: None,
    build: |_: &Settings| -> Result<Arc<dyn Provider>> {
        Err(Error::new(ErrorKind::Config, "not in this test"))
    },
    offline: || Err(Error::new(ErrorKind::Config, "not in this test")),
};

/// Signs with a fixed key; its requests count.
#[derive(Debug)]
struct Key;

#[async_trait::async_trait]
impl Authenticator for Key {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(BaseUrl::new("https://api.acme.example")?))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }
}

/// Marks each effect once; can fail, or hold that the mark is too old.
#[derive(Debug, Default)]
struct Marker {
    fails: bool,
    is_slow: bool,
    heard: Mutex<Vec<String>>,
}

impl Marker {
    fn hear(&self, what: &str) {
        self.heard.lock().unwrap().push(what.to_owned());
    }
}

impl RequestObserver for Marker {
    fn enter(&self, _: Option<&'static RouteLimit>) -> Admission<'_> {
        self.hear("admitted");
        Admission::Open
    }

    fn leave(&self) {
        self.hear("left");
    }

    fn mark_in_flight(&self, effect: Effect) -> Option<Mark<'_>> {
        let marked = format!("marked {}", effect.as_str());
        if self.heard.lock().unwrap().contains(&marked) && !self.is_slow {
            return None;
        }
        Some(Box::pin(async move {
            self.hear(&marked);
            if self.fails { Err(Error::new(ErrorKind::Unavailable, "the ledger is away")) } else { Ok(()) }
        }))
    }
}

fn call(script: &Arc<Script>, marker: &Arc<Marker>) -> Context {
    let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
    let cx = script.context(Operation::ChangeAccessCode, &clock);
    cx.with_observer(Arc::clone(marker) as Arc<dyn RequestObserver>)
}

async fn step(cx: &Context, effect: Effect) -> Result<()> {
    let connection = Connection::new(VENDOR.vocabulary(), Arc::new(Key));
    cx.exchange(&connection, effect, RequestBuilder::new(Method::POST, &["x"])).await.map(drop)
}

#[tokio::test]
async fn a_request_is_marked_after_its_admission_if_a_repetition_must_know_of_it() {
    let (script, marker) = (Script::new(), Arc::new(Marker::default()));
    let cx = call(&script, &marker);
    for effect in [Effect::Read, Effect::MintsLink, Effect::SetsState, Effect::SetsState, Effect::Notifies] {
        script.raw(200, &[], "");
        marker.hear(effect.as_str());
        step(&cx, effect).await.unwrap();
    }
    let heard = marker.heard.lock().unwrap().join(", ");
    let expected = "read, admitted, left, mints_link, admitted, left, \
                    sets_state, admitted, marked sets_state, left, sets_state, admitted, left, \
                    notifies, admitted, marked notifies, left";
    assert_eq!(heard, expected);
    script.finish();
}

#[tokio::test]
async fn a_request_that_cannot_be_marked_is_not_sent() {
    let (script, marker) = (Script::new(), Arc::new(Marker { fails: true, ..Marker::default() }));
    let cx = call(&script, &marker);
    let error = step(&cx, Effect::Notifies).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, Outcome::NoEffect));
    assert_eq!((error.vendor(), error.attempts()), (Some("acme"), 0));
    assert_eq!(cx.possible_effect(), None);
    assert!(script.finish().is_empty());
    assert_eq!(*marker.heard.lock().unwrap(), ["admitted", "marked notifies", "left"]);
}

#[tokio::test]
async fn a_request_is_not_sent_long_after_its_mark() {
    let (script, marker) = (Script::new(), Arc::new(Marker { is_slow: true, ..Marker::default() }));
    let cx = call(&script, &marker);
    let error = step(&cx, Effect::Notifies).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NoEffect));
    assert_eq!((error.retry(), cx.possible_effect()), (Retry::After(None), None));
    assert!(script.finish().is_empty());
}

#[tokio::test]
async fn what_an_earlier_step_did_is_not_forgotten_when_the_next_cannot_be_marked() {
    let (script, marker) = (Script::new(), Arc::new(Marker { fails: true, ..Marker::default() }));
    script.raw(200, &[], "");
    let cx = call(&script, &marker);
    step(&cx, Effect::MintsLink).await.unwrap();
    let error = step(&cx, Effect::Notifies).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    script.finish();
}
