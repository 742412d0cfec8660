//! Calls under a key: what the ledger records and when, and what follows if it is slow, away, or gives the
//! key to another process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken test panics")]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{builder, code, good, resend, view};
use countersign::ledger::{
    Ask, CallOptions, CallRecord, Claim, Completed, Cursor, Ending, Finding, IdempotencyKey, InFlight,
    Ledger, LedgerLease, MemoryLedger, Resolved, Scope, UnresolvedCall,
};
use countersign::provider::Effect;
use countersign::transport::{Phase, Transport, TransportFault};
use countersign::{Client, Error, ErrorKind, Outcome, Result, Retry, RetryPolicy};
use countersign_testkit::{FaultTransport, Script, Trouble, When};
use tokio::time::{Instant, sleep, timeout};

/// What the ledger does at a step, before or instead of the step.
#[derive(Debug, Clone, Copy)]
enum Habit {
    Fails,
    Waits(Duration),
    Overtaken,
}

/// A ledger in memory that keeps its calls, and can be slow or away.
#[derive(Debug, Default)]
struct Watched {
    inner: MemoryLedger,
    heard: Mutex<Vec<String>>,
    at_mark: Mutex<VecDeque<Habit>>,
    /// Completing fails until then.
    away_until: Mutex<Option<Instant>>,
    /// How long completing takes.
    slow: Duration,
    lease: Option<Duration>,
}

impl Watched {
    fn hear(&self, what: impl Into<String>) {
        self.heard.lock().unwrap().push(what.into());
    }

    fn heard(&self) -> String {
        std::mem::take(&mut *self.heard.lock().unwrap()).join(", ")
    }

    fn habits(&self, habits: impl IntoIterator<Item = Habit>) {
        self.at_mark.lock().unwrap().extend(habits);
    }

    fn away(&self) -> Result<()> {
        let is_away = self.away_until.lock().unwrap().is_some_and(|until| Instant::now() < until);
        if is_away { Err(Error::new(ErrorKind::Unavailable, "the ledger is away")) } else { Ok(()) }
    }
}

#[async_trait]
impl Ledger for Watched {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        self.hear(format!("claim {} s", ask.lease.as_secs()));
        let lease = self.lease.unwrap_or(ask.lease);
        self.inner.claim(&Ask::new(ask.scope, ask.key, ask.request, lease, ask.about)).await
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        self.hear(format!("mark {}", effect.as_str()));
        let habit = self.at_mark.lock().unwrap().pop_front();
        match habit {
            Some(Habit::Fails) => return Err(Error::new(ErrorKind::Unavailable, "the ledger is away")),
            Some(Habit::Overtaken) => return Ok(InFlight::Overtaken),
            Some(Habit::Waits(time)) => sleep(time).await,
            None => {}
        }
        self.inner.mark_in_flight(lease, effect).await
    }

    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight> {
        self.hear(format!("renew {} s", by.as_secs()));
        self.inner.renew(lease, by).await
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        self.hear(match ending {
            Ending::Reply { .. } => "reply",
            _ => "unknown",
        });
        self.away()?;
        sleep(self.slow).await;
        self.inner.complete(lease, ending).await
    }

    async fn release(&self, lease: &LedgerLease) -> Result<()> {
        self.hear("release");
        self.away()?;
        self.inner.release(lease).await
    }

    fn abandon(&self, lease: LedgerLease, possible_effect: bool) {
        self.hear(format!("abandon {possible_effect}"));
        self.inner.abandon(lease, possible_effect);
    }

    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved> {
        self.inner.resolve(finding).await
    }

    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        self.inner.unresolved(scope, after, most).await
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        self.inner.find(scope, key).await
    }
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("k").unwrap()
}

/// A client that makes each call once.
fn client(transport: Arc<dyn Transport>, ledger: &Arc<Watched>) -> Client {
    builder(transport).retry(RetryPolicy::never()).ledger(Arc::clone(ledger) as Arc<dyn Ledger>).build()
}

fn posts(script: &Script) -> usize {
    script.sent().iter().filter(|sent| sent.method == "POST").count()
}

#[tokio::test(start_paused = true)]
async fn a_call_is_marked_before_each_stronger_effect_and_a_link_never() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 20);
    let client = client(script, &ledger);
    let keyed = |name: &str| client.with_key(IdempotencyKey::new(name).unwrap());
    keyed("mail").resend_recipient(&resend()).await.unwrap();
    assert_eq!(ledger.heard(), "claim 90 s, mark notifies, reply");
    keyed("code").change_access_code(&code("4711")).await.unwrap();
    assert_eq!(ledger.heard(), "claim 90 s, mark sets_state, reply");
    keyed("both").change_access_code(&code("4711").with_notify(true)).await.unwrap();
    assert_eq!(ledger.heard(), "claim 90 s, mark sets_state, mark notifies, reply");
    keyed("link").create_view(&view()).await.unwrap();
    assert_eq!(ledger.heard(), "claim 90 s, reply");
    client.resend_recipient(&resend()).await.unwrap();
    let plan = CallOptions { deadline: Some(Duration::from_secs(5)), ..CallOptions::default() };
    client.with(plan).change_access_code(&code("4711")).await.unwrap();
    assert_eq!(ledger.heard(), "", "a call without a key");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_overtaken_sends_nothing_and_leaves_the_key_alone() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 1);
    ledger.habits([Habit::Overtaken]);
    let error =
        client(script.clone(), &ledger).with_key(key()).resend_recipient(&resend()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NoEffect));
    assert_eq!((error.retry(), posts(&script)), (Retry::Never, 0));
}

/// The code was changed, the mail was not requested: the call is not done, and its repetition does the rest.
#[tokio::test(start_paused = true)]
async fn a_call_whose_second_step_was_not_marked_has_not_succeeded() {
    for habit in [Habit::Overtaken, Habit::Fails] {
        let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
        good(&script, 6);
        let keyed = client(script.clone(), &ledger).with_key(key());
        let both = code("4711").with_notify(true);
        // The first mark is accepted.
        ledger.habits([Habit::Waits(Duration::ZERO), habit]);
        let error = keyed.change_access_code(&both).await.unwrap_err();
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::After(None)), "{error}");
        assert_eq!(
            (ledger.heard().as_str(), posts(&script)),
            ("claim 90 s, mark sets_state, mark notifies, unknown", 1)
        );
        keyed.change_access_code(&both).await.unwrap();
        assert_eq!(posts(&script), 3, "the code twice, the mail once");
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_the_one_that_was_suspended_sends_nothing() {
    let lease = Some(Duration::from_secs(1));
    let (script, ledger) = (Script::new(), Arc::new(Watched { lease, ..Watched::default() }));
    good(&script, 3);
    let slow = FaultTransport::new(script.clone());
    slow.add(When::method("GET").nth(1), Trouble::Slow(Duration::from_secs(5)));
    let [slow, quick] =
        [slow as Arc<dyn Transport>, script.clone()].map(|transport| client(transport, &ledger));
    let slow = tokio::spawn(async move { slow.with_key(key()).resend_recipient(&resend()).await });
    sleep(Duration::from_secs(2)).await;
    quick.with_key(key()).resend_recipient(&resend()).await.unwrap();
    let error = slow.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NoEffect));
    assert_eq!(posts(&script), 1);
    quick.with_key(key()).resend_recipient(&resend()).await.unwrap();
    assert_eq!(posts(&script), 1, "the recorded reply");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_be_marked_is_not_sent_and_may_be_repeated() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 4);
    let client = client(script.clone(), &ledger);
    // Too slow: between the mark and the request, a process may have been suspended.
    for (habit, kind) in [
        (Habit::Fails, ErrorKind::Unavailable),
        (Habit::Waits(Duration::from_millis(5_100)), ErrorKind::Timeout),
    ] {
        ledger.habits([habit]);
        let error = client.with_key(key()).resend_recipient(&resend()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NoEffect));
        assert_eq!((error.retry(), posts(&script)), (Retry::After(None), 0));
        assert_eq!(ledger.heard(), "claim 90 s, mark notifies, release");
    }
    ledger.habits([Habit::Waits(Duration::from_millis(4_900))]);
    client.with_key(key()).resend_recipient(&resend()).await.unwrap();
    assert_eq!(posts(&script), 1);
}

#[tokio::test(start_paused = true)]
async fn a_repetition_after_a_pause_is_marked_again() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    for wait in ["1", "20"] {
        good(&script, 1);
        script.raw(429, &[("retry-after", wait)], "");
    }
    good(&script, 2);
    let client = builder(script.clone()).ledger(ledger.clone() as Arc<dyn Ledger>).build();
    client.with_key(key()).resend_recipient(&resend()).await.unwrap();
    assert_eq!(
        (ledger.heard().as_str(), posts(&script)),
        ("claim 90 s, mark notifies, mark notifies, reply", 3)
    );
}

/// Fails when the answer of a change is logged, as a log does that cannot be written.
struct FailingLog;

impl tracing::Subscriber for FailingLog {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Effects(bool);
        impl tracing::field::Visit for Effects {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 |= field.name() == "effect" && format!("{value:?}").contains("notifies");
            }
        }
        let mut effects = Effects(false);
        event.record(&mut effects);
        assert!(!effects.0, "the log cannot be written");
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_call_that_panics_after_its_answer_is_not_made_again() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 4);
    let client = client(Arc::clone(&script) as Arc<dyn Transport>, &ledger).with_key(key());
    // While there is one subscriber only, `tracing` asks the thread that first logs at a place, which may be that of
    // another test and have none.
    let _second = tracing::Dispatch::new(FailingLog);
    let failing = tracing::subscriber::set_default(FailingLog);
    let call = client.clone();
    let panicked = tokio::spawn(async move { call.resend_recipient(&resend()).await }).await;
    drop(failing);
    assert!(panicked.unwrap_err().is_panic());
    let error = client.resend_recipient(&resend()).await.unwrap_err();
    assert_eq!((error.outcome(), posts(&script)), (Outcome::Unknown, 1));
}

#[tokio::test(start_paused = true)]
async fn a_link_of_unknown_outcome_frees_the_key() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 1);
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    good(&script, 2);
    let client = client(script.clone(), &ledger);
    let error = client.with_key(key()).create_view(&view()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(ledger.heard(), "claim 90 s, release");
    client.with_key(key()).create_view(&view()).await.unwrap();
    assert_eq!(posts(&script), 2);
}

#[tokio::test(start_paused = true)]
async fn a_code_of_unknown_outcome_is_set_again_by_the_same_request_only() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 1);
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    let keyed = client(script.clone(), &ledger).with_key(key());
    let error = keyed.change_access_code(&code("4711")).await.unwrap_err();
    assert_eq!(
        (error.outcome(), ledger.heard().as_str()),
        (Outcome::Unknown, "claim 90 s, mark sets_state, unknown")
    );
    let error = keyed.change_access_code(&code("4712")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    // A repetition that has no effect does not undo what the first call may have done.
    script.raw(403, &[], "");
    let error = keyed.change_access_code(&code("4711")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::PermissionDenied, Outcome::Unknown));
    let error = keyed.change_access_code(&code("4712")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    good(&script, 2);
    keyed.change_access_code(&code("4711")).await.unwrap();
    let sent = script.finish().len();
    keyed.change_access_code(&code("4711")).await.unwrap();
    assert_eq!(script.sent().len(), sent, "the recorded reply");
}

#[tokio::test(start_paused = true)]
async fn an_ending_that_could_not_be_recorded_is_offered_for_five_minutes() {
    for (minutes, is_recorded) in [(4, true), (6, false)] {
        let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
        good(&script, 2);
        let client = client(script.clone(), &ledger);
        *ledger.away_until.lock().unwrap() = Some(Instant::now() + Duration::from_secs(minutes * 60));
        let resent = client.with_key(key()).resend_recipient(&resend()).await.unwrap();
        sleep(Duration::from_secs(7 * 60)).await;
        match client.with_key(key()).resend_recipient(&resend()).await {
            Ok(recorded) => assert!(is_recorded && recorded == resent, "{minutes}"),
            Err(error) => {
                assert!(!is_recorded && error.outcome() == Outcome::Unknown, "{minutes}: {error:?}");
            }
        }
        assert_eq!(posts(&script), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_could_not_be_recorded_frees_the_key_later() {
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 1);
    script.raw(403, &[], "");
    let client = client(script.clone(), &ledger);
    *ledger.away_until.lock().unwrap() = Some(Instant::now() + Duration::from_secs(30));
    client.with_key(key()).resend_recipient(&resend()).await.unwrap_err();
    sleep(Duration::from_secs(60)).await;
    good(&script, 2);
    client.with_key(key()).resend_recipient(&resend()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_its_reply_is_recorded_keeps_the_reply() {
    let slow = Duration::from_secs(3);
    let (script, ledger) = (Script::new(), Arc::new(Watched { slow, ..Watched::default() }));
    good(&script, 2);
    let keyed = client(script.clone(), &ledger).with_key(key());
    timeout(Duration::from_secs(1), keyed.resend_recipient(&resend())).await.unwrap_err();
    sleep(Duration::from_secs(10)).await;
    keyed.resend_recipient(&resend()).await.unwrap();
    assert_eq!(posts(&script), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_as_long_as_the_call_may_take_or_is_renewed() {
    for (deadline, expected) in [
        (Duration::from_secs(60), "claim 90 s"),
        (Duration::from_secs(570), "claim 600 s"),
        (Duration::from_secs(571), "claim 150 s"),
        (Duration::MAX, "claim 150 s"),
    ] {
        let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
        good(&script, 1);
        let faulty = FaultTransport::new(script);
        faulty.add(When::any(), Trouble::HangsAfter);
        let options = CallOptions { deadline: Some(deadline), ..CallOptions::default() };
        let keyed = client(faulty, &ledger).with(options).with_key(key());
        let call = tokio::spawn(async move { keyed.resend_recipient(&resend()).await });
        tokio::task::yield_now().await;
        assert_eq!(ledger.heard(), expected);
        call.abort();
    }
    let (script, ledger) = (Script::new(), Arc::new(Watched::default()));
    good(&script, 2);
    let faulty = FaultTransport::new(script);
    faulty.add(When::method("GET").nth(1), Trouble::Slow(Duration::from_secs(200)));
    let options = CallOptions { deadline: Some(Duration::MAX), ..CallOptions::default() };
    let mut limits = countersign::transport::Limits::default();
    limits.timeout = Duration::MAX;
    let client = builder(faulty).limits(limits).ledger(ledger.clone() as Arc<dyn Ledger>).build();
    client.with(options).with_key(key()).resend_recipient(&resend()).await.unwrap();
    let renewals = "renew 150 s, renew 150 s, renew 150 s";
    assert_eq!(ledger.heard(), format!("claim 150 s, {renewals}, mark notifies, reply"));
}
