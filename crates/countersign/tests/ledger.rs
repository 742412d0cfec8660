//! Calls under a key: made once, however often they are asked for.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Acme, builder, clock, code, envelope, good, resend, view};
use countersign::ledger::{
    CallOptions, IdempotencyKey, KeyConflict, Ledger, MemoryLedger, Resolution, Resolved, Scope,
};
use countersign::transport::{Phase, Transport, TransportFault};
use countersign::{Client, ErrorKind, Outcome, RecipientRef, ResendRecipient, Retry, RetryPolicy};
use countersign_testkit::{FaultTransport, Script, Trouble, When, Yielding, polled};
use tokio::time::advance;

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).unwrap()
}

/// A client that makes each call once, so that each answer in the script is one outcome.
fn once(script: &Arc<Script>) -> Client {
    builder(script.clone()).retry(RetryPolicy::never()).build()
}

#[test]
fn keys_are_checked() {
    for bad in ["", "a b", "ü", "a\n", &"x".repeat(129)] {
        let error = IdempotencyKey::new(bad).unwrap_err();
        assert_eq!(error.field(), "idempotency key");
    }
    assert_eq!(key("job-1:mail").as_str(), "job-1:mail");
}

#[tokio::test(start_paused = true)]
async fn the_same_request_under_the_same_key_is_sent_once_and_answered_always() {
    let script = Script::new();
    good(&script, 6);
    let client = once(&script);
    let resent = client.with_key(key("mail")).resend_recipient(&resend()).await.unwrap();
    assert_eq!(client.clone().with_key(key("mail")).resend_recipient(&resend()).await.unwrap(), resent);
    let link = client.with_key(key("link")).create_view(&view()).await.unwrap();
    let again = client.with_key(key("link")).create_view(&view()).await.unwrap();
    assert_eq!(link.link.expose(), again.link.expose());
    let changed = client.with_key(key("code")).change_access_code(&code("4711")).await.unwrap();
    assert_eq!(client.with_key(key("code")).change_access_code(&code("4711")).await.unwrap(), changed);
    assert_eq!(script.finish().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn an_envelope_id_in_another_letter_case_is_no_other_request() {
    let script = Script::new();
    good(&script, 2);
    let keyed = once(&script).with_key(key("mail"));
    for id in ["5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001", "5E29DC8D-54BB-4A7A-9A1C-33F0E2B5A001"] {
        let mut request = resend();
        request.envelope = id.parse().unwrap();
        keyed.resend_recipient(&request).await.unwrap();
    }
    assert_eq!(script.finish().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_request_under_the_key_is_refused_unsent() {
    let script = Script::new();
    good(&script, 2);
    let client = once(&script);
    let keyed = client.with_key(key("k"));
    keyed.change_access_code(&code("4711")).await.unwrap();
    let other = |error: countersign::Error| {
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidRequest, Outcome::NoEffect));
        assert_eq!((error.attempts(), error.retry()), (0, Retry::Never));
        assert_eq!(KeyConflict::of(&error), Some(KeyConflict::OtherRequest));
        assert!(!format!("{error:?}").contains("4712"));
    };
    other(keyed.change_access_code(&code("4712")).await.unwrap_err());
    other(keyed.resend_recipient(&resend()).await.unwrap_err());
    let named = ResendRecipient::new(envelope(), "email:a@b.example".parse::<RecipientRef>().unwrap());
    other(keyed.resend_recipient(&named).await.unwrap_err());
    script.finish();
}

#[tokio::test(start_paused = true)]
async fn each_account_has_its_own_keys_unless_they_share_a_scope() {
    let script = Script::new();
    good(&script, 4);
    let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::new());
    let account = |name: &str| builder(script.clone()).ledger(ledger.clone()).account(name);
    for name in ["a", "b"] {
        account(name).build().with_key(key("k")).resend_recipient(&resend()).await.unwrap();
    }
    let shared = account("b").scope(Scope::new("a").unwrap()).build();
    let error = shared.with_key(key("k")).resend_recipient(&resend()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(script.finish().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn those_who_come_while_the_first_is_under_way_wait_for_it() {
    let script = Script::new();
    good(&script, 2);
    let client = builder(Yielding::new(script.clone()) as Arc<dyn Transport>).build();
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let keyed = client.with_key(key("k"));
            tokio::spawn(async move { keyed.resend_recipient(&resend()).await.unwrap() })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().expects_mail());
    }
    assert_eq!(script.finish().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_the_first_fails_without_effect_the_next_who_waited_makes_the_call() {
    let script = Script::new();
    script.raw(403, &[], "");
    good(&script, 2);
    let client = builder(Yielding::new(script.clone()) as Arc<dyn Transport>).build();
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let keyed = client.with_key(key("k"));
            tokio::spawn(async move { keyed.resend_recipient(&resend()).await.is_ok() })
        })
        .collect();
    let mut succeeded = 0;
    for call in calls {
        succeeded += usize::from(call.await.unwrap());
    }
    assert_eq!((succeeded, script.finish().len()), (4, 3));
}

#[tokio::test(start_paused = true)]
async fn a_failure_without_effect_and_a_refusal_free_the_key() {
    for trouble in
        [(|s: &Script| s.fail(TransportFault::Connect, Phase::BeforeSending)) as fn(&Script), |s| {
            s.raw(409, &[], "");
        }]
    {
        let script = Script::new();
        good(&script, 1);
        trouble(&script);
        good(&script, 2);
        let keyed = once(&script).with_key(key("k"));
        keyed.resend_recipient(&resend()).await.unwrap_err();
        keyed.resend_recipient(&resend()).await.unwrap();
        script.finish();
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_stays_unknown_until_it_is_resolved() {
    for resolution in [Resolution::DidNotHappen, Resolution::Happened] {
        let script = Script::new();
        good(&script, 1);
        script.fail(TransportFault::Timeout, Phase::AfterSending);
        good(&script, 2);
        let client = once(&script);
        let resolve = async || client.resolve(&key("k"), resolution, "ops", "looked").await.unwrap();
        let keyed = client.with_key(key("k"));
        assert_eq!(resolve().await, Resolved::NotUnknown, "there is nothing to resolve yet");
        for _ in 0..3 {
            let error = keyed.resend_recipient(&resend()).await.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
            assert_eq!(error.retry(), Retry::Never);
            advance(Duration::from_secs(48 * 3600)).await;
        }
        assert_eq!(script.sent().len(), 2);
        assert_eq!(resolve().await, Resolved::Changed);
        assert_eq!(resolve().await, Resolved::NotUnknown, "resolved once is resolved");
        let after = keyed.resend_recipient(&resend()).await;
        match resolution {
            Resolution::DidNotHappen => assert!(after.is_ok()),
            Resolution::Happened => {
                let error = after.unwrap_err();
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidRequest, Outcome::NoEffect));
                assert_eq!(script.sent().len(), 2);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_cut_at_its_deadline_is_written_down_as_what_it_is() {
    // Cut while it read the list, the next makes the call; cut while it mailed, no call does.
    for (cut, next) in [("GET", (true, 3)), ("POST", (false, 2))] {
        let script = Script::new();
        good(&script, 4);
        let faulty = FaultTransport::new(script.clone());
        faulty.add(When::method(cut).nth(1), Trouble::HangsAfter);
        let keyed = builder(faulty as Arc<dyn Transport>).build().with_key(key("k"));
        keyed.resend_recipient(&resend()).await.unwrap_err();
        let second = keyed.resend_recipient(&resend()).await;
        assert_eq!((second.is_ok(), script.sent().len()), next, "{cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_frees_the_key_only_if_nothing_can_have_happened() {
    // Each request takes two polls more: one before it is sent, one after its answer.
    let mut table = String::new();
    for polls in 1..=5 {
        let script = Script::new();
        good(&script, 4);
        let client = builder(Yielding::new(script.clone()) as Arc<dyn Transport>).build();
        let keyed = client.with_key(key("k"));
        let done = polled(keyed.resend_recipient(&resend()), polls).await.is_some();
        assert_eq!((client.budget().in_flight, client.budget().waiting), (0, 0));
        let mails = |script: &Script| script.sent().iter().filter(|sent| sent.method == "POST").count();
        let before = mails(&script);
        let next = match keyed.resend_recipient(&resend()).await {
            Ok(_) => "a reply".to_owned(),
            Err(error) => format!("{:?}, {:?}", error.kind(), error.outcome()),
        };
        let mailed = mails(&script);
        table += &format!(
            "dropped after {polls} polls: done {done}, {before} mailed; then {next}, {mailed} mailed\n"
        );
        assert!(mailed <= 1, "{table}");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_another_call_ends_as_the_options_say() {
    let script = Script::new();
    good(&script, 1);
    let faulty = FaultTransport::new(script.clone());
    faulty.add(When::any(), Trouble::HangsAfter);
    let client = builder(faulty as Arc<dyn Transport>).build();
    let options = CallOptions { key: Some(key("k")), ..CallOptions::default() };
    let first = client.with(CallOptions { deadline: Some(Duration::MAX), ..options.clone() });
    let first = tokio::spawn(async move { first.resend_recipient(&resend()).await });
    tokio::task::yield_now().await;
    for (options, seconds) in [
        (options.clone(), 10),
        (CallOptions { deadline: Some(Duration::from_secs(4)), ..options.clone() }, 4),
        (CallOptions { wait_for_running: Some(Duration::from_secs(30)), ..options.clone() }, 30),
        (CallOptions { wait_for_running: Some(Duration::ZERO), ..options }, 0),
    ] {
        let began = tokio::time::Instant::now();
        let error = client.with(options).resend_recipient(&resend()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NoEffect));
        assert_eq!((error.retry(), error.attempts()), (Retry::After(None), 0));
        assert_eq!(began.elapsed().as_millis() / 10, seconds * 100);
    }
    first.abort();
}

#[tokio::test(start_paused = true)]
async fn options_that_are_given_later_keep_the_earlier_ones() {
    let script = Script::new();
    good(&script, 2);
    let keyed = once(&script).with_key(key("mail"));
    keyed.resend_recipient(&resend()).await.unwrap();
    let short = keyed.with(CallOptions { deadline: Some(Duration::from_secs(3)), ..CallOptions::default() });
    short.resend_recipient(&resend()).await.unwrap();
    assert_eq!(script.finish().len(), 2, "sent once");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_for_one_call_is_in_its_error() {
    let script = Script::new();
    good(&script, 1);
    let faulty = FaultTransport::new(script);
    faulty.add(When::any(), Trouble::HangsAfter);
    let client = builder(faulty as Arc<dyn Transport>).build();
    let short = client.with(CallOptions { deadline: Some(Duration::from_secs(3)), ..CallOptions::default() });
    let error = short.list_recipients(&common::list()).await.unwrap_err();
    assert_eq!(error.message(), "the call did not finish within 3 s");
}

#[tokio::test(start_paused = true)]
async fn entries_expire_and_a_link_no_later_than_it_works() {
    let script = Script::new();
    good(&script, 12);
    let client = |acme| Client::builder(Arc::new(acme)).transport(script.clone()).clock(clock()).build();
    let short = Acme { link_life: Some(Duration::from_secs(60)), ..Acme::default() };
    let unknown = Acme { link_life: None, ..Acme::default() };
    for (client, life) in [(client(short), 60), (client(unknown), 300)] {
        let keyed = client.with_key(key("link"));
        keyed.create_view(&view()).await.unwrap();
        let sent = script.sent().len();
        advance(Duration::from_secs(life - 1)).await;
        keyed.create_view(&view()).await.unwrap();
        assert_eq!(script.sent().len(), sent);
        advance(Duration::from_secs(1)).await;
        keyed.create_view(&view()).await.unwrap();
        assert_eq!(script.sent().len(), sent + 2);
    }
    let client = client(Acme::default());
    client.with_key(key("mail")).resend_recipient(&resend()).await.unwrap();
    advance(Duration::from_secs(24 * 3600)).await;
    client.with_key(key("mail")).resend_recipient(&resend()).await.unwrap();
    assert_eq!(script.finish().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn the_book_is_bounded_and_never_forgets_what_is_unresolved() {
    let script = Script::new();
    let ledger = Arc::new(MemoryLedger::new().at_most(2));
    let client =
        builder(script.clone()).retry(RetryPolicy::never()).ledger(ledger.clone() as Arc<dyn Ledger>).build();
    good(&script, 6);
    for name in ["a", "b", "c"] {
        client.with_key(key(name)).resend_recipient(&resend()).await.unwrap();
    }
    assert_eq!(ledger.len(), 2);
    for name in ["x", "y"] {
        good(&script, 1);
        script.raw(502, &[], "");
        client.with_key(key(name)).resend_recipient(&resend()).await.unwrap_err();
    }
    let sent = script.finish().len();
    let full = client.with_key(key("z")).resend_recipient(&resend()).await.unwrap_err();
    assert_eq!((full.kind(), full.outcome()), (ErrorKind::Unavailable, Outcome::NoEffect));
    let known = client.with_key(key("x")).resend_recipient(&resend()).await.unwrap_err();
    assert_eq!(known.outcome(), Outcome::Unknown);
    assert_eq!(script.sent().len(), sent);
}

#[tokio::test(start_paused = true)]
async fn the_book_shows_no_secret() {
    let script = Script::new();
    good(&script, 4);
    let ledger = Arc::new(MemoryLedger::new());
    let client = builder(script).ledger(ledger.clone() as Arc<dyn Ledger>).build();
    let keyed = client.with_key(key("k"));
    keyed.create_view(&view()).await.unwrap();
    client.with_key(key("c")).change_access_code(&code("marked-code")).await.unwrap();
    let shown = format!("{ledger:?} {client:?} {keyed:?}");
    assert!(!shown.contains("marked-"), "{shown}");
}
