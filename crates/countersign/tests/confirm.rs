//! What the vendor says beside the hint, asked as seldom as the vendor wants to be asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use countersign::auth::CodeGrant;
use countersign::provider::Facts;
use countersign::provider::{Context, Descriptor, Provider};
use countersign::returns::{Confirmed, Confirmer, MemoryReadings, Reading, Readings, ReturnOutcome, Verdict};
use countersign::{
    Access, AccessCodeChanged, AccessCodeState, ChangeAccessCode, Client, CreateView, EnvelopeId,
    EnvelopeStatus, Error, ErrorKind, IdentityCheck, ListRecipients, Outcome, Problem, Recipient,
    RecipientId, RecipientRef, RecipientStatus, Recipients, ResendRecipient, Resent, Result, Retry, Role,
    SigningView,
};
use countersign_testkit::FakeClock;

const QUARTER: Duration = Duration::from_secs(15 * 60);

const EASY_FACTS: &str = r#"
title = "Acme Sign"

[capabilities]
list_recipients = { support = "native", evidence = "documented", source = "docs.example" }
"#;
const STRICT_FACTS: &str = r#"
title = "Acme Sign"

[facts]
polling = { value = "15m", evidence = "documented", source = "docs.example" }

[capabilities]
list_recipients = { support = "native", evidence = "documented", source = "docs.example" }
"#;

const fn vendor(facts: fn() -> Facts) -> Descriptor {
    Descriptor {
        name: "acme",
        facts: LazyLock::new(facts),
        read_problem: |status, _, _| Problem::new(status),
        webhooks: None,
        build: |_| Err(Error::new(ErrorKind::Config, "none")),
        offline: || Err(Error::new(ErrorKind::Config, "none")),
    }
}

static STRICT: Descriptor = vendor(|| Facts::load("acme", STRICT_FACTS));
static EASY: Descriptor = vendor(|| Facts::load("acme", EASY_FACTS));

/// Tells of one recipient, and counts how often it was asked.
#[derive(Debug)]
struct Vendor {
    descriptor: &'static Descriptor,
    person: Mutex<Recipient>,
    asked: Mutex<usize>,
    broken: Mutex<bool>,
}

#[async_trait]
impl Provider for Vendor {
    fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    async fn create_view(&self, _: &Context, _: &CreateView) -> Result<SigningView> {
        Err(Error::new(ErrorKind::Unsupported, "not in this test"))
    }

    async fn resend_recipient(&self, _: &Context, _: &ResendRecipient) -> Result<Resent> {
        Err(Error::new(ErrorKind::Unsupported, "not in this test"))
    }

    async fn change_access_code(&self, _: &Context, _: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        Err(Error::new(ErrorKind::Unsupported, "not in this test"))
    }

    async fn list_recipients(&self, _: &Context, _: &ListRecipients) -> Result<Recipients> {
        *self.asked.lock().unwrap() += 1;
        // Others get their turn, so that calls at the same time really are.
        tokio::task::yield_now().await;
        if *self.broken.lock().unwrap() {
            return Err(Error::new(ErrorKind::PermissionDenied, "not yours"));
        }
        Ok(Recipients::new(vec![self.person.lock().unwrap().clone()], None, Some(EnvelopeStatus::Sent)))
    }

    async fn check_access(&self, _: &Context) -> Result<Access> {
        Ok(Access::new("https://api.acme.example"))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        None
    }
}

struct Case {
    vendor: Arc<Vendor>,
    clock: Arc<FakeClock>,
    confirmer: Confirmer,
}

impl Case {
    fn at(descriptor: &'static Descriptor) -> Self {
        let mut person = Recipient::new(RecipientId::new("1").unwrap(), Role::Signer);
        person.status = RecipientStatus::Viewed;
        let vendor = Arc::new(Vendor {
            descriptor,
            person: Mutex::new(person),
            asked: Mutex::default(),
            broken: Mutex::default(),
        });
        let clock = Arc::new(FakeClock::at("2026-11-22T10:00:00Z"));
        let client = Client::builder(vendor.clone()).clock(clock.clone()).build();
        Self { vendor, clock, confirmer: Confirmer::new(client) }
    }

    fn now_is(&self, change: impl FnOnce(&mut Recipient)) {
        change(&mut self.vendor.person.lock().unwrap());
    }

    fn asked(&self) -> usize {
        *self.vendor.asked.lock().unwrap()
    }

    async fn confirm(&self, envelope: &str, hint: Option<ReturnOutcome>) -> Result<Confirmed> {
        let (envelope, anna) = (EnvelopeId::new(envelope).unwrap(), "id:1".parse::<RecipientRef>().unwrap());
        self.confirmer.confirm(&envelope, &anna, hint.as_ref()).await
    }

    async fn verdict(&self, hint: Option<ReturnOutcome>) -> (Verdict, Option<ReturnOutcome>) {
        let confirmed = self.confirm("e-1", hint).await.unwrap();
        (confirmed.verdict, confirmed.established())
    }
}

/// A fresh answer about a recipient in this state, with this hint.
async fn fresh(change: fn(&mut Recipient), hint: Option<ReturnOutcome>) -> (Verdict, Option<ReturnOutcome>) {
    let case = Case::at(&STRICT);
    case.now_is(change);
    case.verdict(hint).await
}

#[tokio::test]
async fn a_fresh_answer_beside_every_hint() {
    use ReturnOutcome as O;
    use Verdict as V;
    let viewed: fn(&mut Recipient) = |_| {};
    let signed: fn(&mut Recipient) = |person| person.status = RecipientStatus::Signed;
    let reviewed: fn(&mut Recipient) = |person| {
        person.status = RecipientStatus::Signed;
        person.role = Role::Reviewer;
    };
    let declined: fn(&mut Recipient) = |person| person.status = RecipientStatus::Declined;
    let revoked: fn(&mut Recipient) = |person| person.status = RecipientStatus::Revoked;
    let locked: fn(&mut Recipient) = |person| person.access_code = AccessCodeState::Failed;
    let failed: fn(&mut Recipient) = |person| person.other_checks.push(IdentityCheck::new("SMS", true));
    let other = || O::Other("fax".to_owned());
    for (line, state, hint, verdict, established) in [
        (1, signed, Some(O::Signed), V::Agrees, Some(O::Signed)),
        (2, reviewed, Some(O::Viewed), V::Agrees, Some(O::Viewed)),
        (3, viewed, Some(O::Signed), V::NotYet, None),
        (4, declined, Some(O::Signed), V::Contradicts, Some(O::Declined)),
        (5, revoked, Some(O::Signed), V::Contradicts, None),
        (6, declined, Some(O::Declined), V::Agrees, Some(O::Declined)),
        (7, viewed, Some(O::Declined), V::NotYet, None),
        (8, signed, Some(O::Declined), V::Contradicts, Some(O::Signed)),
        (9, viewed, Some(O::Cancelled), V::Agrees, Some(O::Cancelled)),
        (10, signed, Some(O::Cancelled), V::Contradicts, Some(O::Signed)),
        (11, locked, Some(O::AccessCodeFailed), V::Agrees, Some(O::AccessCodeFailed)),
        (12, viewed, Some(O::AccessCodeFailed), V::NotYet, None),
        (13, signed, Some(O::AccessCodeFailed), V::Contradicts, Some(O::Signed)),
        (14, failed, Some(O::IdentityCheckFailed), V::Agrees, Some(O::IdentityCheckFailed)),
        (15, viewed, Some(O::IdentityCheckFailed), V::NotYet, None),
        (16, viewed, Some(O::SessionTimedOut), V::Agrees, Some(O::SessionTimedOut)),
        (17, viewed, Some(O::LinkExpired), V::Agrees, Some(O::LinkExpired)),
        (18, signed, Some(O::LinkExpired), V::Agrees, Some(O::Signed)),
        (19, viewed, Some(O::Failed), V::Agrees, Some(O::Failed)),
        (20, signed, Some(O::Failed), V::Contradicts, Some(O::Signed)),
        (21, viewed, Some(other()), V::NothingClaimed, None),
        (22, signed, None, V::NothingClaimed, Some(O::Signed)),
        (23, declined, None, V::NothingClaimed, Some(O::Declined)),
        (24, locked, None, V::NothingClaimed, Some(O::AccessCodeFailed)),
        (25, locked, Some(O::LinkExpired), V::Agrees, Some(O::AccessCodeFailed)),
        (26, viewed, None, V::NothingClaimed, None),
        (27, revoked, Some(O::Cancelled), V::Contradicts, None),
        (28, revoked, Some(O::LinkExpired), V::Agrees, None),
    ] {
        assert_eq!(fresh(state, hint).await, (verdict, established), "row {line}");
    }
}

#[tokio::test]
async fn the_vendor_is_asked_once_per_envelope_and_interval() {
    let case = Case::at(&STRICT);
    let first = case.confirm("e-1", Some(ReturnOutcome::Cancelled)).await.unwrap();
    assert!(!first.remembered);
    case.now_is(|person| person.status = RecipientStatus::Signed);
    case.clock.advance(QUARTER - Duration::from_secs(1));
    let soon = case.confirm("e-1", Some(ReturnOutcome::Signed)).await.unwrap();
    assert_eq!((soon.verdict, soon.remembered, case.asked()), (Verdict::NotYet, true, 1));
    assert_eq!((soon.asked_at, soon.ask_again_at), (first.asked_at, first.asked_at + QUARTER));
    case.confirm("e-2", None).await.unwrap();
    assert_eq!(case.asked(), 2, "another envelope is another matter");
    case.clock.advance(Duration::from_secs(1));
    assert_eq!(
        case.verdict(Some(ReturnOutcome::Signed)).await,
        (Verdict::Agrees, Some(ReturnOutcome::Signed))
    );
    assert_eq!(case.asked(), 3);
}

#[tokio::test]
async fn a_remembered_answer_tells_only_what_is_final() {
    let case = Case::at(&STRICT);
    case.now_is(|person| person.access_code = AccessCodeState::Failed);
    let locked = Some(ReturnOutcome::AccessCodeFailed);
    assert_eq!(case.verdict(locked.clone()).await, (Verdict::Agrees, locked.clone()));
    assert_eq!(case.verdict(locked.clone()).await, (Verdict::Agrees, locked), "the same page, reloaded");
    // Unlocked in the meantime, the person comes back: the old lock says nothing about that.
    let later = case.verdict(Some(ReturnOutcome::Cancelled)).await;
    assert_eq!(later, (Verdict::NotYet, Some(ReturnOutcome::Cancelled)));
    assert_eq!(case.verdict(Some(ReturnOutcome::Signed)).await, (Verdict::NotYet, None));
    assert_eq!(case.asked(), 1);

    let done = Case::at(&STRICT);
    done.now_is(|person| person.status = RecipientStatus::Signed);
    done.verdict(None).await;
    assert_eq!(
        done.verdict(Some(ReturnOutcome::Declined)).await.0,
        Verdict::Contradicts,
        "a signature is final"
    );
}

#[tokio::test]
async fn many_at_the_same_time_make_one_call() {
    let case = Case::at(&STRICT);
    let all = (0..8).map(|_| case.confirm("e-1", None));
    for one in futures_join(all).await {
        one.unwrap();
    }
    assert_eq!(case.asked(), 1);
}

/// Polls all of them in turn until each is done.
async fn futures_join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, result) in &mut running {
            if result.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *result = Some(value);
            }
        }
        if running.iter().all(|(_, result)| result.is_some()) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
    running.into_iter().filter_map(|(_, result)| result).collect()
}

#[tokio::test]
async fn a_browser_that_hangs_up_does_not_have_the_vendor_asked_twice() {
    let case = Case::at(&STRICT);
    {
        let mut left = Box::pin(case.confirm("e-1", None));
        while case.asked() == 0 {
            let first = std::future::poll_fn(|cx| std::task::Poll::Ready(left.as_mut().poll(cx))).await;
            assert!(first.is_pending(), "the vendor has not answered yet");
            tokio::task::yield_now().await;
        }
    }
    assert!(case.confirm("e-1", None).await.unwrap().remembered);
    assert_eq!(case.asked(), 1);
}

#[tokio::test]
async fn a_failed_call_is_not_remembered() {
    let case = Case::at(&STRICT);
    *case.vendor.broken.lock().unwrap() = true;
    let error = case.confirm("e-1", None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    *case.vendor.broken.lock().unwrap() = false;
    case.confirm("e-1", None).await.unwrap();
    assert_eq!(case.asked(), 2);
    let bo: RecipientRef = "id:2".parse().unwrap();
    let missing = case.confirmer.confirm(&EnvelopeId::new("e-1").unwrap(), &bo, None).await.unwrap_err();
    assert_eq!((missing.kind(), case.asked()), (ErrorKind::RecipientNotFound, 2));
}

#[tokio::test]
async fn without_a_rule_of_the_vendor_a_reload_still_asks_only_once() {
    let case = Case::at(&EASY);
    case.verdict(None).await;
    case.clock.advance(Duration::from_secs(29));
    case.verdict(None).await;
    assert_eq!(case.asked(), 1);
    case.clock.advance(Duration::from_secs(1));
    case.verdict(None).await;
    assert_eq!(case.asked(), 2);
}

#[tokio::test]
async fn as_many_envelopes_are_remembered_as_told() {
    let case = Case::at(&STRICT);
    let client = Client::builder(case.vendor.clone()).clock(case.clock.clone()).build();
    let case = Case { confirmer: Confirmer::new(client).with_limits(QUARTER, 2), ..case };
    for (envelope, asked) in [("a", 1), ("b", 2), ("a", 2), ("c", 3), ("a", 3), ("b", 4)] {
        case.confirm(envelope, None).await.unwrap();
        assert_eq!(case.asked(), asked, "{envelope}");
    }
}

/// A process that shares the readings with others.
fn process(readings: &Arc<dyn Readings>) -> Case {
    let mut case = Case::at(&STRICT);
    let client = Client::builder(case.vendor.clone()).clock(case.clock.clone()).account("sales").build();
    case.confirmer = Confirmer::new(client).with_readings(Arc::clone(readings));
    case
}

#[tokio::test(start_paused = true)]
async fn processes_ask_once_together_and_use_one_answer() {
    let readings: Arc<dyn Readings> = Arc::new(MemoryReadings::default());
    let (one, other) = (process(&readings), process(&readings));
    let signed = Some(ReturnOutcome::Signed);
    let (a, b) = tokio::join!(one.confirm("e-1", signed.clone()), other.confirm("e-1", signed.clone()));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((one.asked() + other.asked(), a.recipient, a.remembered), (1, b.recipient, false));
    assert!(b.remembered, "an answer to another process");
    let again_in = b.ask_again_at.duration_since("2026-11-22T10:00:00Z".parse().unwrap());
    assert!(again_in.as_secs() > 14 * 60 && again_in.as_secs() <= 15 * 60, "{again_in:?}");
    tokio::time::advance(QUARTER).await;
    other.clock.advance(QUARTER);
    assert!(!other.confirm("e-1", signed.clone()).await.unwrap().remembered);
    one.clock.advance(QUARTER);
    assert!(one.confirm("e-1", signed).await.unwrap().remembered);
}

#[tokio::test(start_paused = true)]
async fn a_failure_leaves_the_question_to_the_next_process_and_a_lost_answer_does_not() {
    let readings: Arc<dyn Readings> = Arc::new(MemoryReadings::default());
    let (one, other) = (process(&readings), process(&readings));
    *one.vendor.broken.lock().unwrap() = true;
    one.confirm("e-1", None).await.unwrap_err();
    assert!(!other.confirm("e-1", None).await.unwrap().remembered);
    // A process that dies while it asks.
    let scope = countersign::ledger::Scope::of_account(Some("sales"));
    let envelope = EnvelopeId::new("e-2").unwrap();
    let Reading::Allowed { .. } = readings.may_read(&scope, &envelope, QUARTER).await.unwrap() else {
        panic!("not read yet")
    };
    let error = other.confirm("e-2", None).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, Outcome::NoEffect));
    assert!(matches!(error.retry(), Retry::After(Some(wait)) if wait > QUARTER / 2));
    assert_eq!(other.asked(), 1);
}
