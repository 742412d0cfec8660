//! The end of a call's time, and what a call that was cut says of itself.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{builder, code, good, list, resend, view};
use countersign::transport::{Limits, Transport};
use countersign::{Client, Error, ErrorKind, Outcome, Retry};
use countersign_testkit::{FaultTransport, Script, Trouble, When};
use tokio::time::Instant;

const DEADLINE: Duration = Duration::from_secs(5);

fn hanging(when: When) -> (Arc<Script>, Client) {
    let script = Script::new();
    good(&script, 8);
    let faulty = FaultTransport::new(script.clone());
    faulty.add(when, Trouble::HangsAfter);
    // The transport of the test ignores the time of a single request, so the call's has to end it.
    let limits = Limits::default().with_timeout(Duration::from_secs(1));
    let client = builder(faulty as Arc<dyn Transport>).limits(limits).deadline(DEADLINE).build();
    (script, client)
}

fn told(error: &Error) -> (ErrorKind, Outcome, Retry, u32) {
    (error.kind(), error.outcome(), error.retry(), error.attempts())
}

#[tokio::test(start_paused = true)]
async fn a_cut_call_tells_what_it_may_have_done() {
    let after = Retry::After(None);
    for (what, when, expected) in [
        ("list", When::method("GET"), (ErrorKind::Timeout, Outcome::NoEffect, after, 1)),
        ("resend", When::method("GET"), (ErrorKind::Timeout, Outcome::NoEffect, after, 1)),
        ("resend", When::method("POST"), (ErrorKind::Timeout, Outcome::Unknown, Retry::Never, 1)),
        ("code", When::method("POST"), (ErrorKind::Timeout, Outcome::Unknown, after, 1)),
        ("view", When::method("POST"), (ErrorKind::Timeout, Outcome::Unknown, after, 1)),
    ] {
        let (_, client) = hanging(when);
        let begun = Instant::now();
        let error = match what {
            "list" => client.list_recipients(&list()).await.unwrap_err(),
            "resend" => client.resend_recipient(&resend()).await.unwrap_err(),
            "code" => client.change_access_code(&code("4711")).await.unwrap_err(),
            _ => client.create_view(&view()).await.unwrap_err(),
        };
        assert_eq!(told(&error), expected, "{what}");
        assert_eq!(begun.elapsed(), DEADLINE);
        assert_eq!(error.vendor(), Some("acme"));
        assert_eq!(client.budget().in_flight, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_cut_in_a_later_round_remembers_the_earlier_ones() {
    let script = Script::new();
    good(&script, 1);
    script.raw(503, &[], "");
    good(&script, 8);
    let faulty = FaultTransport::new(script.clone());
    faulty.add(When::method("GET").nth(2), Trouble::HangsBefore);
    let client = builder(faulty as Arc<dyn Transport>).deadline(DEADLINE).build();
    let error = client.change_access_code(&code("4711")).await.unwrap_err();
    // Only a list was under way when it was cut, but the change before it may have been made.
    assert_eq!(told(&error), (ErrorKind::Timeout, Outcome::Unknown, Retry::After(None), 2));
}

#[tokio::test(start_paused = true)]
async fn pauses_end_before_the_deadline() {
    let script = Script::new();
    for _ in 0..4 {
        script.raw(503, &[], "");
    }
    let client = builder(script.clone()).deadline(Duration::from_millis(700)).build();
    let begun = Instant::now();
    let error = client.list_recipients(&list()).await.unwrap_err();
    // 250 ms are slept; the 500 ms after them would end behind the deadline.
    assert_eq!(begun.elapsed(), Duration::from_millis(250));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unavailable, 2));
}

#[tokio::test(start_paused = true)]
async fn without_a_deadline_a_call_waits() {
    let script = Script::new();
    good(&script, 1);
    let faulty = FaultTransport::new(script);
    faulty.add(When::any(), Trouble::HangsAfter);
    let client = builder(faulty as Arc<dyn Transport>).deadline(Duration::MAX).build();
    let request = list();
    let call = client.list_recipients(&request);
    assert!(tokio::time::timeout(Duration::from_secs(86_400), call).await.is_err());
}
