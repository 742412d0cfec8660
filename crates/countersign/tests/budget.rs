//! The rate budget: what it learns, when it makes calls wait, and that no call is forgotten in it.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use common::{builder, client, list};
use countersign::budget::Budget;
use countersign::transport::{Limits, Transport, TransportError};
use countersign::{EnvelopeId, ErrorKind, ListRecipients, Outcome, Retry};
use countersign_testkit::{Script, polled};
use tokio::time::Instant;

/// Ten o'clock, as the tests' clock has it, in Unix seconds.
const TEN: u64 = 1_795_341_600;

fn left(script: &Script, status: u16, remaining: u64, reset_in: u64) {
    let headers = [
        ("x-acme-limit", "1000".to_owned()),
        ("x-acme-left", remaining.to_string()),
        ("x-acme-reset", (TEN + reset_in).to_string()),
    ];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    script.raw(status, &headers, "{}");
}

/// A refusal by a limit of one kind of call has it behind that of all calls.
#[tokio::test(start_paused = true)]
async fn the_limit_of_one_kind_of_call_does_not_hold_the_others() {
    let script = Script::new();
    let client = client(&script);
    let resets = format!("{}, {}", TEN + 20, TEN + 200);
    let refused = [
        ("x-acme-limit", "1000, 1"),
        ("x-acme-left", "984, 0"),
        ("x-acme-reset", resets.as_str()),
        ("retry-after", "229"),
    ];
    script.raw(429, &refused, "{}");
    let error = client.list_recipients(&list()).await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(229))));
    left(&script, 200, 983, 20);
    let before = Instant::now();
    client.list_recipients(&list()).await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn it_learns_from_answers_and_refusals_and_tells_what_it_knows() {
    let script = Script::new();
    let client = client(&script);
    insta::assert_json_snapshot!(client.budget(), @r#"
    {
      "limit": null,
      "burst": null,
      "routes": [],
      "in_flight": 0,
      "waiting": 0,
      "max_in_flight": 64
    }
    "#);
    left(&script, 200, 998, 1800);
    client.list_recipients(&list()).await.unwrap();
    left(&script, 404, 997, 1800);
    client.clone().list_recipients(&list()).await.unwrap_err();
    script.raw(200, &[("x-acme-burst", "200"), ("x-acme-burst-left", "150")], "{}");
    client.list_recipients(&list()).await.unwrap();
    insta::assert_json_snapshot!(client.budget(), @r#"
    {
      "limit": {
        "limit": 1000,
        "remaining": 997,
        "reset_at": "2026-11-22T10:30:00Z"
      },
      "burst": {
        "limit": 200,
        "remaining": 150,
        "reset_at": null
      },
      "routes": [],
      "in_flight": 0,
      "waiting": 0,
      "max_in_flight": 64
    }
    "#);
    tokio::time::sleep(Duration::from_secs(1801)).await;
    assert_eq!(client.budget().limit, None, "the window is over, so nothing is known of the next");
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_the_reset_when_nothing_is_left() {
    let script = Script::new();
    let client = client(&script);
    left(&script, 200, 0, 40);
    left(&script, 200, 999, 3640);
    client.list_recipients(&list()).await.unwrap();
    let begun = Instant::now();
    client.list_recipients(&list()).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(40));
}

/// As BoldSign's headers were recorded: the limit is a period, the reset an instant with seven digits.
#[tokio::test(start_paused = true)]
async fn a_call_waits_in_whatever_spelling_and_form_the_headers_come() {
    let script = Script::new();
    let client = client(&script);
    let headers = [
        ("x-acme-calls", "1h"),
        ("x-acme-calls-left", "0"),
        ("x-acme-calls-reset", "2026-11-22T10:00:20.0000000Z"),
    ];
    script.raw(200, &headers, "{}");
    script.raw(200, &[], "{}");
    client.list_recipients(&list()).await.unwrap();
    let limit = client.budget().limit.unwrap();
    assert_eq!((limit.limit, limit.remaining), (None, Some(0)));
    let begun = Instant::now();
    client.list_recipients(&list()).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn a_reset_behind_the_deadline_is_told_and_nothing_is_sent() {
    let script = Script::new();
    let client = client(&script);
    left(&script, 200, 0, 1800);
    client.list_recipients(&list()).await.unwrap();
    let begun = Instant::now();
    let error = client.list_recipients(&list()).await.unwrap_err();
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, Outcome::NoEffect));
    assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(1800))));
    assert_eq!(script.finish().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_over_after_half_a_minute() {
    let script = Script::new();
    let client = client(&script);
    script.raw(200, &[("x-acme-burst", "200"), ("x-acme-burst-left", "0")], "{}");
    script.raw(200, &[], "{}");
    client.list_recipients(&list()).await.unwrap();
    let begun = Instant::now();
    client.list_recipients(&list()).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn an_account_with_something_left_or_nothing_known_never_waits() {
    let script = Script::new();
    let client = client(&script);
    let begun = Instant::now();
    for remaining in [3, 2, 1] {
        left(&script, 200, remaining, 1800);
        client.list_recipients(&list()).await.unwrap();
    }
    // A window that is over, a remainder without a reset, and what is no number, hold no call.
    for headers in [
        [("x-acme-left", "0"), ("x-acme-reset", "5")],
        [("x-acme-left", "0"), ("x-acme-limit", "9")],
        [("x-acme-left", "-1"), ("x-acme-burst-left", "none")],
    ] {
        let script = Script::new();
        let client = common::client(&script);
        script.raw(200, &headers, "{}");
        script.raw(200, &[], "{}");
        client.list_recipients(&list()).await.unwrap();
        client.list_recipients(&list()).await.unwrap();
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

/// Answers after a second, notes the order of requests and how many were there at once.
#[derive(Debug, Default)]
struct Slow {
    now: AtomicUsize,
    most: AtomicUsize,
    order: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Transport for Slow {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        self.order.lock().unwrap().push(request.uri().query().unwrap_or_default().to_owned());
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(http::Response::new(Bytes::from_static(b"{}")))
    }
}

#[tokio::test(start_paused = true)]
async fn requests_at_once_are_bounded_and_the_others_come_in_their_order() {
    let slow = Arc::new(Slow::default());
    let client = builder(Arc::clone(&slow) as Arc<dyn Transport>).budget(Budget::new(4)).build();
    let ended = Arc::new(Mutex::new(Vec::new()));
    let begun = Instant::now();
    let calls: Vec<_> = (0..22)
        .map(|number| {
            let (client, ended) = (client.clone(), Arc::clone(&ended));
            tokio::spawn(async move {
                let envelope = EnvelopeId::new(number.to_string()).unwrap();
                client.list_recipients(&ListRecipients::new(envelope)).await.unwrap();
                ended.lock().unwrap().push(number);
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let report = client.budget();
    assert_eq!((report.in_flight, report.waiting, report.max_in_flight), (4, 18, 4));
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(slow.most.load(Ordering::SeqCst), 4);
    assert_eq!(begun.elapsed(), Duration::from_secs(6));
    assert_eq!(*ended.lock().unwrap(), (0..22).collect::<Vec<_>>());
    assert_eq!((client.budget().in_flight, client.budget().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_takes_nothing_along() {
    let slow = Arc::new(Slow::default());
    let client = builder(Arc::clone(&slow) as Arc<dyn Transport>).budget(Budget::new(1)).build();
    // Dropped while sending, while waiting for the one place, and while it was just given the place.
    for times in 1..4 {
        let request = list();
        let mut first = Box::pin(client.list_recipients(&request));
        assert!(polled(first.as_mut(), 1).await.is_none());
        let mut second = Box::pin(client.list_recipients(&request));
        assert!(polled(second.as_mut(), times).await.is_none());
        assert_eq!((client.budget().in_flight, client.budget().waiting), (1, 1));
        drop(first);
        drop(second);
        assert_eq!((client.budget().in_flight, client.budget().waiting), (0, 0), "{times}");
    }
    client.list_recipients(&list()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_for_the_reset_takes_nothing_along() {
    let script = Script::new();
    let client = client(&script);
    left(&script, 200, 0, 40);
    client.list_recipients(&list()).await.unwrap();
    let request = list();
    let mut waiting = Box::pin(client.list_recipients(&request));
    assert!(polled(waiting.as_mut(), 1).await.is_none());
    assert_eq!(client.budget().waiting, 1);
    drop(waiting);
    assert_eq!((client.budget().in_flight, client.budget().waiting), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_budget_may_be_shared_by_clients_of_one_account() {
    let script = Script::new();
    let budget = Budget::default();
    let clients = [(); 2].map(|()| builder(script.clone()).budget(budget.clone()).build());
    left(&script, 200, 5, 1800);
    clients[0].list_recipients(&list()).await.unwrap();
    assert_eq!(clients[1].budget().limit.and_then(|limit| limit.remaining), Some(5));
}
