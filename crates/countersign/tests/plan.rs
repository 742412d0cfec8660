//! Plans at a vendor whose adapter does not tell what would follow.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use countersign::transport::{Phase, TransportFault};
use countersign::{ErrorKind, Outcome, Recipients};
use countersign_testkit::Script;

use common::{client, code, good, list, resend, view};

#[tokio::test]
async fn a_plan_reads_and_shows_the_first_step_that_does_more() {
    let script = Script::new();
    good(&script, 3);
    let client = client(&script);
    for plan in [
        client.plan(&view()).await.unwrap(),
        client.plan(&resend()).await.unwrap(),
        client.plan(&code("Marked7")).await.unwrap(),
    ] {
        assert_eq!((plan.reads, plan.steps.len(), plan.requests()), (1, 1, 2));
        assert!(plan.refusal.is_none() && plan.people.is_empty());
        assert!(!plan.complete, "the adapter does not tell what follows");
        assert!(plan.to_string().contains("The following requests are not known."));
        assert!(plan.curl().contains("# the following requests are not known"));
    }
    assert!(script.finish().iter().all(|sent| sent.method == "GET"));
}

#[tokio::test]
async fn an_adapter_that_reads_whatever_is_given_cannot_plan_offline() {
    let script = Script::new();
    let error = client(&script).plan_offline(&resend(), Recipients::new(Vec::new(), None, None)).await;
    // This adapter reads whatever is given: that is said, and not taken for a refusal of the call.
    let error = error.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unsupported, Outcome::NoEffect));
    assert!(error.hint().starts_with("plan without a list"), "{}", error.hint());
    assert!(script.finish().is_empty());
}

#[tokio::test]
async fn reads_are_repeated_as_usual_and_counted_once() {
    let script = Script::new();
    script.fail(TransportFault::Connect, Phase::BeforeSending);
    good(&script, 1);
    tokio::time::pause();
    let plan = client(&script).plan(&resend()).await.unwrap();
    assert_eq!((plan.reads, plan.steps.len(), script.finish().len()), (1, 1, 2));
}

#[tokio::test]
async fn what_is_in_the_way_of_reading_is_an_error() {
    let script = Script::new();
    script.raw(404, &[], "");
    let error = client(&script).plan(&list()).await.unwrap_err();
    assert_eq!((error.vendor(), error.outcome()), (Some("acme"), Outcome::NoEffect));
}
