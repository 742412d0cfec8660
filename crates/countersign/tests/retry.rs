//! What is repeated, how often, and after which pause. Time is tokio's, which stands still but for sleeping.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Acme, builder, client, code, good, list, resend, view};
use countersign::transport::{Phase, TransportFault};
use countersign::{Client, Error, ErrorKind, Outcome, Retry, RetryPolicy};
use countersign_testkit::Script;
use tokio::time::Instant;

/// What went wrong at the changing step, and the result: requests sent, the error if one was left.
async fn meet(operation: &str, trouble: fn(&Script)) -> (usize, Option<Error>) {
    let script = Script::new();
    good(&script, 1);
    trouble(&script);
    good(&script, 2);
    let client = client(&script);
    let error = match operation {
        "view" => client.create_view(&view()).await.err(),
        "code" => client.change_access_code(&code("4711")).await.err(),
        _ => client.resend_recipient(&resend()).await.err(),
    };
    (script.sent().len(), error)
}

#[tokio::test(start_paused = true)]
async fn repetition_follows_effect_and_outcome() {
    let mut table = String::new();
    for (name, trouble) in [
        ("not sent", (|s: &Script| s.fail(TransportFault::Connect, Phase::BeforeSending)) as fn(&Script)),
        ("timeout", |s| s.fail(TransportFault::Timeout, Phase::AfterSending)),
        ("cut", |s| s.fail(TransportFault::Broken, Phase::AfterSending)),
        ("503", |s| s.raw(503, &[], "")),
        ("429", |s| s.raw(429, &[], "")),
        ("423", |s| s.raw(423, &[], "")),
        ("unreadable", |s| s.raw(200, &[], "<html>")),
        ("400", |s| s.raw(400, &[], "")),
    ] {
        for operation in ["view", "code", "resend"] {
            let (sent, error) = meet(operation, trouble).await;
            let end = error.map_or("done".to_owned(), |error| {
                assert_eq!(error.attempts(), 1, "{name} {operation}");
                format!("{:?} {:?}", error.outcome(), error.retry())
            });
            table += &format!("{name:11} {operation:7} {sent} requests, {end}\n");
        }
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_may_have_gone_out_is_sent_once_whatever_happens_around_it() {
    for trouble in [
        (|s: &Script| s.fail(TransportFault::Timeout, Phase::AfterSending)) as fn(&Script),
        |s| s.raw(502, &[], "<html>"),
        |s| s.raw(200, &[], ""),
    ] {
        let script = Script::new();
        // Two rounds fail before anything is mailed, and may be repeated; the third mails, perhaps.
        script.raw(503, &[], "");
        good(&script, 1);
        script.fail(TransportFault::Connect, Phase::BeforeSending);
        good(&script, 1);
        trouble(&script);
        good(&script, 8);
        let error = client(&script).resend_recipient(&resend()).await.unwrap_err();
        assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
        assert_eq!(error.attempts(), 3, "one per round");
        let posts = script.sent().iter().filter(|sent| sent.method == "POST").count();
        assert_eq!(posts, 2, "one that was not sent, one that may have been");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_is_wrong_about_a_mail_is_not_believed() {
    let script = Script::new();
    good(&script, 8);
    let confused = Acme { confused: true, ..Acme::default() };
    let client = Client::builder(Arc::new(confused)).transport(script.clone()).build();
    let error = client.resend_recipient(&resend()).await.unwrap_err();
    assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never));
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn pauses_double_and_the_last_error_tells_how_often_it_was_tried() {
    let script = Script::new();
    for _ in 0..4 {
        script.raw(503, &[], "");
    }
    let begun = Instant::now();
    let error = client(&script).list_recipients(&list()).await.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::from_millis(250 + 500 + 1000));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 4));
    assert_eq!((error.outcome(), error.retry()), (Outcome::NoEffect, Retry::After(None)));
    script.finish();
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_never_longer_than_the_cap_and_chance_may_make_it_nothing() {
    for (jitter, elapsed) in [((|| 1.0) as fn() -> f64, 100 + 150 + 150), (|| 0.0, 0)] {
        let script = Script::new();
        for _ in 0..3 {
            script.raw(503, &[], "");
        }
        good(&script, 1);
        let policy = RetryPolicy {
            base: Duration::from_millis(100),
            cap: Duration::from_millis(150),
            jitter,
            ..RetryPolicy::default()
        };
        let client = builder(script.clone()).retry(policy).build();
        let begun = Instant::now();
        client.list_recipients(&list()).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_millis(elapsed));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_vendor_named_is_kept() {
    for (headers, seconds) in [
        (vec![("retry-after", "7")], 7),
        (vec![("retry-after", "Sun, 22 Nov 2026 10:00:12 GMT")], 12),
        (vec![("retry-after", "6.5s")], 7),
        // Past the reset; the gate of the budget and the pause are the same wait, not two.
        (vec![("x-acme-left", "0"), ("x-acme-reset", "1795341620")], 20),
    ] {
        let script = Script::new();
        script.raw(429, &headers, "");
        good(&script, 1);
        let begun = Instant::now();
        client(&script).list_recipients(&list()).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_secs(seconds), "{headers:?}");
        script.finish();
    }
}

#[tokio::test(start_paused = true)]
async fn waits_beyond_the_deadline_or_the_policy_are_returned_and_not_slept() {
    for (wait, deadline, policy) in [
        ("3000", 7200, RetryPolicy::default()),
        ("25", 20, RetryPolicy::default()),
        ("1", 60, RetryPolicy::never()),
    ] {
        let script = Script::new();
        good(&script, 1);
        script.raw(429, &[("retry-after", wait)], "");
        let client = builder(script.clone()).retry(policy).deadline(Duration::from_secs(deadline)).build();
        let begun = Instant::now();
        let error = client.resend_recipient(&resend()).await.unwrap_err();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        let wait = Duration::from_secs(wait.parse().unwrap());
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::After(Some(wait))));
        assert_eq!(error.outcome(), Outcome::Refused);
        script.finish();
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeated_change_never_claims_to_have_had_no_effect() {
    let script = Script::new();
    good(&script, 1);
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    // In the second round the vendor refuses; the first may have changed the code all the same.
    good(&script, 1);
    script.raw(400, &[], "");
    let error = client(&script).change_access_code(&code("4711")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidRequest, Outcome::Unknown));
    script.finish();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_said_to_the_vendor_is_refused_unsent() {
    let script = Script::new();
    let request = resend().with_message("hello");
    let error = client(&script).resend_recipient(&request).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unsupported, 0));
    assert_eq!(error.vendor(), Some("acme"));
    script.finish();
}
