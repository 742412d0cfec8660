//! Observers of a call: admission within limits, what they are notified of, and what a call knows of itself.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken test panics")]

use std::future::Future;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Waker};
use std::time::Duration;

use bytes::Bytes;
use countersign_core::vendor::RouteLimit;
use countersign_core::{
    Admission, Anonymous, AuthRetry, Authenticator, BaseUrl, Clock, Connection, Context, Descriptor, Effect,
    Error, ErrorKind, Limits, Operation, Outcome, Phase, Problem, Provider, RequestBuilder, RequestObserver,
    Result, Retry, SecretString, Settings, SignedCredentials, Timestamp, Transport, TransportError,
    TransportFault,
};
use countersign_testkit::{FakeClock, Script};
use http::Method;

static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: std::sync::LazyLock::new(|| {
        countersign_core::vendor::Facts::load("acme", r#"title = "Acme Sign""#)
    }),
    read_problem: |status, _, body| Problem::new(status).with_code(String::from_utf8(body.to_vec()).ok()),
    webhooks: None,
    build: |_: &Settings| -> Result<Arc<dyn Provider>> {
        Err(Error::new(ErrorKind::Config, "not in this test"))
    },
    offline: || Err(Error::new(ErrorKind::Config, "not in this test")),
};

/// Signs with a key that is got by one request each time; counts.
#[derive(Debug)]
struct Tokens;

#[async_trait::async_trait]
impl Authenticator for Tokens {
    async fn credentials(&self, cx: &Context) -> Result<SignedCredentials> {
        let link = Connection::new(VENDOR.vocabulary(), Arc::new(Anonymous::new(base())));
        cx.exchange(&link, Effect::Read, RequestBuilder::new(Method::POST, &["token"])).await?;
        Ok(SignedCredentials::anonymous(base())
            .with_header(http::header::AUTHORIZATION, SecretString::from("t")))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Renewed
    }
}

/// Signs with a fixed key; counts.
#[derive(Debug)]
struct Key;

#[async_trait::async_trait]
impl Authenticator for Key {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(base()))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }
}

/// Writes down what it hears; `inside` is how many requests have leave.
#[derive(Debug, Default)]
struct Listener {
    closed: Option<Duration>,
    time_left: Option<Duration>,
    entered: AtomicU32,
    inside: AtomicI64,
    heard: Mutex<Vec<String>>,
}

impl Listener {
    fn hear(&self, what: impl Into<String>) {
        self.heard.lock().unwrap().push(what.into());
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join(", ")
    }
}

impl RequestObserver for Listener {
    fn enter(&self, _: Option<&'static RouteLimit>) -> Admission<'_> {
        if let Some(wait) = self.closed {
            return Admission::Closed(wait);
        }
        self.entered.fetch_add(1, Ordering::SeqCst);
        self.inside.fetch_add(1, Ordering::SeqCst);
        Admission::Open
    }

    fn leave(&self) {
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }

    fn answered(&self, headers: &http::HeaderMap, _now: Timestamp) {
        self.hear(format!("answer with {} headers", headers.len()));
    }

    fn time_left(&self) -> Option<Duration> {
        self.time_left
    }

    fn credentials_renewed(&self, success: bool) {
        self.hear(format!("renewed {success}"));
    }

    fn unmapped_code(&self) {
        self.hear("unmapped");
    }
}

/// Never answers, and notes the limits it was given.
#[derive(Debug, Default)]
struct Silent(Mutex<Option<Limits>>);

#[async_trait::async_trait]
impl Transport for Silent {
    async fn send(
        &self,
        _request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        *self.0.lock().unwrap() = Some(*limits);
        std::future::pending().await
    }
}

fn base() -> BaseUrl {
    BaseUrl::new("https://api.acme.example").unwrap()
}

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at("2026-11-22T10:00:00Z"))
}

fn watched(script: &Arc<Script>, listener: &Arc<Listener>) -> Context {
    let cx = script.context(Operation::ResendRecipient, &clock());
    cx.with_observer(Arc::clone(listener) as Arc<dyn RequestObserver>)
}

fn link(authenticator: impl Authenticator) -> Connection {
    Connection::new(VENDOR.vocabulary(), Arc::new(authenticator))
}

fn get() -> RequestBuilder {
    RequestBuilder::new(Method::GET, &["things"])
}

#[tokio::test]
async fn a_request_without_leave_is_not_sent_and_says_how_long() {
    let (script, wait) = (Script::new(), Duration::from_secs(1800));
    let listener = Arc::new(Listener { closed: Some(wait), ..Listener::default() });
    let cx = watched(&script, &listener);
    let error = cx.exchange(&link(Key), Effect::Notifies, get()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, Outcome::NoEffect));
    assert_eq!((error.retry(), error.attempts()), (Retry::After(Some(wait)), 0));
    assert!(script.finish().is_empty());
    assert_eq!(listener.inside.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn requests_for_tokens_need_no_leave_and_are_told_as_renewals() {
    let (script, listener) = (Script::new(), Arc::new(Listener::default()));
    script.raw(200, &[], "");
    script.raw(429, &[("x-a", "1"), ("x-b", "2")], "OVER");
    let cx = watched(&script, &listener);
    let error = cx.exchange(&link(Tokens), Effect::Read, get()).await.unwrap_err();
    assert_eq!(error.attempts(), 1, "the request for the token is no attempt of the step");
    assert_eq!(listener.heard(), "renewed true, answer with 2 headers, unmapped");
    assert_eq!(listener.entered.load(Ordering::SeqCst), 1);

    script.fail(TransportFault::Connect, Phase::BeforeSending);
    let listener = Arc::new(Listener::default());
    let cx = watched(&script, &listener);
    cx.exchange(&link(Tokens), Effect::Read, get()).await.unwrap_err();
    assert_eq!(listener.heard(), "renewed false");
}

#[tokio::test]
async fn a_refused_token_counts_two_attempts_though_another_token_was_got_between() {
    let script = Script::new();
    for status in [200, 401, 200, 401] {
        script.raw(status, &[], "");
    }
    let cx = watched(&script, &Arc::default());
    let error = cx.exchange(&link(Tokens), Effect::Notifies, get()).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome()), (2, Outcome::Refused));
    assert_eq!(cx.possible_effect(), None);
}

#[tokio::test]
async fn leave_is_given_back_after_answers_failures_and_drops() {
    let (script, listener) = (Script::new(), Arc::new(Listener::default()));
    script.raw(200, &[], "");
    script.fail(TransportFault::Broken, Phase::AfterSending);
    let cx = watched(&script, &listener);
    cx.exchange(&link(Key), Effect::Read, get()).await.unwrap();
    cx.exchange(&link(Key), Effect::Read, get()).await.unwrap_err();
    let silent: Arc<dyn Transport> = Arc::new(Silent::default());
    let cx = Context::new(Operation::ListRecipients, silent, clock() as Arc<dyn Clock>)
        .with_observer(Arc::clone(&listener) as Arc<dyn RequestObserver>);
    {
        let link = link(Key);
        let mut call = Box::pin(cx.exchange(&link, Effect::Read, get()));
        assert!(call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
        assert_eq!(listener.inside.load(Ordering::SeqCst), 1);
    }
    assert_eq!(listener.inside.load(Ordering::SeqCst), 0);
    assert_eq!(listener.entered.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_request_takes_no_longer_than_the_call_has_left() {
    for (left, expected) in [(Some(4), 4), (Some(400), 30), (None, 30)] {
        let silent = Arc::new(Silent::default());
        let listener = Listener { time_left: left.map(Duration::from_secs), ..Listener::default() };
        let transport = Arc::clone(&silent) as Arc<dyn Transport>;
        let cx = Context::new(Operation::ListRecipients, transport, clock() as Arc<dyn Clock>)
            .with_observer(Arc::new(listener));
        let link = link(Key);
        let mut call = Box::pin(cx.exchange(&link, Effect::Read, get()));
        assert!(call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
        assert_eq!(silent.0.lock().unwrap().unwrap().timeout, Duration::from_secs(expected));
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_on_the_way_knows_what_it_may_have_done() {
    for (effect, may) in [
        (Effect::Read, None),
        (Effect::MintsLink, Some(Effect::MintsLink)),
        (Effect::Notifies, Some(Effect::Notifies)),
    ] {
        let silent: Arc<dyn Transport> = Arc::new(Silent::default());
        let cx = Context::new(Operation::ListRecipients, silent, clock() as Arc<dyn Clock>);
        {
            let link = link(Key);
            let mut call = Box::pin(cx.exchange(&link, effect, get()));
            assert_eq!(cx.possible_effect(), None);
            assert!(call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(cx.possible_effect(), may);
        assert_eq!(cx.attempts(), 1);
    }
}

/// Fails when it is notified of an answer.
#[derive(Debug)]
struct Failing;

impl RequestObserver for Failing {
    fn answered(&self, _headers: &http::HeaderMap, _now: Timestamp) {
        panic!("the observer fails");
    }
}

#[tokio::test]
async fn a_call_that_panics_after_the_answer_knows_what_it_may_have_done() {
    let script = Script::new();
    script.raw(200, &[], "");
    let cx = Arc::new(script.context(Operation::ResendRecipient, &clock()).with_observer(Arc::new(Failing)));
    let call = Arc::clone(&cx);
    let task =
        tokio::spawn(async move { call.exchange(&link(Key), Effect::Notifies, get()).await.map(drop) });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(cx.possible_effect(), Some(Effect::Notifies));
}

#[tokio::test]
async fn another_round_forgets_neither_what_may_have_happened_nor_what_was_sent() {
    let script = Script::new();
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    script.fail(TransportFault::Connect, Phase::BeforeSending);
    let cx = script.context(Operation::ResendRecipient, &clock());
    cx.exchange(&link(Key), Effect::Notifies, get()).await.unwrap_err();
    cx.restart();
    let error = cx.exchange(&link(Key), Effect::Read, get()).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
    assert_eq!(error.attempts(), 2);
    assert_eq!(cx.possible_effect(), Some(Effect::Notifies));
}

#[tokio::test]
async fn a_refused_step_leaves_nothing_behind() {
    let script = Script::new();
    script.raw(403, &[], "");
    script.fail(TransportFault::Connect, Phase::BeforeSending);
    let cx = script.context(Operation::ResendRecipient, &clock());
    cx.exchange(&link(Key), Effect::Notifies, get()).await.unwrap_err();
    assert_eq!(cx.possible_effect(), None);
    let error = cx.exchange(&link(Key), Effect::SetsState, get()).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::NoEffect, Retry::After(None)));
}
