//! A vendor that limits groups of routes: its calls are counted before they are sent, and a group that is used up, by
//! the count or by a refusal, holds no other.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

mod common;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use common::{Acme, Key, clock, good, list, view};
use countersign::auth::Connection;
use countersign::budget::Budget;
use countersign::provider::{Descriptor, Facts, Settings};
use countersign::{Client, ClientBuilder, ErrorKind, Outcome, Problem, Retry};
use countersign_testkit::Script;
use tokio::time::Instant;

const FACTS: &str = r#"
title = "Acme Sign"

[[limit]]
name = "lists"
routes = ["GET /list"]
calls = 3
within = "1m"
trial_calls = 2
evidence = "documented"
source = "docs.example"

[[limit]]
name = "views"
routes = ["POST /view", "POST /other/{id}"]
calls = 1
within = "2m"
evidence = "documented"
source = "docs.example"
"#;

static LIMITED: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: None,
    build: |_| Err(countersign::Error::new(ErrorKind::Config, "not in this test")),
    offline: || Err(countersign::Error::new(ErrorKind::Config, "not in this test")),
};

fn builder(script: &Arc<Script>) -> ClientBuilder {
    let link = Connection::new(LIMITED.vocabulary(), Arc::new(Key));
    let acme = Acme { link, ..Acme::default() };
    Client::builder(Arc::new(acme)).transport(Arc::clone(script) as Arc<_>).clock(clock())
}

/// Any minute counts, not that of the clock: each call is free again a minute after it arrived, at most a second later
/// than it left.
#[tokio::test(start_paused = true)]
async fn a_call_too_many_waits_until_the_oldest_no_longer_counts() {
    let script = Script::new();
    good(&script, 5);
    let client = builder(&script).deadline(Duration::from_secs(90)).build();
    let begun = Instant::now();
    let mut sent_at = Vec::new();
    for _ in 0..5 {
        client.list_recipients(&list()).await.unwrap();
        sent_at.push(begun.elapsed().as_secs());
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert_eq!(sent_at, [0, 10, 20, 61, 71]);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_used_up_holds_no_other_and_keeps_no_place() {
    let script = Script::new();
    good(&script, 4);
    let client = builder(&script).budget(Budget::new(1)).deadline(Duration::from_secs(150)).build();
    let begun = Instant::now();
    client.create_view(&view()).await.unwrap();
    let request = view();
    let mut second = Box::pin(client.create_view(&request));
    // It has read the list, and waits for the other group.
    assert!(tokio::time::timeout(Duration::from_secs(1), second.as_mut()).await.is_err());
    assert_eq!((client.budget().in_flight, client.budget().waiting), (0, 1));
    client.list_recipients(&list()).await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(1), "the list did not wait");
    good(&script, 1);
    second.await.unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(121));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_its_group_alone() {
    let script = Script::new();
    good(&script, 1);
    script.raw(429, &[("retry-after", "600")], "{}");
    let client = builder(&script).build();
    let error = client.create_view(&view()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    good(&script, 2);
    client.list_recipients(&list()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(200)).await;
    let error = client.create_view(&view()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, Outcome::NoEffect));
    assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(400))));
    let sent = script.finish();
    let sent: Vec<_> = sent.iter().filter_map(|sent| sent.url.rsplit('/').next()).collect();
    assert_eq!(sent, ["list", "view", "list", "list"], "the second view was not sent");
}

/// For an account with other limits than the documented ones.
#[tokio::test(start_paused = true)]
async fn without_a_count_only_refusals_hold() {
    let script = Script::new();
    good(&script, 5);
    let client = builder(&script).budget(Budget::default().uncounted()).build();
    let begun = Instant::now();
    for _ in 0..5 {
        client.list_recipients(&list()).await.unwrap();
    }
    script.raw(429, &[("retry-after", "600")], "{}");
    client.list_recipients(&list()).await.unwrap_err();
    client.list_recipients(&list()).await.unwrap_err();
    assert_eq!((begun.elapsed(), script.finish().len()), (Duration::ZERO, 6), "the last was not sent");
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_told_for_each_group_by_its_own_count() {
    let script = Script::new();
    good(&script, 2);
    let client = builder(&script).build();
    client.create_view(&view()).await.unwrap();
    insta::assert_json_snapshot!(client.budget().routes, @r#"
    [
      {
        "name": "lists",
        "limit": 3,
        "remaining": 2,
        "reset_at": "2026-11-22T10:01:01Z"
      },
      {
        "name": "views",
        "limit": 1,
        "remaining": 0,
        "reset_at": "2026-11-22T10:02:01Z"
      }
    ]
    "#);
    tokio::time::sleep(Duration::from_secs(61)).await;
    let left: Vec<_> = client.budget().routes.iter().map(|route| route.window.remaining).collect();
    assert_eq!(left, [Some(3), Some(0)]);
    assert_eq!(client.budget().limit, None);
}

/// The account's key `limits`, at the vendor that limits groups of routes.
#[tokio::test(start_paused = true)]
async fn an_account_may_be_for_trying_out_or_have_other_limits() {
    let left = |word: &str| {
        let values = serde_json::json!({ "limits": word });
        let settings = Settings::new("accounts.a", values.as_object().unwrap().clone(), None, |_| None);
        Budget::from_settings(&LIMITED, &settings)
    };
    for (word, lists) in [("documented", 3), ("trial", 2), ("uncounted", 9)] {
        let script = Script::new();
        good(&script, 9);
        let client = builder(&script).budget(left(word).unwrap()).deadline(Duration::from_secs(5)).build();
        let mut done = 0;
        while done < 9 && client.list_recipients(&list()).await.is_ok() {
            done += 1;
        }
        assert_eq!(done, lists, "{word}");
    }
    assert!(left("none").unwrap_err().hint().contains("documented, trial, uncounted"));
}
